/** Samples of packets of any length in, frames of one length out. */
export class PcmQueue {
  readonly #frameSamples: number;
  readonly #samples: Int16Array;
  #from = 0;
  #length = 0;

  /** Holds eight frames: where they are of 20 ms, the longest packet of 120 ms and a frame that is not full. */
  constructor(frameSamples: number) {
    this.#frameSamples = frameSamples;
    this.#samples = new Int16Array(frameSamples * 8);
  }

  /** How many wait. */
  get samples(): number {
    return this.#length;
  }

  /** Copies them in; of more than it can hold the newest stay. */
  push(pcm: Int16Array): void {
    this.#makeRoom(pcm.length);
    const kept = pcm.length > this.#samples.length ? pcm.subarray(pcm.length - this.#samples.length) : pcm;
    this.#samples.set(kept, this.#from + this.#length);
    this.#length += kept.length;
  }

  pushSilence(samples: number): void {
    const length = Math.min(samples, this.#samples.length);
    this.#makeRoom(length);
    this.#samples.fill(0, this.#from + this.#length, this.#from + this.#length + length);
    this.#length += length;
  }

  /** Copies the next frame out; false, and `into` as it was: there is no whole one. */
  take(into: Int16Array): boolean {
    if (this.#length < this.#frameSamples) return false;
    into.set(this.#samples.subarray(this.#from, this.#from + this.#frameSamples));
    this.#from += this.#frameSamples;
    this.#length -= this.#frameSamples;
    return true;
  }

  clear(): void {
    this.#from = 0;
    this.#length = 0;
  }

  #makeRoom(samples: number): void {
    const capacity = this.#samples.length;
    const kept = Math.min(this.#length, Math.max(0, capacity - samples));
    if (kept === this.#length && this.#from + kept + samples <= capacity) return;
    const start = this.#from + this.#length - kept;
    this.#samples.copyWithin(0, start, start + kept);
    this.#from = 0;
    this.#length = kept;
  }
}
