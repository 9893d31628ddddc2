/** What a phone and this server can speak with each other, by its name in SDP (RFC 3551, RFC 7587). */
export type PhoneCodec = 'opus' | 'G722' | 'PCMU' | 'PCMA';

/** Of samples inside the mixer, Hz. */
export type VoiceRate = 8000 | 16_000;

/**
 * One voice from packets to samples. Any bytes are taken: what cannot be read is concealed, so that a stranger's packet
 * never throws.
 */
export interface VoiceDecoder {
  /** Hz, mono, of what it returns. */
  readonly sampleRate: VoiceRate;
  /** At most 120 ms of samples. They stand in an array that the next call uses again: copy what is to be kept. */
  decode(payload: Uint8Array): Int16Array;
  /**
   * In place of a packet that did not come: as long as the last one, 20 ms before the first. The array is used again.
   * `next`, where it is here already, is the packet right after: Opus may tell in it what was in the lost one.
   */
  conceal(next?: Uint8Array): Int16Array;
  /** Frees what it holds. Nothing may be asked of it afterwards. */
  close(): void;
}

/** One voice from samples to packets. */
export interface VoiceEncoder {
  /** Hz, mono, of what it takes. */
  readonly sampleRate: VoiceRate;
  /**
   * One packet's payload; the array is used again by the next call. Empty: nothing needs to be sent (Opus with DTX).
   *
   * @throws {RangeError} of what is no packet: Opus has 2.5, 5, 10, 20, 40, 60, 80, 100 and 120 ms, the others all
   *   up to 120 ms, G.722 of an even count.
   */
  encode(pcm: Int16Array): Uint8Array;
  /** Frees what it holds. Nothing may be asked of it afterwards. */
  close(): void;
}

/** All but the rate is for Opus alone; the others have nothing to choose. */
export interface EncoderOptions {
  /** What it takes; where it is not said, the codec's own: 8,000 for G.711, else 16,000. */
  readonly sampleRate?: VoiceRate;
  /** `voip` (the default) favours speech; `audio` keeps music whole, and takes about half of the time. */
  readonly application?: 'voip' | 'audio';
  /** Bits per second; 24,000 where it is not said. Voices want 12,000 to 40,000. */
  readonly bitrate?: number;
  /** In-band: each packet tells a little of the one before (RFC 6716 section 2.1.7). Best where packets are lost. */
  readonly forwardErrorCorrection?: boolean;
  /** How much of what is sent is thought to be lost, 0 to 100; 10 with error correction where it is not said. */
  readonly expectedLossPercent?: number;
  /** Nothing is sent while nothing is said (RFC 6716 section 2.1.9). */
  readonly discontinuous?: boolean;
}
