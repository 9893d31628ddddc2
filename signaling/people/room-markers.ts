// How far the people of a room have received and read.

import type { Clock, Timer } from '../../core/clock.ts';
import { EventMessage } from '../../core/event-message.ts';
import type { LogRecord, Marker, MarkRequest, Unread } from '../../proto/gen/types.ts';
import { requireWhole } from '../log/log-sync.ts';
import type { Timeline } from '../log/timeline.ts';
import type { Peer } from '../peer.ts';
import { type MarkWriter, markEveryMs } from './mark-writer.ts';
import { countUnread } from './unread-count.ts';

/** In a room with more peers nobody is told how far others are: each would be told of each. */
const maxToldPeers = 100;

/** The part of a roster that is needed here. */
export interface Members {
  readonly size: number;
  readonly members: readonly Peer[];
  ofIdentity(identity: string): readonly Peer[];
}

interface RoomMarkersParts {
  readonly timeline: Timeline;
  readonly roster: Members;
  /** Of all nodes. */
  readonly roomSize: () => number;
  readonly writer: MarkWriter;
  readonly clock: Clock;
  /** What moved here, for the other nodes. */
  readonly relay: (markers: readonly Marker[]) => void;
}

export class RoomMarkers {
  readonly #parts: RoomMarkersParts;
  readonly #moved = new Map<string, Marker>();
  #timer: Timer | undefined;

  constructor(parts: RoomMarkersParts) {
    this.#parts = parts;
  }

  /**
   * Moves the caller's marker forward, for all of its peers.
   * @throws {AppError} BAD_REQUEST; STORE_UNAVAILABLE and its like, by rejection, when it could not be counted what is left to read.
   */
  async mark(
    peer: Peer,
    { deliveredSeq = 0, readSeq = 0 }: Pick<MarkRequest, 'deliveredSeq' | 'readSeq'>,
  ): Promise<Unread> {
    requireWhole('deliveredSeq', deliveredSeq);
    requireWhole('readSeq', readSeq);
    const { timeline } = this.#parts;
    const before = peer.unread;
    const head = timeline.head.seq;
    const read = Math.max(before.readSeq, Math.min(readSeq, head));
    const delivered = Math.max(before.deliveredSeq, Math.min(deliveredSeq, head), read);
    if (read > before.readSeq || delivered > before.deliveredSeq) {
      this.#move(peer.identity, { ...before, deliveredSeq: delivered, readSeq: read });
    }
    const counted = await countUnread(timeline, peer.identity, read);
    // Another call may have gone further meanwhile, and then has counted from there.
    if (peer.unread.readSeq === read) this.#setUnread(peer.identity, { ...peer.unread, ...counted });
    return peer.unread;
  }

  /** Its marker may have moved through another of its peers since this one's was fetched. */
  joined(peer: Peer): void {
    for (const { unread } of this.#parts.roster.ofIdentity(peer.identity)) {
      if (unread.readSeq > peer.unread.readSeq) peer.unread = unread;
    }
  }

  /**
   * Whoever writes has read what was there. Nobody is told: who hears of the message knows it. Who is there through plain
   * chat alone has no marker.
   */
  sent({ identity, seq }: LogRecord): void {
    const peers = this.#parts.roster.ofIdentity(identity);
    const peer = peers.find(({ kind }) => kind === 'client');
    if (peer === undefined || peer.unread.readSeq >= seq) return;
    const deliveredSeq = Math.max(peer.unread.deliveredSeq, seq);
    this.#keep(identity, { deliveredSeq, readSeq: seq, messages: 0, mentions: 0 });
    // What waits to be told must not say less than that.
    if (this.#moved.has(identity)) this.#moved.set(identity, { identity, deliveredSeq, readSeq: seq });
  }

  /** Another node says so. It is in the store, or will be. */
  heard(markers: readonly Marker[]): void {
    for (const marker of markers) void this.#follow(marker);
    this.#send(markers);
  }

  async list(): Promise<Marker[]> {
    const { timeline, writer } = this.#parts;
    writer.settle(timeline.room);
    const watermarks = await timeline.roomLog.watermarks(timeline.room);
    return watermarks.map(({ identity, delivered, read }) => ({ identity, deliveredSeq: delivered, readSeq: read }));
  }

  close(): void {
    this.#timer?.cancel();
    this.#moved.clear();
  }

  #move(identity: string, unread: Unread): void {
    this.#keep(identity, unread);
    const { deliveredSeq, readSeq } = unread;
    this.#moved.set(identity, { identity, deliveredSeq, readSeq });
    this.#timer ??= this.#parts.clock.after(markEveryMs, () => this.#tell());
  }

  #keep(identity: string, unread: Unread): void {
    this.#setUnread(identity, unread);
    const { deliveredSeq, readSeq } = unread;
    const { timeline, writer } = this.#parts;
    writer.add({ room: timeline.room, identity, delivered: deliveredSeq, read: readSeq });
  }

  #tell(): void {
    this.#timer = undefined;
    const markers = [...this.#moved.values()];
    this.#moved.clear();
    if (this.#parts.roomSize() > maxToldPeers) return;
    this.#parts.relay(markers);
    this.#send(markers);
  }

  #send(markers: readonly Marker[]): void {
    const { timeline, roster } = this.#parts;
    const message = new EventMessage('markersChanged', { room: timeline.room, markers: [...markers] });
    for (const { link } of roster.members) link?.send(message);
  }

  /** Somebody read on at another node, and has peers here: what is left to it. */
  async #follow({ identity, deliveredSeq, readSeq }: Marker): Promise<void> {
    const [peer] = this.#parts.roster.ofIdentity(identity);
    if (peer === undefined || peer.unread.readSeq >= readSeq) return;
    this.#setUnread(identity, { ...peer.unread, deliveredSeq, readSeq });
    const counted = await countUnread(this.#parts.timeline, identity, readSeq).catch(() => undefined);
    if (counted !== undefined && peer.unread.readSeq === readSeq)
      this.#setUnread(identity, { ...peer.unread, ...counted });
  }

  #setUnread(identity: string, unread: Unread): void {
    for (const peer of this.#parts.roster.ofIdentity(identity)) peer.unread = unread;
  }
}
