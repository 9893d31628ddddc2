// How far people are, on its way to the store: collected over a second, for many rooms in one call.

import type { RoomLog, Watermark } from '../../cluster/room-log.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';

export const markEveryMs = 1_000;
/** Watermarks that wait; beyond it they are written at once, and dropped when the store failed. */
const maxWaiting = 10_000;
/** What a second collected is not written at once: who appends would wait behind all of it. */
const marksOfCall = 64;
const calls = 16;
const nextCallMs = 20;

interface MarkWriterParts {
  readonly roomLog: Pick<RoomLog, 'mark'>;
  readonly clock: Clock;
  readonly log: Logger;
}

export class MarkWriter {
  readonly #parts: MarkWriterParts;
  /** By room and identity. */
  readonly #waiting = new Map<string, Map<string, Watermark>>();
  #size = 0;
  #timer: Timer | undefined;
  #closed = false;

  constructor(parts: MarkWriterParts) {
    this.#parts = parts;
  }

  add(watermark: Watermark): void {
    this.#merge(watermark);
    if (this.#size >= maxWaiting) this.flush();
    else this.#startTimer();
  }

  /** Before watermarks of a room are read from the store, so that they are not behind. */
  settle(room: string): void {
    if (this.#waiting.has(room)) this.flush();
  }

  /** What is read from the store after this call has it. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#write(this.#size);
  }

  close(): void {
    this.flush();
    this.#closed = true;
  }

  #startTimer(): void {
    if (this.#closed) return;
    this.#timer ??= this.#parts.clock.after(markEveryMs, () => this.#writeSome(Math.ceil(this.#size / calls)));
  }

  #writeSome(share: number): void {
    this.#timer = undefined;
    this.#write(Math.max(share, marksOfCall));
    if (this.#size > 0) this.#timer = this.#parts.clock.after(nextCallMs, () => this.#writeSome(share));
  }

  /** At least so many, those of the rooms that wait longest. */
  #write(atLeast: number): void {
    if (this.#size === 0) return;
    const watermarks: Watermark[] = [];
    for (const [room, ofRoom] of this.#waiting) {
      if (watermarks.length >= atLeast) break;
      watermarks.push(...ofRoom.values());
      this.#waiting.delete(room);
    }
    this.#size -= watermarks.length;
    this.#parts.roomLog.mark(watermarks).catch((thrown: unknown) => {
      this.#parts.log.debug({ err: thrown, watermarks: watermarks.length }, 'watermarks could not be written');
      if (this.#closed) return;
      for (const watermark of watermarks) {
        if (this.#size < maxWaiting) this.#merge(watermark);
      }
      this.#timer?.cancel();
      this.#timer = undefined;
      this.#startTimer();
    });
  }

  #merge(watermark: Watermark): void {
    const { room, identity } = watermark;
    const ofRoom = this.#waiting.get(room) ?? new Map<string, Watermark>();
    this.#waiting.set(room, ofRoom);
    const earlier = ofRoom.get(identity);
    if (earlier === undefined) this.#size += 1;
    const delivered = Math.max(watermark.delivered, earlier?.delivered ?? 0);
    const read = Math.max(watermark.read, earlier?.read ?? 0);
    ofRoom.set(identity, { ...watermark, delivered, read });
  }
}
