import type { Clock, Timer } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { TokenBucket } from '../../core/token-bucket.ts';
import type { DirectReport, DirectSignalRequest, MediaMode } from '../../proto/gen/types.ts';
import type { Peer, PeerCompanion } from '../peer.ts';
import type { Room } from '../room.ts';
import { type DirectFacts, type DirectState, firstDirectState, modeOf, nextDirect } from './direct-state.ts';

/**
 * What one peer may hand to the other, beside the number of its calls: a description of four tracks has some 15 KB, and
 * whoever reads slowly must not be made to lose its connection by this.
 */
const signalKilobytes = { perSecond: 32, burst: 256 };

interface RoomDirectParts {
  readonly room: Room;
  readonly clock: Clock;
  readonly log: Logger;
  /** No new try begins. */
  readonly isDraining: () => boolean;
  /** Told of each change; `direct`: packets go directly now. */
  readonly onChanged: (phase: DirectState['phase'], before: DirectState['phase']) => void;
}

/** One room whose people may send to each other: carries out what direct-state.ts decides. */
export class RoomDirect implements PeerCompanion {
  readonly #parts: RoomDirectParts;
  readonly #signalBytes = new WeakMap<Peer, TokenBucket>();
  /** They have sessions that the server describes, which a direct way would not reach. */
  readonly #withSdp = new WeakSet<Peer>();
  #state = firstDirectState;
  #timer: Timer | undefined;
  /** So many want it to go through the server. */
  #holds = 0;
  #waiting: (() => void)[] = [];

  constructor(parts: RoomDirectParts) {
    this.#parts = parts;
    const { room } = parts;
    room.mediaModeOf = (peer) => this.modeOf(peer);
    const look = () => this.look();
    room.media.events.on('producerAdded', look);
    room.media.events.on('producerChanged', look);
    room.media.events.on('producerClosed', look);
  }

  get phase(): DirectState['phase'] {
    return this.#state.phase;
  }

  modeOf(peer: Peer): MediaMode {
    const mode = modeOf(this.#state, peer.id);
    return this.#parts.room.e2ee ? { ...mode, reason: 'e2ee' } : mode;
  }

  joined(peer: Peer): void {
    peer.accompany(this);
    this.look();
  }

  /** Grants of a peer may be others. */
  reviewed(): void {
    this.look();
  }

  /** Of a peer: the room says so itself, once its media is gone too. */
  left(): void {}

  usesSdp(peer: Peer): void {
    this.#withSdp.add(peer);
    this.look();
  }

  /** Something changed that this may depend on. */
  look(): void {
    this.#dispatch((nowMs) => nextDirect(this.#state, { type: 'changed', facts: this.#facts(), nowMs }));
  }

  /** Keeps the room at the server. Resolves when both are there, or have had their time for it; with what ends it. */
  async keepAtServer(): Promise<() => void> {
    this.#holds += 1;
    this.look();
    await this.#atServer();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds -= 1;
      this.look();
    };
  }

