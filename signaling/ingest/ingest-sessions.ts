import type { Clock } from '../../core/clock.ts';
import { Deadlines } from '../../core/deadlines.ts';
import { AppError } from '../../core/errors.ts';
import { parseRoomId, type RoomId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import { readSdp } from '../../media/sdp/read-sdp.ts';
import { refuseSdp } from '../../media/sdp/sdp-values.ts';
import { type Grants, grantsIn, requireGrant } from '../grants.ts';
import type { IceServersFor } from '../ice-servers.ts';
import type { Rooms } from '../rooms.ts';
import type { Claims, TokenVerifier } from '../token-verifier.ts';
import { choosePlayback } from './choose-playback.ts';
import type {
  IngestEdge,
  IngestMode,
  IngestOpened,
  IngestOptions,
  IngestRequest,
  IngestTarget,
} from './ingest-edge.ts';
import { IngestPeer } from './ingest-peer.ts';
import { Playbacks } from './playbacks.ts';
import { openIngestSender } from './sender.ts';

const fullRetryAfterMs = 5_000;

interface IngestParts {
  readonly rooms: Rooms;
  readonly verifier: TokenVerifier;
  readonly iceServersFor: IceServersFor;
  readonly options: IngestOptions;
  /** @throws {AppError} SERVER_DRAINING */
  readonly requireOpen: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Everybody who is there by WHIP and WHEP. */
export class IngestSessions implements IngestEdge {
  readonly #parts: IngestParts;
  readonly #peers = new Map<string, IngestPeer>();
  readonly #expiries: Deadlines<IngestPeer>;
  readonly #playbacks: Playbacks;
  #opening = 0;

  constructor(parts: IngestParts) {
    this.#parts = parts;
    this.#expiries = new Deadlines(parts.clock, (peer) => peer.leave('expired'));
    this.#playbacks = new Playbacks({
      maxProfiles: parts.options.whepMaxProfiles,
      clock: parts.clock,
      log: parts.log,
    });
  }

  get size(): number {
    return this.#peers.size;
  }

  count(): Record<IngestMode, number> {
    const counts = { whip: 0, whep: 0 };
    for (const { mode } of this.#peers.values()) counts[mode] += 1;
    return counts;
  }

  async open(request: IngestRequest): Promise<IngestOpened> {
    const { maxSessions } = this.#parts.options;
    this.#parts.requireOpen();
    if (this.#peers.size + this.#opening >= maxSessions) {
      throw new AppError('RATE_LIMITED', { what: 'WHIP and WHEP sessions' }, { retryAfterMs: fullRetryAfterMs });
    }
    const ingest = await this.#counted(() => this.#enter(request));
    try {
      const { kind, sdp } =
        request.mode === 'whip' ? await openIngestSender(ingest, request) : await this.#playbacks.open(ingest, request);
      const { iceServers } = this.#parts.iceServersFor(ingest.peer.identity);
      return { sessionId: ingest.id, kind, sdp, etag: ingest.etag, iceServers };
    } catch (error) {
      ingest.leave('left');
      throw error;
    }
  }

  async patch(target: IngestTarget, fragment: string, ifMatch: string | undefined) {
    const peer = await this.#require(target);
    const answer = await peer.patch(fragment, ifMatch);
    return { etag: peer.etag, fragment: answer };
  }

  async answer(target: IngestTarget, answer: string): Promise<void> {
    await (await this.#require(target)).answer(answer);
  }

  async close(target: IngestTarget): Promise<void> {
    (await this.#require(target)).leave('left');
  }

  /** Until it is among the peers: nobody counts twice. */
  async #counted(enter: () => Promise<IngestPeer>): Promise<IngestPeer> {
    this.#opening += 1;
    try {
      return await enter();
    } finally {
      this.#opening -= 1;
    }
  }

  async #enter(request: IngestRequest): Promise<IngestPeer> {
    const { rooms, verifier, requireOpen } = this.#parts;
    const room = parseRoomId(request.room);
    if (room === undefined) throw new AppError('BAD_REQUEST', { field: 'room', problem: 'is not the name of a room' });
    const claims = await verifier.verify(request.token);
    const grants = grantsIn(room, claims.grants);
    this.#requireSense(request, room, grants);
    const loaded = await rooms.load(room, claims.identity);
    requireOpen();
    // It may have been opened by others meanwhile.
    this.#requireReadable(request.mode, room);

    return this.#join(request, { room, claims, grants, loaded });
  }

  /** Before anybody sees it come: what cannot be served would only come and go. */
  #requireSense({ mode, offer, ...wish }: IngestRequest, room: RoomId, grants: Grants): void {
    requireGrant(grants, 'join');
    if (mode === 'whep') requireGrant(grants, 'subscribe');
    if (offer !== '') readSdp(offer);
    else if (mode === 'whip') refuseSdp('it is empty');
    this.#requireReadable(mode, room);
    const open = this.#parts.rooms.get(room);
    if (mode === 'whep' && (open === undefined || choosePlayback(open, wish) === undefined)) {
      throw new AppError('NOTHING_TO_PLAY', { room });
    }
  }

  #requireReadable(mode: IngestMode, room: RoomId): void {
    if (this.#parts.rooms.isEncrypted(room)) throw new AppError('E2EE_REFUSES', { what: mode.toUpperCase() });
  }

  #join(
    { mode }: IngestRequest,
    joining: { room: RoomId; claims: Claims; grants: Grants; loaded: Awaited<ReturnType<Rooms['load']>> },
  ): IngestPeer {
    const { rooms, clock } = this.#parts;
    const ingest = new IngestPeer({
      ...joining,
      rooms,
      mode,
      onLeft: (left) => {
        this.#expiries.clear(left);
        this.#peers.delete(left.id);
      },
    });
    this.#peers.set(ingest.id, ingest);
    this.#expiries.set(ingest, ingest.expiresAtMs - clock.nowMs());
    return ingest;
  }

  /** Somebody else's sessions are as good as none. */
  async #require({ mode, room, sessionId, token }: IngestTarget): Promise<IngestPeer> {
    const { identity } = await this.#parts.verifier.verify(token);
    const ingest = this.#peers.get(sessionId);
    if (
      ingest === undefined ||
      ingest.mode !== mode ||
      ingest.peer.room.name !== room ||
      ingest.peer.identity !== identity
    ) {
      throw new AppError('SDP_SESSION_NOT_FOUND', { sessionId });
    }
    return ingest;
  }
}
