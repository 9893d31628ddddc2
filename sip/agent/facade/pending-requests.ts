import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../../../core/clock.ts';
import type { Session } from '../user-agent/session.ts';
import type { Incoming } from '../user-agent/session-events.ts';
import type { AppConnection } from './app-connection.ts';

/** An application that says nothing of a request for so long is answered for. */
const silenceMs = 64_000;

/** A request that an application was told of and has not answered for good. */
export interface Pending {
  readonly incoming: Incoming;
  readonly session: Session | undefined;
  readonly app: AppConnection;
  /** The INVITE that the call began with. */
  readonly first: boolean;
}

/**
 * Requests that wait for their answer, by the id that applications name them by. Each has a server transaction, and those are
 * bounded.
 */
export class PendingRequests {
  readonly #clock: Clock;
  readonly #silent: (pending: Pending) => void;
  readonly #pending = new Map<string, Pending & { readonly silence: Timer }>();

  /** `silent` is told of those whose time is over, and that are here no more. */
  constructor(clock: Clock, silent: (pending: Pending) => void) {
    this.#clock = clock;
    this.#silent = silent;
  }

  get size(): number {
    return this.#pending.size;
  }

  add(pending: Pending): string {
    const id = randomUUID();
    const silence = this.#clock.after(silenceMs, () => {
      this.#pending.delete(id);
      this.#silent(pending);
    });
    this.#pending.set(id, { ...pending, silence });
    return id;
  }

  get(id: string): Pending | undefined {
    return this.#pending.get(id);
  }

  /** It was answered provisionally: from here on it is the caller who loses patience. */
  answering(id: string): void {
    this.#pending.get(id)?.silence.cancel();
  }

  settle(id: string): void {
    this.#pending.get(id)?.silence.cancel();
    this.#pending.delete(id);
  }

  /** Those of one application, which is gone. */
  takeOf(app: AppConnection): Pending[] {
    const theirs = [...this.#pending].filter(([, pending]) => pending.app === app);
    for (const [id] of theirs) this.settle(id);
    return theirs.map(([, pending]) => pending);
  }

  clear(): void {
    for (const id of [...this.#pending.keys()]) this.settle(id);
  }
}
