import type { Due } from '../../core/deadlines.ts';
import { AppError } from '../../core/errors.ts';
import { createSecret, type RoomId } from '../../core/ids.ts';
import { readFragment, writeFragment } from '../../media/sdp/fragments.ts';
import { readSdp } from '../../media/sdp/read-sdp.ts';
import type { SdpSection, ServerEnd } from '../../media/sdp/types.ts';
import type { LeaveReason, Peer, PeerOwner } from '../peer.ts';
import type { LoadedRoom, Rooms } from '../rooms.ts';
import type { Claims } from '../token-verifier.ts';
import type { IngestMode } from './ingest-edge.ts';

/** What flows of it: the session of a sender, or of a player by one way or the other. */
export interface IngestMedia {
  readonly end: ServerEnd;
  /** The section that the candidates belong to. */
  readonly tagged: Pick<SdpSection, 'mid' | 'kind' | 'protocol'>;
  restartIce(ufrag: string): Promise<void>;
  /** Undefined: the server made no offer. */
  readonly answer?: ((text: string) => Promise<void>) | undefined;
  close(): void;
}

interface IngestPeerParts {
  readonly rooms: Rooms;
  readonly mode: IngestMode;
  readonly room: RoomId;
  readonly loaded: LoadedRoom;
  readonly claims: Claims;
  readonly grants: Peer['grants'];
  readonly onLeft: (peer: IngestPeer, reason: LeaveReason) => void;
}

/** Somebody who is in one room by WHIP or WHEP: for as long as that one connection of media lives. */
export class IngestPeer implements PeerOwner, Due {
  dueTick = 0;
  /** 128 random bits. */
  readonly id = createSecret();
  readonly mode: IngestMode;
  readonly peer: Peer;
  readonly expiresAtMs: number;
  readonly #onLeft: IngestPeerParts['onLeft'];
  readonly #unsubscribe: readonly (() => void)[];
  #etag = newEtag();
  #media: IngestMedia | undefined;
  #ufrag: string | undefined;
  /** The track that a player is there for. */
  #plays: string | undefined;

  /** @throws {AppError} what {@link Rooms.join} throws. */
  constructor({ rooms, mode, room, loaded, claims, grants, onLeft }: IngestPeerParts) {
    this.mode = mode;
    this.expiresAtMs = claims.expiresAtMs;
    this.#onLeft = onLeft;
    const { identity, name, metadata } = claims;
    const candidate = { owner: this, kind: mode, identity, name, metadata, grants, link: undefined } as const;
    this.peer = rooms.join(room, candidate, loaded);
    const { events } = this.peer.room.media;
    const isOwn = ({ peerId }: { readonly peerId: string }) => peerId === this.peer.id;
    this.#unsubscribe = [
      events.on('transportClosed', (told) => isOwn(told) && this.leave('lost')),
      events.on('reset', ({ peerIds }) => peerIds.includes(this.peer.id) && this.leave('lost')),
      events.on('consumerClosed', (told) => isOwn(told) && this.#lost(told.reason)),
    ];
  }

  get etag(): string {
    return this.#etag;
  }

  /** From now on it lives as long as this. @throws {AppError} NOT_IN_ROOM when it was taken out meanwhile; the media is closed. */
  carry(media: IngestMedia, { ufrag, plays }: { ufrag?: string; plays?: string }): void {
    if (this.peer.left) {
      media.close();
      throw new AppError('NOT_IN_ROOM', { room: this.peer.room.name });
    }
    this.#media = media;
    this.#ufrag = ufrag;
    this.#plays = plays;
  }

  /**
   * RFC 9725 section 4.3: candidates need nothing, for the server is ICE-lite; other credentials restart ICE. Players leave
   * If-Match out, which WHIP does not allow.
   */
  async patch(text: string, ifMatch: string | undefined): Promise<string | undefined> {
    const { ufrag } = readFragment(text);
    const isAnother = ufrag !== undefined && this.#ufrag !== undefined && ufrag !== this.#ufrag;
    if (ifMatch === undefined) {
      if (this.mode === 'whip' || isAnother) throw new AppError('PRECONDITION_REQUIRED');
      return undefined;
    }
    const isAny = ifMatch.trim() === '*';
    if (!isAny && (isAnother || !ifMatch.split(',').some((tag) => tag.trim() === this.#etag))) {
      throw new AppError('ICE_GENERATION_PASSED');
    }
    if (!isAnother) return undefined;
    const media = this.#require();
    await media.restartIce(ufrag);
    this.#ufrag = ufrag;
    this.#etag = newEtag();
    return writeFragment(media.end, media.tagged);
  }

  async answer(text: string): Promise<void> {
    const { answer } = this.#require();
    // An offer is answered once, and this session had none or has its answer.
    if (answer === undefined) throw new AppError('SDP_VERSION_PASSED', { version: 1 });
    await answer(text);
    this.#ufrag = readSdp(text).ice.ufrag;
  }

  leave(reason: LeaveReason): void {
    this.peer.room.leave(this.peer, reason);
  }

  peerLeft(_peer: Peer, reason: LeaveReason): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#media?.close();
    this.#media = undefined;
    this.#onLeft(this, reason);
  }

  /** A track that comes back does so by another SSRC, which nobody can tell this client of. */
  #lost(reason: 'ended' | 'restart'): void {
    const sent = this.peer.room.media.allProducers();
    if (reason === 'restart') this.leave('lost');
    else if (!sent.some(({ producer }) => producer.producerId === this.#plays)) this.leave('closed');
  }

  #require(): IngestMedia {
    if (this.#media === undefined) throw new AppError('SDP_SESSION_NOT_FOUND', { sessionId: this.id });
    return this.#media;
  }
}

/** A strong one: RFC 9725 section 4.3.1. */
function newEtag(): string {
  return `"${createSecret()}"`;
}
