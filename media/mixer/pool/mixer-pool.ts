import type { Clock, Timer } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/log.ts';
import { mediaUnavailable } from '../../unavailable.ts';
import type { LegEvent, MixerFigures } from '../thread/mixer-calls.ts';
import { MixerThread } from './mixer-thread.ts';

const firstBackoffMs = 100;
const maxBackoffMs = 10_000;
/** Lateness is of the last five seconds: after them it is known whether it was a moment. */
const retryAfterMs = 5_000;

interface MixerPoolParts {
  readonly size: number;
  /** New legs are refused where every thread's ticks are later than that, at the 99th percentile of the last seconds. */
  readonly maxLateMs: number;
  readonly entry: URL;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onEvent: (leg: number, event: LegEvent) => void;
  /** All that the thread had is gone. */
  readonly onDied: (thread: MixerThread) => void;
}

interface Place {
  readonly index: number;
  thread: MixerThread | undefined;
  /** In a row, of threads that did not start, or died soon. */
  failures: number;
  restart: Timer | undefined;
}

/** Keeps a mixer thread in each of its places. */
export class MixerPool {
  deaths = 0;
  refused = 0;
  readonly #parts: MixerPoolParts;
  readonly #places: readonly Place[];
  readonly #starting = new Set<Promise<void>>();
  /** Legs that were placed since the threads told their figures. */
  readonly #placed = new Map<MixerThread, { count: number; figures: MixerFigures }>();
  #quietUntilMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  private constructor(parts: MixerPoolParts) {
    this.#parts = parts;
    this.#places = Array.from({ length: parts.size }, (_, index) => ({
      index,
      thread: undefined,
      failures: 0,
      restart: undefined,
    }));
  }

  /** @throws {Error} when a thread does not start, with the others ended. */
  static async start(parts: MixerPoolParts): Promise<MixerPool> {
    const pool = new MixerPool(parts);
    const results = await Promise.allSettled(pool.#places.map((place) => pool.#fill(place)));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) {
      await pool.close();
      throw failure.reason;
    }
    return pool;
  }

  get threads(): readonly MixerThread[] {
    return this.#places.flatMap(({ thread }) => (thread ? [thread] : []));
  }

  /** Where one more leg is to be. @throws {AppError} NODE_OVERLOADED; MEDIA_UNAVAILABLE while there is no thread. */
  choose(): MixerThread {
    const { threads } = this;
    if (threads.length === 0) throw mediaUnavailable();
    const [best] = threads
      .filter(({ figures }) => figures.lateMsP99 <= this.#parts.maxLateMs)
      .sort((one, other) => this.#weigh(one) - this.#weigh(other));
    if (!best) {
      this.refused += 1;
      this.#tellOfLateness();
      throw new AppError('NODE_OVERLOADED', { what: 'phones' }, { retryAfterMs });
    }
    const placed = this.#placedAt(best);
    placed.count += 1;
    return best;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const place of this.#places) place.restart?.cancel();
    await Promise.all(this.#starting);
    await Promise.all(this.threads.map((thread) => thread.close()));
    this.#placed.clear();
  }

  /** Once in a while: a storm of calls would fill the log. */
  #tellOfLateness(): void {
    const { clock, log, maxLateMs } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (nowMs < this.#quietUntilMs) return;
    this.#quietUntilMs = nowMs + retryAfterMs;
    const lateMsP99 = this.threads.map(({ figures }) => Math.round(figures.lateMsP99));
    log.warn({ lateMsP99, maxLateMs, refused: this.refused }, 'phones are refused while threads are late');
  }

  /** A burst of legs comes before the thread tells of them. */
  #weigh(thread: MixerThread): number {
    return thread.figures.legs + this.#placedAt(thread).count;
  }

  #placedAt(thread: MixerThread) {
    const known = this.#placed.get(thread);
    if (known?.figures === thread.figures) return known;
    const fresh = { count: 0, figures: thread.figures };
    this.#placed.set(thread, fresh);
    return fresh;
  }

  async #fill(place: Place): Promise<void> {
    const { clock, entry, log, onEvent } = this.#parts;
    let startedMs: number | undefined;
    const thread: MixerThread = await MixerThread.start({
      place: place.index,
      entry,
      clock,
      onEvent,
      onFailed: (error) => log.error({ err: error, place: place.index }, 'a voice of a room failed for its phones'),
      onDied: (cause) => {
        // It may die in the turn in which it is ready, before it has its place.
        if (startedMs === undefined || place.thread !== thread) return;
        // One that dies at once again and again would take the CPU of those that live.
        if (clock.monotonicMs() - startedMs > maxBackoffMs) place.failures = 0;
        place.thread = undefined;
        this.deaths += 1;
        this.#placed.delete(thread);
        log.error({ err: cause, place: place.index, legs: thread.figures.legs }, 'a mixer thread died');
        this.#parts.onDied(thread);
        this.#fillLater(place);
      },
    });
    if (this.#closed) {
      await thread.close();
      return;
    }
    if (thread.isOver) throw new Error('a mixer thread ended as soon as it was ready');
    startedMs = clock.monotonicMs();
    place.thread = thread;
  }

  #fillLater(place: Place): void {
    if (this.#closed) return;
    const backoffMs = Math.min(maxBackoffMs, firstBackoffMs * 2 ** place.failures);
    place.failures += 1;
    place.restart = this.#parts.clock.after(backoffMs, () => {
      const filling = this.#fill(place)
        .catch((error: unknown) => {
          this.#parts.log.error({ err: error, place: place.index }, 'a mixer thread did not start');
          this.#fillLater(place);
        })
        .finally(() => this.#starting.delete(filling));
      this.#starting.add(filling);
    });
  }
}
