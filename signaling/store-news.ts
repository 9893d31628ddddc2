// Tells clients that what they send cannot be kept now, because what the nodes share cannot be reached, and when it can again.

import type { RoomLog } from '../cluster/room-log.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { EventMessage } from '../core/event-message.ts';

interface StoreNewsParts {
  readonly roomLog: Pick<RoomLog, 'state' | 'events'>;
  readonly clock: Clock;
  /** Those who are connected to this node. */
  readonly sessions: () => Iterable<{ sendMessage(message: EventMessage): void }>;
}

/** One that is away for a shorter time is not spoken of: nobody has waited long. */
export const quietMs = 2_000;
/** All together would send what they kept in one moment. */
const spreadMs = 1_000;
const groups = 10;

export class StoreNews {
  readonly #parts: StoreNewsParts;
  readonly #end: () => void;
  #state: 'up' | 'down' = 'up';
  #quiet: Timer | undefined;
  #spread: Timer[] = [];

  constructor(parts: StoreNewsParts) {
    this.#parts = parts;
    this.#end = parts.roomLog.events.on('stateChanged', ({ state, sinceMs }) => this.#changed(state, sinceMs));
    if (parts.roomLog.state === 'away') this.#changed('away', parts.clock.nowMs());
  }

  /** What was told last. */
  get state(): 'up' | 'down' {
    return this.#state;
  }

  close(): void {
    this.#end();
    this.#quiet?.cancel();
    for (const timer of this.#spread) timer.cancel();
  }

  #changed(state: RoomLog['state'], sinceMs: number): void {
    this.#quiet?.cancel();
    this.#quiet = undefined;
    if (state === 'away') this.#quiet = this.#parts.clock.after(quietMs, () => this.#tell('down', sinceMs));
    else this.#tell('up', sinceMs);
  }

  #tell(state: 'up' | 'down', sinceMs: number): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const timer of this.#spread) timer.cancel();
    const message = new EventMessage('storeChanged', { state, sinceMs });
    const sessions = [...this.#parts.sessions()];
    const size = Math.ceil(sessions.length / groups);
    this.#spread = [];
    for (let start = 0; start < sessions.length; start += size) {
      const some = sessions.slice(start, start + size);
      const atMs = (start / sessions.length) * spreadMs;
      this.#spread.push(
        this.#parts.clock.after(atMs, () => {
          for (const session of some) session.sendMessage(message);
        }),
      );
    }
  }
}
