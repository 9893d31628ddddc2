// Scores of everybody's tracks, told when they change, and remembered of each call.

import type { Timer } from '../../core/clock.ts';
import type { PeerId } from '../../core/ids.ts';
import type { PeerQuality, QualityReport, TrackQuality } from '../../proto/gen/types.ts';
import type { MediaKind } from '../media.ts';
import { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer } from '../room-objects.ts';
import type { CreatePolicy, PolicyContext, RoomPolicy, Sampled } from '../room-policy.ts';
import { CallRecord, type CallSummary } from './call-summary.ts';
import { type Measure, measure } from './measure.ts';
import { type Claim, qualityOf } from './track-quality.ts';

export interface CallQualityOptions {
  /** How often a room is told of scores that changed. */
  readonly reportIntervalMs: number;
  /** Told of each track in each interval. */
  readonly onScored?: (kind: MediaKind, score: number) => void;
  /** Told of each report of a client. */
  readonly onReported?: () => void;
}

export interface CallQuality {
  readonly policy: CreatePolicy;
  /** How the call of a peer that has left was; once. Undefined for one that neither sent nor received anything. */
  takeCall(peerId: PeerId): CallSummary | undefined;
}

type Track = RoomProducer | RoomConsumer;

interface PeerState {
  readonly tracks: Set<Track>;
  /** By direction and producer. At most as many as a report has. */
  claims: Map<string, Claim>;
  claimedAtMs: number | undefined;
  told: { readonly score: number; readonly atTick: number } | undefined;
}

/** Smaller changes are noise. */
const changeWorthTelling = 0.3;
/** Numbers behind a score that does not change are told again after so many intervals. */
const ticksUntilToldAnyway = 6;
/** Of what somebody receives, the worst: a moderator of a large room would be told of its square. */
const maxReceivedTold = 16;
/** Clients report each five seconds; what is older says nothing of now. */
const claimMaxAgeMs = 20_000;
const defaultClaimMs = 5_000;

/** One for the node. Calls are kept until they are taken, or their room closes. */
export function createCallQuality(options: CallQualityOptions): CallQuality {
  const calls = new Map<PeerId, { readonly record: CallRecord; readonly context: PolicyContext }>();
  const callOf = (peerId: PeerId, context: PolicyContext): CallRecord => {
    const known = calls.get(peerId);
    if (known) return known.record;
    const record = new CallRecord(context.clock.nowMs());
    calls.set(peerId, { record, context });
    return record;
  };
  return {
    policy: (context) =>
      new RoomQuality(context, {
        ...options,
        callOf: (peerId) => callOf(peerId, context),
        knownCallOf: (peerId) => calls.get(peerId)?.record,
        onClosed: () => {
          for (const [peerId, call] of calls) if (call.context === context) calls.delete(peerId);
        },
      }),
    takeCall(peerId) {
      const call = calls.get(peerId);
      calls.delete(peerId);
      return call?.record.summarize({ room: call.context.room, peerId, nowMs: call.context.clock.nowMs() });
    },
  };
}

interface RoomQualityParts extends CallQualityOptions {
  readonly callOf: (peerId: PeerId) => CallRecord;
  readonly knownCallOf: (peerId: PeerId) => CallRecord | undefined;
  readonly onClosed: () => void;
}

class RoomQuality implements RoomPolicy {
  readonly #context: PolicyContext;
  readonly #parts: RoomQualityParts;
  /** Of those who send or receive something, or did in this interval. */
  readonly #peers = new Map<PeerId, PeerState>();
  readonly #measures = new Map<Track, Measure | undefined>();
  readonly #unsubscribes: readonly (() => void)[];
  #timer: Timer | undefined;
  #tick = 0;

