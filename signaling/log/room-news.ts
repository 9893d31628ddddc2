import type { Head, LogNews, LogPush } from '../../cluster/room-log.ts';
import type { Timeline } from './timeline.ts';

/** Of a room that is being loaded; beyond it, what the store has is compared instead. */
const maxHeldBytes = 1024 * 1024;
const maxHeld = 1_000;

/** What a room is told before its timeline is there is told to it then. */
export class RoomNews implements LogNews {
  readonly #onDoubt: (timeline: Timeline) => void;
  #timeline: Timeline | undefined;
  #held: LogPush[] = [];
  #bytes = 0;
  #doubtful = false;

  constructor(onDoubt: (timeline: Timeline) => void) {
    this.#onDoubt = onDoubt;
  }

  attach(timeline: Timeline): void {
    this.#timeline = timeline;
    for (const push of this.#held.splice(0)) timeline.pushed(push);
    if (this.#doubtful) this.#onDoubt(timeline);
  }

  pushed(push: LogPush): void {
    if (this.#timeline !== undefined) {
      this.#timeline.pushed(push);
      return;
    }
    this.#bytes += push.bytes;
    if (this.#held.length >= maxHeld || this.#bytes > maxHeldBytes) this.#doubtful = true;
    else this.#held.push(push);
  }

  trimmed(head: Pick<Head, 'epoch' | 'firstSeq' | 'trimmedMessageId'>): void {
    if (this.#timeline === undefined) this.#doubtful = true;
    else this.#timeline.trimmed(head);
  }

  interrupted(): void {
    if (this.#timeline === undefined) this.#doubtful = true;
    else this.#onDoubt(this.#timeline);
  }
}
