import { longestPacketMs } from './limits.ts';
import { maxPacketBytes, opusLibrary } from './opus-library.ts';
import { ReusedArray } from './reused-array.ts';
import type { VoiceDecoder, VoiceRate } from './voice-codec.ts';

/** Straight to the rate that is wanted, and from stereo to one channel, whatever the packets hold (RFC 6716). */
export class OpusDecoder implements VoiceDecoder {
  readonly sampleRate: VoiceRate;
  readonly #library = opusLibrary();
  readonly #state: number;
  readonly #pcm: ReusedArray<Int16Array>;
  #lastLength: number;
  #isClosed = false;

  constructor(sampleRate: VoiceRate) {
    this.sampleRate = sampleRate;
    const { functions } = this.#library;
    this.#state = this.#library.allocate(functions.opus_decoder_get_size(1));
    functions.opus_decoder_init(this.#state, sampleRate, 1);
    this.#pcm = new ReusedArray(new Int16Array((longestPacketMs * sampleRate) / 1000));
    this.#lastLength = sampleRate / 50;
  }

  decode(payload: Uint8Array): Int16Array {
    if (payload.length === 0 || payload.length > maxPacketBytes) return this.conceal();
    const { functions, packet, packetPointer, pcmPointer } = this.#library;
    packet.set(payload);
    const maxSamples = (longestPacketMs * this.sampleRate) / 1000;
    const length = functions.opus_decode(this.#state, packetPointer, payload.length, pcmPointer, maxSamples, 0);
    // Not a packet of Opus.
    if (length <= 0) return this.conceal();
    this.#lastLength = length;
    return this.#take(length);
  }

  conceal(next?: Uint8Array): Int16Array {
    const { functions, packet, packetPointer, pcmPointer } = this.#library;
    const usable = next !== undefined && next.length > 0 && next.length <= maxPacketBytes;
    if (usable) packet.set(next);
    // Without a packet libopus makes it up; so it does where the next one tells nothing.
    const data = usable ? packetPointer : 0;
    const bytes = usable ? next.length : 0;
    const length = functions.opus_decode(this.#state, data, bytes, pcmPointer, this.#lastLength, usable ? 1 : 0);
    if (length === this.#lastLength) return this.#take(length);
    return usable ? this.conceal() : this.#pcm.ofLength(this.#lastLength).fill(0);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#library.functions.free(this.#state);
  }

  #take(length: number): Int16Array {
    const pcm = this.#pcm.ofLength(length);
    const decoded = this.#library.pcm;
    for (let i = 0; i < length; i += 1) pcm[i] = decoded[i] ?? 0;
    return pcm;
  }
}