  constructor(context: PolicyContext, parts: RoomQualityParts) {
    this.#context = context;
    this.#parts = parts;
    this.#unsubscribes = [
      context.events.on('reset', ({ peerIds }) => {
        for (const peerId of peerIds) {
          const call = parts.knownCallOf(peerId);
          if (call) call.resets += 1;
        }
      }),
      context.events.on('consumerClosed', ({ peerId, reason }) => {
        const call = reason === 'restart' ? parts.knownCallOf(peerId) : undefined;
        if (call) call.restarts += 1;
      }),
    ];
  }

  producerAdded(producer: RoomProducer): void {
    this.#add(producer);
  }

  producerRemoved(producer: RoomProducer): void {
    this.#remove(producer);
  }

  consumerAdded(consumer: RoomConsumer): void {
    this.#add(consumer);
  }

  consumerRemoved(consumer: RoomConsumer): void {
    this.#remove(consumer);
  }

  sampled(sampled: Sampled): void {
    if (this.#measures.has(sampled.track)) this.#measures.set(sampled.track, measure(sampled));
  }

  qualityReported(peerId: PeerId, { tracks, path }: Pick<QualityReport, 'tracks' | 'path'>): void {
    const peer = this.#peers.get(peerId);
    if (!peer) return;
    this.#parts.onReported?.();
    const nowMs = this.#context.clock.monotonicMs();
    const intervalMs = Math.max(
      peer.claimedAtMs === undefined ? defaultClaimMs : Math.min(nowMs - peer.claimedAtMs, claimMaxAgeMs),
      1,
    );
    peer.claimedAtMs = nowMs;
    peer.claims = new Map(tracks.map((track) => [keyOf(track.direction, track.producerId), { track, intervalMs }]));
    if (path !== '') this.#parts.callOf(peerId).path = path;
  }

  peerRemoved(peerId: PeerId): void {
    this.#peers.delete(peerId);
  }

  close(): void {
    this.#timer?.cancel();
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    this.#parts.onClosed();
  }

  #add(track: Track): void {
    // Its own node says how it is sent.
    if (track.peer.isElsewhere) return;
    const { id } = track.peer;
    const peer = this.#peers.get(id) ?? {
      tracks: new Set(),
      claims: new Map(),
      claimedAtMs: undefined,
      told: undefined,
    };
    this.#peers.set(id, peer);
    peer.tracks.add(track);
    this.#measures.set(track, undefined);
    const { rtpParameters } = track instanceof RoomConsumer ? track.engine : track;
    const mimeType = rtpParameters.codecs[0]?.mimeType;
    if (mimeType !== undefined) this.#parts.callOf(id).hasCodec(mimeType);
    this.#timer ??= this.#context.clock.after(this.#parts.reportIntervalMs, () => this.#report());
  }

  #remove(track: Track): void {
    this.#measures.delete(track);
    this.#peers.get(track.peer.id)?.tracks.delete(track);
  }

  #report(): void {
    this.#tick += 1;
    const changed: PeerQuality[] = [];
    for (const [peerId, peer] of this.#peers) {
      const quality = this.#qualityOf(peerId, peer);
      if (this.#isNews(peer, quality)) {
        peer.told = { score: quality.score, atTick: this.#tick };
        changed.push(quality);
      }
      if (peer.tracks.size === 0) this.#peers.delete(peerId);
    }
    this.#timer =
      this.#peers.size === 0
        ? undefined
        : this.#context.clock.after(this.#parts.reportIntervalMs, () => this.#report());
    if (changed.length > 0) this.#context.events.emit('qualityChanged', { peers: changed });
  }

  #qualityOf(peerId: PeerId, peer: PeerState): PeerQuality {
    const isCurrent =
      peer.claimedAtMs !== undefined && this.#context.clock.monotonicMs() - peer.claimedAtMs < claimMaxAgeMs;
    const sent: TrackQuality[] = [];
    const received: TrackQuality[] = [];
    const call = this.#parts.callOf(peerId);
    for (const track of peer.tracks) {
      const isReceived = track instanceof RoomConsumer;
      const { id, kind } = isReceived ? track.producer : track;
      const claim = isCurrent ? peer.claims.get(keyOf(isReceived ? 'recv' : 'send', id)) : undefined;
      const quality = qualityOf(track, this.#measures.get(track), claim);
      if (!quality) continue;
      this.#parts.onScored?.(kind, quality.score);
      (isReceived ? received : sent).push(quality);
    }
    const score = [...sent, ...received].reduce(
      (worst, track) => Math.min(worst, track.score),
      Number.POSITIVE_INFINITY,
    );
    if (Number.isFinite(score)) call.scored(score, this.#parts.reportIntervalMs);
    call.path ||= [...peer.tracks].map((track) => track.transport.engine.selectedProtocol).find((path) => path) ?? '';
    received.sort((one, other) => one.score - other.score);
    return {
      peerId,
      score: Number.isFinite(score) ? score : 0,
      tracks: [...sent, ...received.slice(0, maxReceivedTold)],
    };
  }

  #isNews({ told }: PeerState, { score }: PeerQuality): boolean {
    if (!told) return score > 0;
    if (score === 0 || told.score === 0) return score !== told.score;
    return Math.abs(score - told.score) >= changeWorthTelling || this.#tick - told.atTick >= ticksUntilToldAnyway;
  }
}

function keyOf(direction: 'send' | 'recv', producerId: string): string {
  return `${direction} ${producerId}`;
}
