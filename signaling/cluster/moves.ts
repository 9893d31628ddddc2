// Asks clients to go on at another node while this one still serves them: one after another, for what each of them costs
// the others. Whoever does not go is sent away in the way that every client knows.

import type { Clock, Timer } from '../../core/clock.ts';
import type { Events } from '../../proto/gen/types.ts';

/** For a new session elsewhere, with its rooms and media, on a slow line. A client that knows nothing of moves waits as long. */
export const patienceMs = 10_000;
/** So much of the time is for asking; the rest is for those who were asked last. */
const askingShare = 0.5;
/** Those who came back to this node meanwhile are looked for so often, once everybody was asked. */
const lookAgainMs = 1_000;

/** Somebody who is connected to this node. */
export interface MovableClient {
  /** Answers whether it can be asked now; undefined: it never can. */
  readonly askToMove?: (request: Events['moveRequested']) => boolean;
  /** Tells it to come back later, answers what is open, and closes its connection. */
  drain(retryAfterMs: number): void;
}

interface MovesParts {
  /** Those who are connected now. */
  readonly clients: readonly ReadonlySet<MovableClient>[];
  /** Where one of them had better go; empty: wherever the balancer leads it. */
  readonly chooseUrl: () => string;
  /** Some other node takes clients. Until one does, all stay for as long as there is time. */
  readonly canLeave: () => boolean;
  /** What this node has of those who went is in use until they have it elsewhere. */
  readonly isUsed: () => boolean;
  /** Between two that are asked, give or take half of it; less when the time is short for so many. */
  readonly staggerMs: number;
  readonly clock: Clock;
  /** New sessions and rooms are refused while they move, and taken again after `undo`. */
  readonly onChanged: (isMoving: boolean) => void;
}

export interface MovesStats {
  readonly isMoving: boolean;
  /** Clients that were asked since it began. */
  readonly asked: number;
  /** Those among them who had to be sent away. */
  readonly sentAway: number;
}

export class Moves {
  readonly #parts: MovesParts;
  /** Known to be there, and not asked yet. */
  #queue: MovableClient[] = [];
  /** Until when they are waited for, on the monotonic clock: in the order of that. */
  readonly #asked = new Map<MovableClient, number>();
  #seen = new WeakSet<MovableClient>();
  #timer: Timer | undefined;
  #endsAtMs = 0;
  #batch = 1;
  #counts = { asked: 0, sentAway: 0 };
  #onOver: (() => void)[] = [];

  constructor(parts: MovesParts) {
    this.#parts = parts;
  }

  get isMoving(): boolean {
    return this.#timer !== undefined;
  }

  /** Nobody is here any more, and nothing of anybody; long after the end, nobody but those who knock in vain. */
  get isDone(): boolean {
    const nowMs = this.#parts.clock.monotonicMs();
    return this.isMoving && (this.#isEmpty() || nowMs >= this.#endsAtMs + patienceMs);
  }

  /** Until the time is over that everybody has; 0 when none runs. */
  get leftMs(): number {
    return this.isMoving ? Math.max(this.#endsAtMs - this.#parts.clock.monotonicMs(), 0) : 0;
  }

  stats(): MovesStats {
    return { isMoving: this.isMoving, ...this.#counts };
  }

  /**
   * Again: with another time, and nobody is asked twice. Resolves when nobody is left, when what is left was sent away at the
   * end of the time, or by `undo`.
   */
  start(deadlineMs: number): Promise<void> {
    const { clock, staggerMs, onChanged } = this.#parts;
    this.#endsAtMs = clock.monotonicMs() + deadlineMs;
    this.#find();
    const turns = Math.max((deadlineMs * askingShare) / staggerMs, 1);
    this.#batch = Math.max(Math.ceil(this.#queue.length / turns), 1);
    if (!this.isMoving) {
      this.#counts = { asked: 0, sentAway: 0 };
      this.#next(0);
      onChanged(true);
    }
    return new Promise((resolve) => this.#onOver.push(resolve));
  }

  /** Whoever was not asked yet stays. */
  undo(): void {
    if (!this.isMoving) return;
    this.stop();
    this.#parts.onChanged(false);
  }

  /** Nobody is asked or sent away any more, and no session is taken. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#queue = [];
    this.#asked.clear();
    this.#seen = new WeakSet();
    this.#over();
  }

  #next(afterMs: number): void {
    this.#timer = this.#parts.clock.after(afterMs, () => this.#tick());
  }

  #tick(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    const isOver = nowMs >= this.#endsAtMs;
    this.#find();
    if (isOver) this.#sendAll();
    if (isOver || this.#parts.canLeave()) this.#ask(nowMs);
    if (isOver || this.#isEmpty()) this.#over();
    const { staggerMs } = this.#parts;
    this.#next(
      this.#queue.length > 0 ? staggerMs * (0.5 + Math.random()) : Math.min(lookAgainMs, this.#untilEndMs(nowMs)),
    );
  }

  /** Those who were not there when it began: they came back to their session. */
  #find(): void {
    if (this.#queue.length > 0) return;
    for (const clients of this.#parts.clients) {
      for (const client of clients) if (!this.#seen.has(client)) this.#queue.push(client);
    }
  }

  #ask(nowMs: number): void {
    for (let asked = 0; asked < this.#batch; asked++) this.#askOne(nowMs);
    for (const [client, untilMs] of this.#asked) {
      if (untilMs > nowMs) break;
      this.#asked.delete(client);
      this.#sendAway(client);
    }
  }

  #askOne(nowMs: number): void {
    const client = this.#queue.shift();
    if (client === undefined || !this.#isThere(client)) return;
    const { chooseUrl, staggerMs } = this.#parts;
    if (client.askToMove === undefined) {
      this.#seen.add(client);
      client.drain(0);
      return;
    }
    const deadlineMs = Math.min(patienceMs, this.#endsAtMs - nowMs);
    // With others of the same turn, each at a moment of its own.
    const retryAfterMs = Math.round(Math.random() * Math.min(staggerMs, deadlineMs));
    // One that has no session yet is found again.
    if (!client.askToMove({ url: chooseUrl(), retryAfterMs, deadlineMs: Math.round(deadlineMs) })) return;
    this.#seen.add(client);
    this.#asked.set(client, nowMs + deadlineMs);
    this.#counts.asked += 1;
  }

  #sendAll(): void {
    for (const client of [...this.#queue, ...this.#asked.keys()]) {
      this.#seen.add(client);
      this.#sendAway(client);
    }
    this.#queue = [];
    this.#asked.clear();
  }

  #sendAway(client: MovableClient): void {
    if (!this.#isThere(client)) return;
    this.#counts.sentAway += 1;
    client.drain(0);
  }

  #isThere(client: MovableClient): boolean {
    return this.#parts.clients.some((clients) => clients.has(client));
  }

  #isEmpty(): boolean {
    return this.#parts.clients.every(({ size }) => size === 0) && !this.#parts.isUsed();
  }

  #untilEndMs(nowMs: number): number {
    return this.#endsAtMs > nowMs ? this.#endsAtMs - nowMs : lookAgainMs;
  }

  #over(): void {
    for (const resolve of this.#onOver.splice(0)) resolve();
  }
}
