// Make before break: what goes through the server stands all the while. A track that comes directly takes the place of the
// one from the server once it flows, and only then its sender stops sending it there; on the way back in the same order.

import type { IceServer, MediaMode } from '../../../../proto/gen/types.ts';
import type { TrackSource } from '../../api.ts';
import type { SentTrack } from '../local-track.ts';
import type { ReceivedTrack } from '../remote-track.ts';
import { readStats, type TrackCounters } from '../track-counters.ts';
import { DirectConnection, type SignalKind } from './direct-connection.ts';
import { DirectVoices, readLevels } from './direct-voices.ts';
import { countsOf, HealthMeter } from './path-health.ts';
import { directSources, nothingTold, readTold, type ToldState, writeTold } from './told-state.ts';
import { amountOf, isFlowing } from './track-flow.ts';

export interface DirectCallParts {
  readonly mode: MediaMode;
  readonly ownPeerId: string;
  readonly iceServers: readonly IceServer[];
  readonly relayOnly: boolean;
  readonly sent: () => Iterable<SentTrack>;
  readonly received: () => Iterable<ReceivedTrack>;
  /** Of the transport that receives from the server. */
  readonly serverStats: () => Promise<RTCStatsReport>;
  readonly signal: (kind: SignalKind, data: string) => void;
  readonly report: (outcome: 'connected' | 'failed' | 'bad', detail: string) => void;
  /** Everything is received through the server again. */
  readonly onLifted: () => void;
  readonly onSwapped: (track: ReceivedTrack) => void;
  readonly onSpeakers: (peerIds: readonly string[]) => void;
  /** It is over, and closed. */
  readonly onEnded: () => void;
}

const closeLookMs = 100;
const lookMs = 400;
/** The server has no track for it, or it is still: it is swapped all the same. */
const liftTimeoutMs = 3_000;
/** For the other one to be done too. */
const endTimeoutMs = 6_000;

