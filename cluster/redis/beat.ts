// The leases of nodes: each beats, and whoever has beaten for a whole lease buries those whose lease has run out. Burying is one
// step in Redis, which all agree on; a life that was buried never beats again.

import { type Clock, systemClock, type Timer } from '../../core/clock.ts';
import { Emitter, type Listening } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import type { LeaseEvents, LeaseState, Life, NodeInfo, NodeLeases } from '../directory.ts';
import { createEpoch } from '../epochs.ts';
import { StoreError } from '../room-log.ts';
import { type BeatAnswer, readBeat } from './beat-answer.ts';
import { runDirectoryScript } from './directory-scripts.ts';
import { type Burial, LeaseView } from './lease-view.ts';
import type { RedisLink } from './redis-link.ts';
import { Steady } from './steady.ts';
import type { Channels } from './subscriber.ts';
import { forgetUnswept, sweep } from './sweep.ts';
import { nodesKey } from './tags.ts';
import { toStoreError } from './to-store-error.ts';

export interface RedisNodeLeasesParts {
  /** With `loadDirectoryScripts` among what it prepares. */
  readonly link: RedisLink;
  readonly subscriber: Channels;
  readonly prefix: string;
  /** Of the node; each life of it begins with that. */
  readonly name: string;
  readonly leaseMs?: number;
  readonly beatMs?: number;
  readonly clock?: Clock;
  readonly log: Logger;
  /**
   * Whether one of these says that its beats are answered: asked while those of this node are not. Undefined: none of them
   * says anything.
   */
  readonly othersAreUp?: (others: ReadonlyMap<Life, NodeInfo>) => Promise<boolean | undefined>;
}

/** Beats and what they tell are all to all. */
const maxNodes = 64;

export class RedisNodeLeases implements NodeLeases {
  readonly #parts: RedisNodeLeasesParts;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #beatMs: number;
  readonly #events: Emitter<LeaseEvents>;
  readonly #view: LeaseView;
  readonly #steady: Steady;
  readonly #ends: (() => void)[] = [];
  readonly #timers = new Set<Timer>();
  #life: Life;
  #state: LeaseState = 'away';
  #info: (() => NodeInfo) | undefined;
  /** As the last beat of this life was answered; of none yet: '' and 0. */
  #id = '';
  #beat = 0;
  #answeredMs = 0;
  #mayBeOlder = false;
  #isBeating = false;
  #again = false;
  #nextBeat: Timer | undefined;
  #stopped = false;
  #started: { resolve: () => void; reject: (error: StoreError) => void } | undefined;

  constructor(parts: RedisNodeLeasesParts) {
    const { clock = systemClock, leaseMs = 10_000, beatMs = 2_000, name, log } = parts;
    this.#parts = parts;
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    this.#beatMs = beatMs;
    this.#life = newLife(name);
    this.#events = new Emitter((error) => log.error({ err: error }, 'a listener of the leases failed'));
    this.#view = new LeaseView(this.#events, leaseMs);
    this.#steady = new Steady(leaseMs);
  }

  get life(): Life {
    return this.#life;
  }

  get others(): ReadonlyMap<Life, NodeInfo> {
    return this.#view.others;
  }

  get state(): LeaseState {
    return this.#state;
  }

  isDead(life: Life): boolean {
    return this.#view.isDead(life);
  }

  get events(): Listening<LeaseEvents> {
    return this.#events;
  }

