/** Quieter than that (dBov, RFC 6464) nobody hears who speaks. */
const heardFromDbov = -60;
const silenceDbov = -127;
/** From the level of speech at which most speak, it takes about half a second until a voice counts as ended. */
const fallsDbPerTick = 1.2;

/** How loud a voice is for choosing among voices: it rises at once and falls slowly, so that nobody is cut off between two words. */
export class Loudness {
  #dbov = silenceDbov;

  get dbov(): number {
    return this.#dbov;
  }

  get isHeard(): boolean {
    return this.#dbov > heardFromDbov;
  }

  hear(dbov: number): void {
    if (dbov > this.#dbov) this.#dbov = dbov;
  }

  /** Once per tick of 20 ms. */
  age(): void {
    this.#dbov = Math.max(silenceDbov, this.#dbov - fallsDbPerTick);
  }
}