/** One way to the other client, from the try to its end. */
export class DirectCall {
  readonly generation: number;
  /** Of the other one. */
  readonly peerId: string;
  readonly #parts: DirectCallParts;
  readonly #connection: DirectConnection;
  readonly #health = new HealthMeter();
  readonly #voices = new DirectVoices();
  /** What came before: by the track that counts. */
  readonly #firstCounts = new Map<string, number>();
  /** Received directly now. */
  readonly #swapped = new Set<ReceivedTrack>();
  #phase: 'trying' | 'direct' | 'lifting' | 'ended' = 'trying';
  #told: ToldState = nothingTold;
  #heard: ToldState = nothingTold;
  #liftedAtMs = 0;
  #saidLifted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: DirectCallParts) {
    this.#parts = parts;
    this.generation = parts.mode.generation;
    this.peerId = parts.mode.peerId;
    this.#connection = new DirectConnection({
      ...parts,
      initiator: parts.mode.initiator,
      onOpen: () => parts.report('connected', ''),
      onMessage: (data) => this.#hears(data),
      onFailed: (detail) => this.#failed('failed', detail),
    });
    this.#wait();
  }

  /** Whether this is what is heard and shown, or is about to be. */
  get isDirect(): boolean {
    return this.#phase === 'direct';
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  receive(kind: SignalKind, data: string): void {
    if (kind === 'end') this.#failed('failed', 'ended by the other');
    else if (this.#phase === 'trying') this.#connection.receive(kind, data);
    else if (kind === 'candidate' && this.#phase === 'direct') this.#connection.receive(kind, data);
  }

  /** Both said that they can. */
  start(): void {
    if (this.#phase !== 'trying') return;
    this.#phase = 'direct';
    this.changed();
  }

  /** The word may have been lost with the connection to the server. */
  tellAgain(): void {
    if (this.#phase === 'trying' && this.#connection.isOpen) this.#parts.report('connected', '');
  }

  /** Back to the server. Nothing is waited for: what is sent there is sent at once. */
  lift(): void {
    if (this.#phase === 'trying') this.close();
    if (this.#phase !== 'direct') return;
    this.#phase = 'lifting';
    this.#liftedAtMs = performance.now();
    this.#firstCounts.clear();
    this.#parts.onSpeakers([]);
    this.changed();
    this.#wait();
  }

  /** To the server, and for a while, because of something that happened here. */
  leaveFor(detail: string): void {
    if (this.#phase === 'direct') this.#failed('bad', detail);
  }

  /** Tracks came, went, or were paused. */
  changed(): void {
    if (this.#phase === 'ended') return;
    const flows = this.#phase !== 'trying';
    const sends: Partial<Record<TrackSource, string>> = {};
    const tracks = new Map<TrackSource, MediaStreamTrack>();
    for (const sent of this.#parts.sent()) {
      const { producerId, source, track, paused, muted } = sent;
      const isThere = producerId !== undefined && this.#heard.has.includes(producerId);
      sent.direct =
        this.#phase === 'direct' && isThere ? { getStats: () => this.#connection.statsOf(source, 'send') } : undefined;
      if (!flows || producerId === undefined || paused || muted || !this.#heard.wants.includes(producerId)) continue;
      sends[source] = producerId;
      tracks.set(source, track);
    }
    for (const source of directSources) this.#connection.send(source, tracks.get(source));
    this.#forgetRemoved();
    this.#tell({
      sends,
      wants: flows
        ? this.#receivedOfPeer()
            .filter(({ isHidden }) => !isHidden)
            .map(({ producerId }) => producerId)
        : [],
      has: [...this.#swapped].map(({ producerId }) => producerId),
      lifting: this.#phase === 'lifting',
    });
    this.#endIfLifted();
  }

  close(): void {
    if (this.#phase === 'ended') return;
    const wasDirect = this.#phase === 'direct';
    this.#phase = 'ended';
    clearTimeout(this.#timer);
    for (const sent of this.#parts.sent()) sent.direct = undefined;
    this.#forgetRemoved();
    for (const track of [...this.#swapped]) this.#toServer(track);
    if (wasDirect) this.#parts.onSpeakers([]);
    this.#connection.close();
    this.#parts.onEnded();
  }

  #hears(data: unknown): void {
    const heard = readTold(data);
    if (!heard) return;
    this.#heard = heard;
    if (heard.lifting) this.lift();
    this.changed();
  }

  #tell(state: ToldState): void {
    if (!this.#connection.isOpen || writeTold(state) === writeTold(this.#told)) return;
    this.#told = state;
    this.#connection.tell(writeTold(state));
  }

  #failed(outcome: 'failed' | 'bad', detail: string): void {
    if (this.#phase === 'ended') return;
    const wasLifting = this.#phase === 'lifting';
    if (!wasLifting) this.#parts.report(outcome, detail);
    if (outcome === 'bad' && this.#phase === 'direct') {
      this.lift();
      return;
    }
    // Nothing comes here any more: what the server has is as good as it gets.
    if (this.#phase === 'direct') this.lift();
    for (const track of [...this.#swapped]) this.#toServer(track);
    this.close();
    if (!wasLifting || !this.#saidLifted) this.#sayLifted();
  }

  #receivedOfPeer(): ReceivedTrack[] {
    return [...this.#parts.received()].filter(({ peerId }) => peerId === this.peerId);
  }

  #forgetRemoved(): void {
    const received = this.#receivedOfPeer();
    for (const track of this.#swapped) if (!received.includes(track)) this.#swapped.delete(track);
  }

  #wait(): void {
    if (this.#phase === 'ended') return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), this.#isSwapping() ? closeLookMs : lookMs);
  }

  #isSwapping(): boolean {
    if (this.#phase === 'lifting') return true;
    return this.#phase === 'direct' && this.#receivedOfPeer().some((track) => this.#isComing(track));
  }

  /** It is sent here, and not received from here yet. */
  #isComing(track: ReceivedTrack): boolean {
    return !this.#swapped.has(track) && this.#heard.sends[track.source] === track.producerId;
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      if (this.#phase === 'direct') await this.#lookDirect();
      else if (this.#phase === 'lifting') await this.#lookLifting();
    } catch {
      // A connection that closes meanwhile has no statistics.
    }
    this.changed();
    this.#wait();
  }

  async #lookDirect(): Promise<void> {
    const report = await this.#connection.getStats();
    if (this.#phase !== 'direct') return;
    const { counters } = readStats(report, 'recv');
    for (const track of this.#receivedOfPeer()) {
      const direct = this.#connection.trackOf(track.source);
      if (!direct || !this.#isComing(track) || !isFlowing(direct, counters.get(direct.id))) continue;
      this.#swapped.add(track);
      track.direct = { track: direct, getStats: () => this.#connection.statsOf(track.source, 'recv') };
      this.#parts.onSwapped(track);
    }
    this.#judge(counters.values());
    this.#listen(report);
  }

  async #lookLifting(): Promise<void> {
    const counters = readStats(await this.#parts.serverStats(), 'recv').counters;
    const isLate = performance.now() - this.#liftedAtMs > liftTimeoutMs;
    for (const track of [...this.#swapped]) {
      const server = track.serverTrack;
      const own = counters.get(server.id);
      const first = this.#firstCounts.get(server.id) ?? amountOf(server, own);
      this.#firstCounts.set(server.id, first);
      const isStill = track.paused || track.isHidden;
      if (isLate || isStill || isFlowing(server, own, first)) this.#toServer(track);
    }
  }

  #toServer(track: ReceivedTrack): void {
    this.#swapped.delete(track);
    track.direct = undefined;
    this.#parts.onSwapped(track);
  }

  #judge(counters: Iterable<TrackCounters>): void {
    const { microphone } = this.#heard.sends;
    const health = this.#health.add(countsOf(counters), microphone !== undefined, performance.now());
    if (health === 'bad') this.#failed('bad', 'too much is lost or late');
    if (health === 'silent') this.#failed('failed', 'nothing comes');
  }

  #listen(report: RTCStatsReport): void {
    const byTrack = readLevels(report);
    const levels = new Map<string, number>();
    const other = this.#connection.trackOf('microphone');
    if (other && this.#heard.sends.microphone) levels.set(this.peerId, byTrack.get(other.id) ?? 0);
    for (const { source, track, paused, muted } of this.#parts.sent()) {
      if (source === 'microphone' && !paused && !muted) levels.set(this.#parts.ownPeerId, byTrack.get(track.id) ?? 0);
    }
    const speakers = this.#voices.add(levels, performance.now());
    if (speakers && this.#phase === 'direct') this.#parts.onSpeakers(speakers);
  }

  #endIfLifted(): void {
    if (this.#phase !== 'lifting' || this.#swapped.size > 0) return;
    this.#sayLifted();
    const isOver = performance.now() - this.#liftedAtMs > endTimeoutMs;
    if (isOver || (this.#heard.lifting && this.#heard.has.length === 0)) this.close();
  }

  #sayLifted(): void {
    if (this.#saidLifted) return;
    this.#saidLifted = true;
    this.#parts.onLifted();
  }
}
