import type { Clock } from '../../core/clock.ts';
import type { PeerId } from '../../core/ids.ts';

/** What does not help so often is not going to help soon. */
const mostAtOnce = 3;
/** In which that many are granted; twice as long each time that they were used up, as where the path has no room for more. */
const shortestMs = 60_000;
const longestMs = 30 * 60_000;

interface Granted {
  atMs: readonly number[];
  withinMs: number;
  /** It was said that there are no more. */
  said: boolean;
}

/** How often a track may be started over for a receiver. Of each pair it keeps three moments, as long as both are there. */
export class RestartBudget {
  readonly #clock: Clock;
  /** By track, then by receiver. */
  readonly #granted = new Map<string, Map<PeerId, Granted>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `used up` is answered once, `refused` until there is one again. */
  take(track: string, receiver: PeerId): 'granted' | 'used up' | 'refused' {
    const nowMs = this.#clock.monotonicMs();
    const given = this.#of(track, receiver);
    if (nowMs - (given.atMs.at(-1) ?? nowMs) >= 2 * longestMs) given.withinMs = shortestMs;
    given.atMs = given.atMs.filter((atMs) => nowMs - atMs < given.withinMs);
    if (given.atMs.length < mostAtOnce) {
      given.atMs = [...given.atMs, nowMs];
      given.said = false;
      return 'granted';
    }
    if (given.said) return 'refused';
    given.said = true;
    given.withinMs = Math.min(given.withinMs * 2, longestMs);
    return 'used up';
  }

  forgetTrack(track: string): void {
    this.#granted.delete(track);
  }

  forgetReceiver(receiver: PeerId): void {
    for (const receivers of this.#granted.values()) receivers.delete(receiver);
  }

  #of(track: string, receiver: PeerId): Granted {
    const receivers = this.#granted.get(track) ?? new Map<PeerId, Granted>();
    this.#granted.set(track, receivers);
    const known = receivers.get(receiver) ?? { atMs: [], withinMs: shortestMs, said: false };
    receivers.set(receiver, known);
    return known;
  }
}
