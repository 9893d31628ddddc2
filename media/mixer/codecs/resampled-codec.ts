import { Downsampler, Upsampler } from './resample.ts';
import type { VoiceDecoder, VoiceEncoder } from './voice-codec.ts';

/** A decoder of 8 kHz that answers 16 kHz. */
export class UpsampledDecoder implements VoiceDecoder {
  readonly sampleRate = 16_000;
  readonly #decoder: VoiceDecoder;
  readonly #upsampler = new Upsampler();

  constructor(decoder: VoiceDecoder) {
    this.#decoder = decoder;
  }

  decode(payload: Uint8Array): Int16Array {
    return this.#upsampler.process(this.#decoder.decode(payload));
  }

  conceal(): Int16Array {
    return this.#upsampler.process(this.#decoder.conceal());
  }

  close(): void {
    this.#decoder.close();
  }
}

/** An encoder of 8 kHz that takes 16 kHz. */
export class DownsampledEncoder implements VoiceEncoder {
  readonly sampleRate = 16_000;
  readonly #encoder: VoiceEncoder;
  readonly #downsampler = new Downsampler();

  constructor(encoder: VoiceEncoder) {
    this.#encoder = encoder;
  }

  encode(pcm: Int16Array): Uint8Array {
    return this.#encoder.encode(this.#downsampler.process(pcm));
  }

  close(): void {
    this.#encoder.close();
  }
}
