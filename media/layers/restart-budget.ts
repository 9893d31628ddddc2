import type { Clock } from '../../core/clock.ts';

/** What does not help so often in a minute is not going to. */
const mostPerMinute = 3;
const minuteMs = 60_000;

/** How often a track may be started over for a receiver. Of each pair it keeps three moments, as long as the track is there. */
export class RestartBudget {
  readonly #clock: Clock;
  /** By track, then by receiver: when each was granted, and whether it was said that there are no more. */
  readonly #granted = new Map<string, Map<string, { atMs: number[]; said: boolean }>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `used up` is answered once, `refused` until there is one again. */
  take(track: string, receiver: string): 'granted' | 'used up' | 'refused' {
    const receivers = this.#granted.get(track) ?? new Map<string, { atMs: number[]; said: boolean }>();
    this.#granted.set(track, receivers);
    const given = receivers.get(receiver) ?? { atMs: [], said: false };
    receivers.set(receiver, given);
    const nowMs = this.#clock.monotonicMs();
    given.atMs = given.atMs.filter((atMs) => nowMs - atMs < minuteMs);
    if (given.atMs.length < mostPerMinute) {
      given.atMs.push(nowMs);
      given.said = false;
      return 'granted';
    }
    if (given.said) return 'refused';
    given.said = true;
    return 'used up';
  }

  forget(track: string): void {
    this.#granted.delete(track);
  }
}