  /**
   * @throws {StoreError} (by rejecting) busy, when there are 64 nodes already; away, when no beat is answered within a lease;
   * closed. Then it is stopped.
   */
  async start(info: () => NodeInfo): Promise<void> {
    this.#info = info;
    this.#answeredMs = this.#clock.monotonicMs();
    const { promise, ...settle } = deferred<void>();
    this.#started = settle;
    const timer = this.#clock.after(this.#leaseMs, () =>
      settle.reject(new StoreError('away', `Redis did not answer within ${this.#leaseMs} ms.`)),
    );
    this.#join().catch((error: unknown) => settle.reject(toStoreError(error)));
    try {
      await promise;
    } catch (error) {
      this.stop();
      throw error;
    } finally {
      timer.cancel();
    }
  }

  async end(): Promise<void> {
    const { link, prefix, log } = this.#parts;
    this.stop();
    try {
      await sweep(link, prefix, this.#life);
      await this.#bury({ life: this.#life, seen: '*' });
      await forgetUnswept(link, prefix, this.#life);
    } catch (error) {
      log.warn({ err: error }, 'the others were not told that this node ends: its lease runs out');
    }
  }

  /** In a room. One that never beats is dead after a lease: it was lost with what Redis forgot, or came too late. */
  met(life: Life): void {
    if (life !== this.#life) this.#view.met(life);
  }

  /** Without a word. */
  stop(): void {
    this.#stopped = true;
    this.#nextBeat?.cancel();
    for (const timer of this.#timers) timer.cancel();
    for (const end of this.#ends.splice(0)) end();
    this.#started?.reject(new StoreError('closed', 'The leases were closed.'));
    this.#started = undefined;
  }

  async #join(): Promise<void> {
    const { link, subscriber, prefix } = this.#parts;
    await Promise.all([link.whenUp(), subscriber.whenUp()]);
    const channel = nodesKey(prefix, 'ch');
    this.#defer(await subscriber.subscribe(channel, (message) => this.#hear(message.toString())));
    this.#defer(
      link.events.on('stateChanged', ({ state }) => {
        if (state === 'up') this.#beatNow();
      }),
    );
    this.#defer(
      link.events.on('replaced', () => {
        this.#mayBeOlder = true;
        this.#beatNow();
      }),
    );
    this.#beatNow();
  }

  #defer(end: () => void): void {
    if (this.#stopped) end();
    else this.#ends.push(end);
  }

  #hear(message: string): void {
    if (!message.startsWith('1 d ')) return;
    const life = message.slice(4);
    if (life === this.#life) this.#beatNow();
    else this.#view.heardOfDeath(life);
  }

  /** And from here on. One that is under way is followed by another one: what it read may be from before. */
  #beatNow(): void {
    this.#again = true;
    if (this.#isBeating || this.#stopped) return;
    this.#isBeating = true;
    this.#nextBeat?.cancel();
    void this.#beatUntilTold();
  }

  async #beatUntilTold(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#beatOnce();
      } catch (error) {
        await this.#unanswered(error);
      }
    }
    this.#isBeating = false;
    if (!this.#stopped) this.#nextBeat = this.#clock.after(this.#beatMs, () => this.#beatNow());
  }

  async #beatOnce(): Promise<void> {
    const first = await this.#send(this.#life, { id: this.#id, beat: this.#beat });
    if (first === 'full') {
      this.#started?.reject(new StoreError('busy', `There are ${maxNodes} nodes already.`));
      this.#started = undefined;
      return;
    }
    if (first !== 'buried') {
      this.#answered(first);
      return;
    }
    const life = newLife(this.#parts.name);
    const second = await this.#send(life, { id: '', beat: 0 });
    if (second === 'full' || second === 'buried') throw new StoreError('busy', 'There is no place for this node.');
    const before = this.#life;
    this.#life = life;
    this.#view.remember(before);
    this.#answered(second);
    this.#events.emit('reborn', { before, life });
  }

  async #send(life: Life, seen: { id: string; beat: number }): Promise<BeatAnswer | 'buried' | 'full'> {
    const { link, prefix } = this.#parts;
    const info = JSON.stringify(this.#info?.());
    const args = [life, info, this.#leaseMs, seen.id, seen.beat, createEpoch(), maxNodes];
    return readBeat(await runDirectoryScript(link, 'beat', { prefix, tag: 'n' }, args));
  }

  #answered(answer: BeatAnswer): void {
    if (this.#stopped) return;
    const nowMs = this.#clock.monotonicMs();
    const isReset = answer.reset || this.#mayBeOlder;
    this.#id = answer.id;
    this.#beat = answer.beat;
    this.#answeredMs = nowMs;
    this.#mayBeOlder = false;
    // The others may not have beaten since.
    if (isReset) this.#steady.broken();
    this.#steady.answered(nowMs, answer.nowMs);
    this.#setState('up');
    this.#started?.resolve();
    this.#started = undefined;
    if (isReset) {
      void this.#tellReset();
    }
    const isSteady = this.#steady.isFor(nowMs);
    for (const burial of this.#view.read(this.#life, answer, nowMs)) {
      // Who was buried before is dead whatever this node has missed: an older copy has brought it back.
      if (isSteady || burial.seen === '*') void this.#buryAndSweep(burial);
    }
    if (!isSteady) return;
    // One of them is enough.
    const isEldest = [...this.others.keys()].every((life) => this.#life < life);
    if (isEldest) for (const life of answer.unswept) void this.#sweep(life, { isLast: true });
  }

  /** Rooms are entered again with their channels: they must be heard. */
  async #tellReset(): Promise<void> {
    try {
      await this.#parts.subscriber.whenUp();
    } catch {
      return;
    }
    if (!this.#stopped) this.#events.emit('reset', {});
  }

  async #unanswered(error: unknown): Promise<void> {
    this.#steady.broken();
    const { log, othersAreUp } = this.#parts;
    log.debug({ err: error }, 'a beat was not answered');
    if (this.#clock.monotonicMs() - this.#answeredMs < this.#leaseMs) return;
    const areUp = await othersAreUp?.(this.others).catch(() => undefined);
    // A busy node does not answer in time each time that it is asked: what it said before holds until one says otherwise.
    if (this.#stopped || (areUp === undefined && this.#state === 'isolated')) return;
    this.#setState(areUp ? 'isolated' : 'away');
  }

  async #bury({ life, seen }: Burial): Promise<boolean> {
    const { link, prefix } = this.#parts;
    return (await runDirectoryScript(link, 'bury', { prefix, tag: 'n' }, [life, seen])) === 1;
  }

  async #buryAndSweep(burial: Burial): Promise<void> {
    try {
      // Others did it, or it has beaten since.
      if (!(await this.#bury(burial))) return;
    } catch {
      // The next beat finds it again.
      return;
    }
    const { life } = burial;
    if (this.#stopped) return;
    this.#view.heardOfDeath(life);
    await this.#sweep(life, { isLast: false });
    // What it had sent may be carried out later still.
    const timer = this.#clock.after(this.#leaseMs, () => {
      this.#timers.delete(timer);
      void this.#sweep(life, { isLast: true });
    });
    this.#timers.add(timer);
  }

  async #sweep(life: Life, { isLast }: { isLast: boolean }): Promise<void> {
    const { link, prefix, log } = this.#parts;
    try {
      await sweep(link, prefix, life);
      if (isLast) await forgetUnswept(link, prefix, life);
    } catch (error) {
      log.debug({ err: error, life }, 'what a dead node had is cleared away later');
    }
  }

  #setState(state: LeaseState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#events.emit('stateChanged', { state });
  }
}

function deferred<Value>() {
  let settle: { resolve: (value: Value) => void; reject: (error: StoreError) => void } | undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  const { resolve, reject } = settle as NonNullable<typeof settle>;
  return { promise, resolve, reject };
}

const newLife = (name: string): Life => `${name}~${createEpoch()}`;
