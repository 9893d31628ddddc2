// How many comings of guests a log is told of. Anybody can be as many guests as they like: presence tells of all of them,
// live, and the log of some.

/** Within a minute, of one room. Each brings one leave. */
export const maxGuestJoins = 5;
const withinMs = 60_000;

export class GuestJoins {
  /** On the monotonic clock, the oldest first. */
  #writtenAtMs: number[] = [];

  /** Whether one more may be written, which it then is. */
  take(nowMs: number): boolean {
    this.#writtenAtMs = this.#writtenAtMs.filter((atMs) => nowMs - atMs < withinMs);
    if (this.#writtenAtMs.length >= maxGuestJoins) return false;
    this.#writtenAtMs.push(nowMs);
    return true;
  }
}
