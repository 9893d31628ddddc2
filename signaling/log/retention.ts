// Forgets what is older than the server or the room wants: in rooms that are open and, page by page, in all others.

import type { RoomLog } from '../../cluster/room-log.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import type { RoomId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import { type Facts, settingsOf } from '../room-facts.ts';
import type { Timeline } from './timeline.ts';

export interface RetentionDuties {
  /** Of a room that is open here. */
  owns(room: RoomId): boolean;
  /** Rooms that are not open here are this node's as well. */
  isFirst(): boolean;
}

interface RetentionParts {
  readonly roomLog: RoomLog;
  readonly options: { readonly retentionMs: number; readonly retentionRecords: number };
  /** Those of rooms that are open. */
  readonly held: ReadonlySet<Timeline>;
  readonly find: (room: RoomId) => Timeline | undefined;
  /** What one node does for all of them; undefined: there is one. */
  readonly duties?: RetentionDuties | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

type Limits = Parameters<RoomLog['trim']>[1];

export const retentionIntervalMs = 60_000;
/** Behind each call that found work: people's calls go before. */
export const retentionPauseMs = 20;
/** Rooms that are not open: of one page, which has all their facts, and pages of one minute. */
const pageRooms = 50;
const maxPages = 20;
/** Rooms that wait to be trimmed; beyond it no further ones are looked for. */
const maxDue = 1_000;

export class Retention {
  readonly #parts: RetentionParts;
  /** What is to be trimmed, in turn: a bounded number of records of each. */
  readonly #due = new Map<RoomId, Limits>();
  #timer: Timer | undefined;
  #pagesLeft = 0;
  /** How far the round through the rooms that are not open has come. */
  #after = '';
  #busy = false;
  #closed = false;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
    this.#wait();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #wait(): void {
    this.#timer = this.#parts.clock.after(retentionIntervalMs, () => {
      this.#wait();
      const { held, duties } = this.#parts;
      for (const { room, facts } of held) if (duties?.owns(room) ?? true) this.#want(room, facts);
      this.#pagesLeft = (duties?.isFirst() ?? true) ? maxPages : 0;
      if (!this.#busy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    const { log, clock } = this.#parts;
    this.#busy = true;
    try {
      while (!this.#closed && (this.#due.size > 0 || this.#pagesLeft > 0)) {
        const forgot = await this.#trimNext();
        const looked = await this.#lookFurther();
        if (forgot || looked) await new Promise<void>((resolve) => clock.after(retentionPauseMs, resolve));
      }
    } catch (thrown) {
      if (!this.#closed) log.warn({ err: thrown }, 'old records could not be forgotten');
      this.#due.clear();
      this.#pagesLeft = 0;
    }
    this.#busy = false;
  }

  /** Answers whether there was anything to forget. */
  async #trimNext(): Promise<boolean> {
    const [next] = this.#due;
    if (next === undefined) return false;
    const [room, limits] = next;
    this.#due.delete(room);
    const { roomLog, find } = this.#parts;
    const { trimmed, more } = await roomLog.trim(room, limits);
    // Behind the others that wait.
    if (more && !this.#due.has(room)) this.#due.set(room, limits);
    if (trimmed === 0) return false;
    const timeline = find(room);
    const [memory] = timeline === undefined ? [] : await roomLog.open([room]);
    if (memory !== undefined) timeline?.trimmed(memory.head);
    return true;
  }

  /** Answers whether there was a page to read. */
  async #lookFurther(): Promise<boolean> {
    if (this.#pagesLeft === 0 || this.#due.size >= maxDue) return false;
    this.#pagesLeft -= 1;
    const { roomLog, held, find } = this.#parts;
    const rooms = (await roomLog.rooms(this.#after, pageRooms)) as readonly RoomId[];
    const isLast = rooms.length < pageRooms;
    this.#after = isLast ? '' : (rooms.at(-1) ?? '');
    if (isLast) this.#pagesLeft = 0;
    if (rooms.length === 0) return false;
    const memories = await roomLog.open(rooms);
    for (const [index, room] of rooms.entries()) {
      const timeline = find(room);
      if (timeline !== undefined && held.has(timeline)) continue;
      this.#want(room, new Map(Object.entries(memories[index]?.facts ?? {})));
    }
    return true;
  }

  /** A room may want less than the server keeps, not more. */
  #want(room: RoomId, facts: Facts): void {
    const { options, clock } = this.#parts;
    const settings = settingsOf(facts);
    const ageMs = lesser(options.retentionMs, settings.retentionMs);
    const keep = lesser(options.retentionRecords, settings.retentionRecords);
    if (ageMs > 0 || keep > 0) this.#due.set(room, { beforeMs: ageMs === 0 ? 0 : clock.nowMs() - ageMs, keep });
    else this.#due.delete(room);
  }
}

/** Of two limits; 0 is none. */
function lesser(one: number, other: number): number {
  return one === 0 || other === 0 ? Math.max(one, other) : Math.min(one, other);
}
