import { packetIntervalMs } from '../../media/opus-stream.ts';
import type { Talker } from './talker.ts';

/** Phones do not send all at once: a tenth of them every 2 ms, so that every place between two ticks of a mixer is taken. */
const groups = 10;
const groupMs = packetIntervalMs / groups;

/** Lets everybody send a packet each 20 ms. What a busy machine delays is sent late, not left out. */
export class Pacer {
  sent = 0;
  /** How late the latest packet was sent. */
  lateMs = 0;
  readonly #talkers: Talker[] = [];
  readonly #onGroup: (nowMs: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #dueMs = 0;
  #group = 0;

  constructor(onGroup: (nowMs: number) => void) {
    this.#onGroup = onGroup;
  }

  add(talker: Talker): void {
    this.#talkers.push(talker);
    if (this.#timer !== undefined) return;
    this.#dueMs = performance.now();
    this.#timer = setInterval(() => this.#send(), 1);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#talkers.length = 0;
  }

  #send(): void {
    this.lateMs = Math.max(this.lateMs, performance.now() - this.#dueMs);
    for (; this.#dueMs <= performance.now(); this.#dueMs += groupMs) {
      for (let at = this.#group; at < this.#talkers.length; at += groups) {
        this.#talkers[at]?.send();
        this.sent += 1;
      }
      this.#group = (this.#group + 1) % groups;
      this.#onGroup(this.#dueMs);
    }
  }
}
