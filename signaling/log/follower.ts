// One peer that follows its room's log: pushed to while it keeps up, and from where it stopped once it takes records again.

import type { Clock, Timer } from '../../core/clock.ts';
import { EventMessage } from '../../core/event-message.ts';
import type { LogGap, LogRecord } from '../../proto/gen/types.ts';
import type { ClientLink } from '../client-link.ts';
import { whenDrained } from './drain-waiters.ts';
import { eventLimits, type LogEvent, toLogEvent } from './log-event.ts';
import { readAfter } from './log-reader.ts';
import type { Timeline } from './timeline.ts';

/** Who follows. Handed over whole: there is one for each peer. */
export interface Followed {
  readonly timeline: Timeline;
  readonly clock: Clock;
  /** Where its events go; undefined while its connection is lost. */
  readonly link: ClientLink | undefined;
}

/** A reader that takes nothing for so long is not there any more. Less than `gateway.idleTimeoutSeconds`, so that it hears why. */
export const maxBehindMs = 20_000;
const readRetryMs = 1_000;

export class Follower {
  readonly #followed: Followed;
  /** The last record that was handed to the link. */
  #position: number;
  #state: 'live' | 'behind' | 'pulling' = 'live';
  /** Grows with each start; what was begun before it is void. */
  #life = 0;
  #deadline: Timer | undefined;

  constructor(followed: Followed) {
    this.#followed = followed;
    this.#position = followed.timeline.head.seq;
  }

  get position(): number {
    return this.#position;
  }

  get live(): boolean {
    return this.#state === 'live';
  }

  /** Goes on behind the head, which its client is told of in this turn. */
  restart(): void {
    this.stop();
    this.#state = 'live';
    this.#position = this.#followed.timeline.head.seq;
  }

  /** Nothing is waited for any more. */
  stop(): void {
    this.#life += 1;
    this.#deadline?.cancel();
    this.#deadline = undefined;
  }

  /** Tells the records of an event that it has not been told, when it keeps up. */
  push(event: LogEvent): void {
    if (this.#state !== 'live' || event.lastSeq <= this.#position) return;
    const link = this.#followed.link;
    if (link === undefined) return;
    if (event.firstSeq > this.#position + 1) this.#pull();
    else this.#offer(link, event);
  }

  /** What it holds is worth nothing: it starts anew behind the head. */
  tellGap(reason: LogGap['reason']): void {
    const { timeline, link } = this.#followed;
    this.restart();
    timeline.countGap(reason);
    link?.send(new EventMessage('logGap', { room: timeline.room, reason, head: timeline.toLogHead() }));
  }

  #offer(link: ClientLink, event: LogEvent): boolean {
    if (!link.offerLog(this.#behindPosition(event))) {
      this.#fallBehind(link);
      return false;
    }
    this.#position = event.lastSeq;
    return true;
  }

  /** Who joined while records waited for their frame has some of them in its snapshot. */
  #behindPosition({ message, records, firstSeq }: LogEvent): EventMessage {
    if (firstSeq > this.#position) return message;
    const { room, epoch } = message.payload;
    return new EventMessage('logRecords', { room, epoch, records: records.filter(({ seq }) => seq > this.#position) });
  }

  #fallBehind(link: ClientLink): void {
    this.#state = 'behind';
    this.#startDeadline();
    const life = this.#life;
    whenDrained(link, () => {
      if (life !== this.#life || this.#state !== 'behind') return;
      this.#deadline?.cancel();
      this.#deadline = undefined;
      this.#pull();
    });
  }

  #startDeadline(): void {
    this.#deadline ??= this.#followed.clock.after(maxBehindMs, () => {
      this.stop();
      this.#followed.link?.close('SLOW_CONSUMER');
    });
  }

  /** Goes on from where it stopped, as far as its link takes it. */
  #pull(): void {
    this.#state = 'pulling';
    const { timeline, link } = this.#followed;
    while (this.#position < timeline.head.seq) {
      if (this.#position < timeline.head.firstSeq - 1) {
        // It was there all the time, and what it should have had was forgotten while it read.
        this.tellGap('slow');
        return;
      }
      if (!timeline.ring.covers(this.#position)) {
        this.#pullFromStore();
        return;
      }
      if (!this.#takePage(link, timeline.ring.after(this.#position, eventLimits).records)) return;
    }
    this.#caughtUp();
  }

  #pullFromStore(): void {
    const life = this.#life;
    const { timeline } = this.#followed;
    readAfter(timeline, this.#position, eventLimits).then(
      ({ records }) => {
        if (life !== this.#life) return;
        // Forgotten meanwhile: the next look at the head finds that.
        const isLost = this.#position < timeline.head.firstSeq - 1;
        if (!isLost && records[0]?.seq !== this.#position + 1) this.#pullLater();
        else if (isLost || this.#takePage(this.#followed.link, records)) this.#pull();
      },
      () => {
        if (life === this.#life) this.#pullLater();
      },
    );
  }

  /** The store fails, or does not have what the head promises: until it has, a reader waits as one that takes nothing. */
  #pullLater(): void {
    const life = this.#life;
    this.#startDeadline();
    this.#followed.clock.after(readRetryMs, () => life === this.#life && this.#pull());
  }

  #takePage(link: ClientLink | undefined, records: readonly LogRecord[]): boolean {
    if (link === undefined) {
      this.#state = 'live';
      return false;
    }
    const { timeline } = this.#followed;
    return this.#offer(link, toLogEvent(timeline.room, timeline.head.epoch, records));
  }

  #caughtUp(): void {
    this.#state = 'live';
    this.#deadline?.cancel();
    this.#deadline = undefined;
  }
}
