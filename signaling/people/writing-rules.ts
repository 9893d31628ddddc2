// Whether somebody may write in a room now.

import { type Clock, toMonotonicMs } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import type { Grants } from '../grants.ts';
import type { Timeline } from '../log/timeline.ts';
import { foreverMs, mutedUntilMs, settingsOf } from '../room-facts.ts';
import { SlowTurns } from './slow-turns.ts';

interface Writer {
  readonly identity: string;
  readonly grants: Grants;
  /** Of a guest: where it comes from. It has another identity each time. */
  readonly guestFrom: string | undefined;
}

interface WritingRulesParts {
  readonly timeline: Pick<Timeline, 'room' | 'facts' | 'ring'>;
  /** Of the guests of all rooms: the log does not say where they came from, so it outlives the room. */
  readonly guestTurns: SlowTurns;
  readonly clock: Clock;
}

export class WritingRules {
  readonly #parts: WritingRulesParts;
  /** By identity. Nothing is kept while there is no slow mode. */
  readonly #turns = new SlowTurns();

  /** Who wrote before the room was opened is known as far as memory has the log. */
  constructor(parts: WritingRulesParts) {
    this.#parts = parts;
    const { timeline, clock } = parts;
    const { facts, ring } = timeline;
    if (settingsOf(facts).slowModeMs === 0) return;
    for (const { kind, identity, clientId, atMs } of ring.after(ring.base.seq, everything).records) {
      if (kind === 'message') this.#turns.remember(identity, { identity, clientId, atMs: toMonotonicMs(clock, atMs) });
    }
  }

  /** For whatever adds to the log; deleting one's own does not. @throws {AppError} MUTED */
  requireNotMuted({ identity }: Pick<Writer, 'identity'>): void {
    const { timeline, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const untilMs = mutedUntilMs(timeline.facts, identity, nowMs);
    if (untilMs === undefined) return;
    throw new AppError('MUTED', {}, untilMs === foreverMs ? {} : { retryAfterMs: untilMs - nowMs });
  }

  /**
   * For a message. With slow mode it takes the writer's turn: call it just before the append. Guests of one address are one
   * writer.
   * @throws {AppError} MUTED, SLOW_MODE
   */
  requireMaySend(writer: Writer, clientId: string): void {
    const { identity, grants, guestFrom } = writer;
    const { timeline, guestTurns, clock } = this.#parts;
    this.requireNotMuted(writer);
    const { slowModeMs } = settingsOf(timeline.facts);
    if (slowModeMs === 0) {
      this.#turns.clear();
      return;
    }
    if (grants.has('moderate')) return;
    const turn = { identity, clientId, atMs: clock.monotonicMs() };
    const waitMs =
      guestFrom === undefined
        ? this.#turns.take(identity, turn, slowModeMs)
        : guestTurns.take(`${timeline.room} ${guestFrom}`, turn, slowModeMs);
    if (waitMs > 0) throw new AppError('SLOW_MODE', { slowModeMs }, { retryAfterMs: waitMs });
  }

  /** Somebody wrote at another node: that was its turn. */
  wrote({ identity, clientId }: Pick<LogRecord, 'identity' | 'clientId'>): void {
    const { timeline, clock } = this.#parts;
    if (settingsOf(timeline.facts).slowModeMs === 0) return;
    this.#turns.remember(identity, { identity, clientId, atMs: clock.monotonicMs() });
  }
}

const everything = { maxRecords: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };
