// Forgets what is older than the server or the room wants: open rooms each minute, the others some at a time.

import type { RoomLog } from '../../cluster/room-log.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import type { RoomId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import { settingsOf } from '../room-facts.ts';
import type { Timeline } from './timeline.ts';

interface RetentionParts {
  readonly roomLog: RoomLog;
  readonly options: { readonly retentionMs: number; readonly retentionRecords: number };
  /** Those of rooms that are open. */
  readonly held: ReadonlySet<Timeline>;
  readonly find: (room: RoomId) => Timeline | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

type Facts = ReadonlyMap<string, string>;

export const retentionIntervalMs = 60_000;
/** Calls of one round for one room, each of which forgets a bounded number. */
const maxTrimsOfRoom = 10;
/** Rooms that are not open, of one round. */
const maxOtherRooms = 50;

export class Retention {
  readonly #parts: RetentionParts;
  #timer: Timer | undefined;
  #busy = false;
  #closed = false;
  /** How far the round through the rooms that are not open has come. */
  #after = '';

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** To be called when rooms open and close: without rooms and limits there is nothing to wait for. */
  review(): void {
    const { held, clock } = this.#parts;
    const isNeeded = !this.#closed && (held.size > 0 || this.#hasLimits);
    if (!isNeeded) {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
    if (isNeeded) this.#timer ??= clock.after(retentionIntervalMs, () => void this.#round());
  }

  close(): void {
    this.#closed = true;
    this.review();
  }

  get #hasLimits(): boolean {
    const { retentionMs, retentionRecords } = this.#parts.options;
    return retentionMs > 0 || retentionRecords > 0;
  }

  async #round(): Promise<void> {
    this.#timer = undefined;
    this.review();
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (const { room, facts } of [...this.#parts.held]) await this.#trim(room, facts);
      if (this.#hasLimits) await this.#trimOthers();
    } catch (thrown) {
      if (!this.#closed) this.#parts.log.warn({ err: thrown }, 'old records could not be forgotten');
    } finally {
      this.#busy = false;
    }
  }

  async #trimOthers(): Promise<void> {
    const { roomLog } = this.#parts;
    const rooms = await roomLog.rooms(this.#after, maxOtherRooms);
    this.#after = rooms.length < maxOtherRooms ? '' : (rooms.at(-1) ?? '');
    const memories = await roomLog.open(rooms);
    for (const [index, room] of rooms.entries()) {
      await this.#trim(room as RoomId, new Map(Object.entries(memories[index]?.facts ?? {})));
    }
  }

  async #trim(room: RoomId, facts: Facts): Promise<void> {
    const { roomLog, find } = this.#parts;
    const limits = this.#limitsOf(facts);
    if (limits === undefined) return;
    let forgot = false;
    for (let calls = 0; calls < maxTrimsOfRoom && !this.#closed; calls++) {
      const { trimmed, more } = await roomLog.trim(room, limits);
      forgot ||= trimmed > 0;
      if (!more) break;
    }
    if (!forgot) return;
    const [memory] = await roomLog.open([room]);
    if (memory !== undefined) find(room)?.trimmed(memory.head);
  }

  /** A room may want less than the server keeps, not more. */
  #limitsOf(facts: Facts): { beforeMs: number; keep: number } | undefined {
    const { options, clock } = this.#parts;
    const settings = settingsOf(facts);
    const ageMs = lesser(options.retentionMs, settings.retentionMs);
    const keep = lesser(options.retentionRecords, settings.retentionRecords);
    if (ageMs === 0 && keep === 0) return undefined;
    return { beforeMs: ageMs === 0 ? 0 : clock.nowMs() - ageMs, keep };
  }
}

/** Of two limits; 0 is none. */
function lesser(one: number, other: number): number {
  return one === 0 || other === 0 ? Math.max(one, other) : Math.min(one, other);
}
