// Compares what rooms were told with what the store has: when pushes may have been lost, when the store may be an older copy
// of itself, and now and then anyway.

import type { RoomLog } from '../../cluster/room-log.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { Timeline } from './timeline.ts';

interface HeadChecksParts {
  readonly roomLog: Pick<RoomLog, 'open' | 'events'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Every timeline that is open. */
  readonly all: () => Iterable<Timeline>;
  /** Those of rooms that are open. */
  readonly held: () => Iterable<Timeline>;
  /** Other nodes append too. */
  readonly shared: boolean;
}

const roomsOfCall = 50;
export const auditEveryMs = 60_000;
const retryMs = 1_000;

export class HeadChecks {
  readonly #parts: HeadChecksParts;
  readonly #due = new Set<Timeline>();
  readonly #ends: (() => void)[] = [];
  #busy = false;
  #closed = false;
  #timer: Timer | undefined;

  constructor(parts: HeadChecksParts) {
    this.#parts = parts;
    this.#ends.push(parts.roomLog.events.on('rewound', () => this.check(parts.all())));
    if (parts.shared) this.#auditLater();
  }

  check(timelines: Iterable<Timeline>): void {
    for (const timeline of timelines) this.#due.add(timeline);
    if (this.#busy || this.#due.size === 0 || this.#closed) return;
    this.#busy = true;
    queueMicrotask(() => void this.#work());
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    for (const end of this.#ends) end();
  }

  async #work(): Promise<void> {
    const { roomLog, clock, log } = this.#parts;
    while (this.#due.size > 0 && !this.#closed) {
      const some = [...this.#due].slice(0, roomsOfCall);
      const asked = some.filter(({ retired }) => !retired).map((timeline) => ({ timeline, before: timeline.head }));
      for (const timeline of some) this.#due.delete(timeline);
      try {
        const memories = await roomLog.open(asked.map(({ timeline }) => timeline.room));
        for (const [index, { timeline, before }] of asked.entries()) {
          const memory = memories[index];
          if (memory !== undefined && !timeline.retired) timeline.compare(before, memory.head);
        }
      } catch (thrown) {
        if (!this.#closed) log.debug({ err: thrown }, 'heads of rooms could not be compared');
        for (const { timeline } of asked) this.#due.add(timeline);
        await new Promise<void>((resolve) => clock.after(retryMs, resolve));
      }
    }
    this.#busy = false;
  }

  #auditLater(): void {
    this.#timer = this.#parts.clock.after(auditEveryMs, () => {
      this.check(this.#parts.held());
      this.#auditLater();
    });
  }
}
