import { createEncoder } from '../codecs/create-codec.ts';
import type { PhoneCodec, VoiceEncoder, VoiceRate } from '../codecs/voice-codec.ts';

interface Shared {
  readonly encoder: VoiceEncoder;
  tick: number;
  payload: Uint8Array;
}

/** What everybody hears who does not speak: encoded once per codec and tick, however many listen. */
export class SharedEncodes {
  readonly #byCodec = new Map<PhoneCodec, Shared>();
  #rate: VoiceRate;

  constructor(rate: VoiceRate) {
    this.#rate = rate;
  }

  setRate(rate: VoiceRate): void {
    if (rate === this.#rate) return;
    this.#rate = rate;
    this.close();
  }

  /** `tick` tells which mix it is. The array is used again by the next tick. */
  encode(codec: PhoneCodec, mix: Int16Array, tick: number): Uint8Array {
    let shared = this.#byCodec.get(codec);
    if (!shared) {
      shared = {
        encoder: createEncoder(codec, { sampleRate: this.#rate, application: 'audio' }),
        tick: -1,
        payload: new Uint8Array(0),
      };
      this.#byCodec.set(codec, shared);
    }
    if (shared.tick !== tick) {
      shared.payload = shared.encoder.encode(mix);
      shared.tick = tick;
    }
    return shared.payload;
  }

  close(): void {
    for (const { encoder } of this.#byCodec.values()) encoder.close();
    this.#byCodec.clear();
  }
}
