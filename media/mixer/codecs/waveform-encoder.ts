import { aLaw, compress, type Law, muLaw } from './g711.ts';
import { G722Encoder } from './g722-encoder.ts';
import { longestPacketMs } from './limits.ts';
import { ReusedArray } from './reused-array.ts';
import type { VoiceEncoder, VoiceRate } from './voice-codec.ts';

const bytesPerMs = 8;

/** How samples become bytes, of which each millisecond has eight. */
interface Waveform {
  readonly sampleRate: VoiceRate;
  encode(pcm: Int16Array, payload: Uint8Array): void;
}

/** G.711 and G.722. */
class WaveformEncoder implements VoiceEncoder {
  readonly sampleRate: VoiceRate;
  readonly #waveform: Waveform;
  readonly #samplesPerByte: number;
  readonly #payload = new ReusedArray(new Uint8Array(longestPacketMs * bytesPerMs));

  constructor(waveform: Waveform) {
    this.sampleRate = waveform.sampleRate;
    this.#waveform = waveform;
    this.#samplesPerByte = waveform.sampleRate / (1000 * bytesPerMs);
  }

  encode(pcm: Int16Array): Uint8Array {
    const bytes = pcm.length / this.#samplesPerByte;
    if (!Number.isInteger(bytes) || bytes > longestPacketMs * bytesPerMs) {
      throw new RangeError(`no packet has ${pcm.length} samples at ${this.sampleRate} Hz`);
    }
    const payload = this.#payload.ofLength(bytes);
    this.#waveform.encode(pcm, payload);
    return payload;
  }

  close(): void {}
}

function g711(law: Law): Waveform {
  return { sampleRate: 8000, encode: (pcm, payload) => compress(law, pcm, payload) };
}

export function createPcmuEncoder(): VoiceEncoder {
  return new WaveformEncoder(g711(muLaw));
}

export function createPcmaEncoder(): VoiceEncoder {
  return new WaveformEncoder(g711(aLaw));
}

export function createG722Encoder(sampleRate: VoiceRate): VoiceEncoder {
  return new WaveformEncoder(new G722Encoder(sampleRate));
}
