import { aLaw, expand, type Law, muLaw } from './g711.ts';
import { G722Decoder } from './g722-decoder.ts';
import { longestPacketMs } from './limits.ts';
import { LossConcealment } from './loss-concealment.ts';
import { ReusedArray } from './reused-array.ts';
import type { VoiceDecoder, VoiceRate } from './voice-codec.ts';

const bytesPerMs = 8;

/** How bytes become samples; both have the same count for each millisecond, whoever sends. */
interface Waveform {
  readonly sampleRate: VoiceRate;
  decode(payload: Uint8Array, pcm: Int16Array): void;
}

/** G.711 and G.722: every byte is some samples, and holes are filled by repetition. */
class WaveformDecoder implements VoiceDecoder {
  readonly sampleRate: VoiceRate;
  readonly #waveform: Waveform;
  readonly #concealment: LossConcealment;
  readonly #pcm: ReusedArray<Int16Array>;
  #lastLength: number;

  constructor(waveform: Waveform) {
    const { sampleRate } = waveform;
    this.sampleRate = sampleRate;
    this.#waveform = waveform;
    this.#concealment = new LossConcealment(sampleRate);
    this.#pcm = new ReusedArray(new Int16Array((longestPacketMs * sampleRate) / 1000));
    this.#lastLength = sampleRate / 50;
  }

  decode(payload: Uint8Array): Int16Array {
    if (payload.length === 0) return this.conceal();
    const bytes = Math.min(payload.length, longestPacketMs * bytesPerMs);
    this.#lastLength = (bytes * this.sampleRate) / (1000 * bytesPerMs);
    const pcm = this.#pcm.ofLength(this.#lastLength);
    this.#waveform.decode(payload, pcm);
    this.#concealment.heard(pcm);
    return pcm;
  }

  conceal(): Int16Array {
    const pcm = this.#pcm.ofLength(this.#lastLength);
    this.#concealment.fill(pcm);
    return pcm;
  }

  close(): void {}
}

function g711(law: Law): Waveform {
  return { sampleRate: 8000, decode: (payload, pcm) => expand(law, payload, pcm) };
}

export function createPcmuDecoder(): VoiceDecoder {
  return new WaveformDecoder(g711(muLaw));
}

export function createPcmaDecoder(): VoiceDecoder {
  return new WaveformDecoder(g711(aLaw));
}

export function createG722Decoder(sampleRate: VoiceRate): VoiceDecoder {
  return new WaveformDecoder(new G722Decoder(sampleRate));
}