  /** @throws {AppError} DIRECT_NOT_POSSIBLE, RATE_LIMITED */
  signal(from: Peer, { generation, kind, data }: Pick<DirectSignalRequest, 'generation' | 'kind' | 'data'>): void {
    if (this.#isPast(generation)) return;
    const { peerId } = this.modeOf(from);
    const to = this.#parts.room.locals.get(peerId);
    if (!to) throw notPossible('you are not in one');
    this.#takeBytes(from, data.length);
    // A description is read with what the room knew before it.
    this.#parts.room.flushRoster();
    this.#parts.room.send(to, 'directSignal', { room: this.#parts.room.name, generation, kind, data });
  }

  /** @throws {AppError} DIRECT_NOT_POSSIBLE */
  report(from: Peer, { generation, outcome }: Pick<DirectReport, 'generation' | 'outcome'>): void {
    if (this.#isPast(generation)) return;
    const event = { type: 'reported', peerId: from.id, generation, outcome } as const;
    this.#dispatch((nowMs) => nextDirect(this.#state, { ...event, nowMs }));
  }

  close(): void {
    this.#timer?.cancel();
    this.#settle();
  }

  /** @throws {AppError} DIRECT_NOT_POSSIBLE for one that never was. */
  #isPast(generation: number): boolean {
    if (generation > this.#state.generation) throw notPossible('there is no such generation');
    return generation < this.#state.generation;
  }

  /** @throws {AppError} RATE_LIMITED */
  #takeBytes(peer: Peer, length: number): void {
    const nowMs = this.#parts.clock.monotonicMs();
    const bucket = this.#signalBytes.get(peer) ?? new TokenBucket(signalKilobytes, nowMs);
    this.#signalBytes.set(peer, bucket);
    for (let taken = 0; taken < length; taken += 1_000) {
      const retryAfterMs = bucket.take(nowMs);
      if (retryAfterMs > 0) throw new AppError('RATE_LIMITED', { what: 'bytes for the other peer' }, { retryAfterMs });
    }
  }

  #facts(): DirectFacts {
    const { room, isDraining } = this.#parts;
    const [one, other] = room.locals.members;
    if (room.roster.size > 2) return { reason: 'joined' };
    if (room.roster.size < 2) return { reason: 'left' };
    // What they hand to each other goes through one node.
    if (!one || !other) return { reason: 'policy' };
    if (room.recording || this.#holds > 0) return { reason: 'recording' };
    if (![one, other].every((peer) => this.#can(peer))) return { reason: 'policy' };
    const producers = room.media.allProducers();
    // Who is muted is muted by the server, whatever a client does.
    if (producers.some(({ producer }) => producer.muted)) return { reason: 'policy' };
    const isNew = this.phase === 'sfu' || this.phase === 'settling';
    // Without anything to send nobody's address is told; and a call that pauses for a moment is not lifted for that.
    if (isNew && (producers.length === 0 || isDraining())) return { reason: '' };
    return { pair: one.id < other.id ? [one.id, other.id] : [other.id, one.id] };
  }

  #can(peer: Peer): boolean {
    return peer.directCapable && peer.grants.has('subscribe') && !this.#withSdp.has(peer);
  }

  #dispatch(next: (nowMs: number) => DirectState): void {
    const { room, clock, onChanged } = this.#parts;
    if (room.e2ee || room.closed) return;
    const before = this.#state;
    const state = next(clock.monotonicMs());
    if (state === before) return;
    this.#state = state;
    this.#timer?.cancel();
    if ('dueMs' in state) this.#timer = clock.after(state.dueMs - clock.monotonicMs(), () => this.#timeUp());
    this.#tell(before);
    if (state.phase !== before.phase) onChanged(state.phase, before.phase);
    if (state.phase !== 'direct' && state.phase !== 'lifting') this.#settle();
  }

  #timeUp(): void {
    this.#dispatch((nowMs) => {
      // Timers come a little early at times.
      const dueMs = 'dueMs' in this.#state ? Math.max(this.#state.dueMs, nowMs) : nowMs;
      return nextDirect(this.#state, { type: 'timeUp', nowMs: dueMs });
    });
  }

  #tell(before: DirectState): void {
    const { room } = this.#parts;
    if (this.phase !== before.phase) this.#parts.log.debug({ phase: this.phase, was: before.phase }, 'direct call');
    const concerned = new Set([
      ...('pair' in before ? before.pair : []),
      ...('pair' in this.#state ? this.#state.pair : []),
    ]);
    for (const peerId of concerned) {
      const peer = room.locals.get(peerId);
      if (!peer) continue;
      const mode = this.modeOf(peer);
      const was = modeOf(before, peerId);
      if (mode.mode === was.mode && mode.generation === was.generation) continue;
      room.send(peer, 'mediaModeChanged', { room: room.name, mode });
    }
  }

  #atServer(): Promise<void> {
    if (this.phase !== 'direct' && this.phase !== 'lifting') return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #settle(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function notPossible(problem: string): AppError {
  return new AppError('DIRECT_NOT_POSSIBLE', { problem });
}
