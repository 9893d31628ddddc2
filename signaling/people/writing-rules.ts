// Whether somebody may write in a room now.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Grants } from '../grants.ts';
import type { Timeline } from '../log/timeline.ts';
import { foreverMs, mutedUntilMs, settingsOf } from '../room-facts.ts';

/** Whose last message is remembered for slow mode; beyond it, whose is oldest may write at once. */
const maxWriters = 10_000;

interface Writer {
  readonly identity: string;
  readonly grants: Grants;
}

export class WritingRules {
  readonly #timeline: Pick<Timeline, 'facts' | 'ring'>;
  readonly #clock: Clock;
  /** By identity, the latest last. Nothing is kept while there is no slow mode. */
  readonly #lastSent = new Map<string, { clientId: string; atMs: number }>();

  constructor(timeline: Pick<Timeline, 'facts' | 'ring'>, clock: Clock) {
    this.#timeline = timeline;
    this.#clock = clock;
  }

  /** For whatever adds to the log; deleting one's own does not. @throws {AppError} MUTED */
  requireNotMuted({ identity }: Pick<Writer, 'identity'>): void {
    const nowMs = this.#clock.nowMs();
    const untilMs = mutedUntilMs(this.#timeline.facts, identity, nowMs);
    if (untilMs === undefined) return;
    throw new AppError('MUTED', {}, untilMs === foreverMs ? {} : { retryAfterMs: untilMs - nowMs });
  }

  /**
   * For a message. With slow mode it takes the writer's place: call it just before the append. The one that took it may be
   * tried again.
   * @throws {AppError} MUTED, SLOW_MODE
   */
  requireMaySend(writer: Writer, clientId: string): void {
    const { identity, grants } = writer;
    this.requireNotMuted(writer);
    const { slowModeMs } = settingsOf(this.#timeline.facts);
    if (slowModeMs === 0) {
      this.#lastSent.clear();
      return;
    }
    if (grants.has('moderate')) return;
    const nowMs = this.#clock.monotonicMs();
    const last = this.#lastSent.get(identity);
    if (last !== undefined && clientId !== '' && last.clientId === clientId) return;
    const waitMs = last === undefined ? 0 : Math.ceil(last.atMs + slowModeMs - nowMs);
    if (waitMs > 0) throw new AppError('SLOW_MODE', { slowModeMs }, { retryAfterMs: waitMs });
    this.#lastSent.delete(identity);
    this.#lastSent.set(identity, { clientId, atMs: nowMs });
    const [oldest] = this.#lastSent.keys();
    if (this.#lastSent.size > maxWriters && oldest !== undefined) this.#lastSent.delete(oldest);
  }
}
