import { AppError } from '../../core/errors.ts';
import type { TrackSource, TransportRequest } from '../../media/media.ts';
import { readSdp } from '../../media/sdp/read-sdp.ts';
import { refuseSdp } from '../../media/sdp/sdp-values.ts';
import type { AnsweredSection, SdpSection, ServerEnd } from '../../media/sdp/types.ts';
import { writeAnswer } from '../../media/sdp/write-answer.ts';
import type { RtpParameters, SdpTrack } from '../../proto/gen/types.ts';
import { publishGrantOf, requireGrant } from '../grants.ts';
import type { Peer } from '../peer.ts';
import { unlessGone } from '../unless-gone.ts';
import { SdpTransport } from './sdp-transport.ts';
import { planTracks, type SendPlan, type TrackToSend } from './sent-tracks.ts';

const workerSctpPort = 5000;

export interface OfferToSend {
  readonly offer: string;
  readonly tracks: readonly Pick<SdpTrack, 'mid' | 'source' | 'paused'>[];
}

export interface AnsweredOffer {
  readonly answer: string;
  readonly tracks: SdpTrack[];
}

export interface PublishLimits extends Pick<TransportRequest, 'connectWithinMs'> {
  /** Whether a section of data channels is taken; otherwise it is answered as rejected. */
  readonly takesData: boolean;
}

interface SentTrack {
  readonly producerId: string;
  readonly source: TrackSource;
  readonly rtpParameters: RtpParameters;
  paused: boolean;
}

/** One PeerConnection of a client that sends: its offers say what, and it has one producer for each section that does. */
export class PublishSession {
  readonly kind = 'publish';
  readonly #peer: Peer;
  readonly #transport: SdpTransport;
  readonly hasData: boolean;
  /** By mid. */
  readonly #sent = new Map<string, SentTrack>();
  #ufrag: string | undefined;
  #version = 0;
  /** One offer after the other; how many wait is bounded by the calls that a connection may have open. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  /**
   * Nothing is left of it when this throws.
   * @throws {AppError} SDP_REFUSED, E2EE_REFUSES, GRANT_MISSING, what {@link RoomMedia.produce} throws
   */
  static async open(
    peer: Peer,
    request: OfferToSend,
    { takesData, connectWithinMs }: PublishLimits,
  ): Promise<{ session: PublishSession } & AnsweredOffer> {
    if (peer.room.e2ee) throw new AppError('E2EE_REFUSES', { what: 'sending by session descriptions' });
    const plan = plannedBy(peer, request, () => undefined);
    const data = takesData && plan.offer.sections.some(isData);
    if (plan.tracks.length === 0 && !data) refuseSdp('nothing in it is sent');
    if (data) requireGrant(peer.grants, 'publish:data');
    const transport = { connectWithinMs, data, direction: 'send', rtpCapabilities: undefined } as const;
    const session = new PublishSession(peer, await SdpTransport.open(peer, transport));
    try {
      return { session, ...(await session.#inTurn(() => session.#take(plan))) };
    } catch (error) {
      session.close();
      throw error;
    }
  }

  private constructor(peer: Peer, transport: SdpTransport) {
    this.#peer = peer;
    this.#transport = transport;
    this.hasData = transport.end.sctp !== undefined;
  }

  get id(): string {
    return this.#transport.id;
  }

  get end(): ServerEnd {
    return this.#transport.end;
  }

  /** A later offer: tracks come and go, or ICE is restarted. @throws {AppError} as {@link open}; the session goes on. */
  negotiate(request: OfferToSend): Promise<AnsweredOffer> {
    return this.#inTurn(() => this.#take(plannedBy(this.#peer, request, (mid) => this.#sent.get(mid)?.source)));
  }

  /** Without an offer, for clients that send fragments. */
  async restartIce(ufrag: string): Promise<void> {
    await this.#inTurn(() => this.#transport.restartIce());
    this.#ufrag = ufrag;
  }

  /** Somebody else ended it, or the client did by another call. */
  producerClosed(producerId: string): void {
    for (const [mid, track] of this.#sent) if (track.producerId === producerId) this.#sent.delete(mid);
  }

  close(): void {
    this.#closed = true;
    this.#transport.close();
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(() => {
      if (this.#closed) throw new AppError('SDP_SESSION_NOT_FOUND', { sessionId: this.id });
      return run();
    });
    this.#turn = done.catch(() => {});
    return done;
  }

  async #take({ offer, tracks }: SendPlan): Promise<AnsweredOffer> {
    await this.#transport.connect(offer.dtls);
    for (const track of tracks) await this.#send(track);
    const sending = new Set(tracks.map(({ section }) => section.mid));
    for (const [mid, { producerId }] of [...this.#sent]) if (!sending.has(mid)) this.#stop(producerId);
    if (this.#ufrag !== undefined && this.#ufrag !== offer.ice.ufrag) await this.#transport.restartIce();
    this.#ufrag = offer.ice.ufrag;
    this.#version += 1;

    const bySection = new Map(tracks.map((track) => [track.section, track]));
    const sections = offer.sections.map((section): AnsweredSection => {
      const track = bySection.get(section);
      if (track !== undefined) return { kind: 'receive', rtpParameters: track.rtpParameters };
      // SCTP is on a transport from its beginning, or never.
      if (this.hasData && isData(section)) return { kind: 'data' };
      // It sends nothing now and may do so later; what sends and is not among the tracks has no codec of this server's.
      const isHeld = section.kind !== 'application' && !section.direction.startsWith('send');
      return { kind: isHeld ? 'inactive' : 'rejected' };
    });
    const { end: server, sdpId: sessionId } = this.#transport;
    return {
      answer: writeAnswer({ offer, server, sessionId, version: this.#version, sections }),
      tracks: [...this.#sent].map(([mid, { source, paused, producerId }]) => ({
        mid,
        source,
        paused,
        producerId,
        peerId: this.#peer.id,
        consumerId: '',
      })),
    };
  }

  async #send({ section, source, paused: wished, rtpParameters }: TrackToSend): Promise<void> {
    const { id: peerId, identity: owner, room } = this.#peer;
    const { media } = room;
    const running = this.#sent.get(section.mid);
    if (running?.source === source && isSame(running.rtpParameters, rtpParameters)) {
      await this.#setPaused(running, wished ?? running.paused);
      return;
    }
    if (running !== undefined) this.#stop(running.producerId);
    const grant = publishGrantOf(source);
    requireGrant(this.#peer.grants, grant);
    const paused = wished ?? false;
    const kind = section.kind === 'audio' ? 'audio' : 'video';
    const request = { transportId: this.id, owner, kind, source, rtpParameters, paused } as const;
    const { producerId } = await media.produce(peerId, request);
    this.#sent.set(section.mid, { producerId, source, rtpParameters, paused });
    try {
      // Taken away while media was asked.
      requireGrant(this.#peer.grants, grant);
    } catch (error) {
      this.#stop(producerId);
      throw error;
    }
  }

  async #setPaused(track: SentTrack, paused: boolean): Promise<void> {
    if (track.paused === paused) return;
    track.paused = paused;
    const { media } = this.#peer.room;
    if (paused) await media.pauseProducer(this.#peer.id, track.producerId);
    else await media.resumeProducer(this.#peer.id, track.producerId);
  }

  #stop(producerId: string): void {
    unlessGone(() => this.#peer.room.media.closeProducer(this.#peer.id, producerId));
    this.producerClosed(producerId);
  }
}

function plannedBy(
  { room, grants }: Peer,
  { offer, tracks }: OfferToSend,
  sourceBefore: (mid: string) => TrackSource | undefined,
): SendPlan {
  const plan = planTracks(readSdp(offer), tracks, sourceBefore, room.rtpCapabilities);
  for (const { source } of plan.tracks) requireGrant(grants, publishGrantOf(source));
  return plan;
}

function isSame(one: RtpParameters, other: RtpParameters): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Workers speak SCTP on one port alone, which is that of every WebRTC stack (RFC 8841 section 5.1 lets others be said). */
function isData({ kind, rejected, sctpPort }: SdpSection): boolean {
  return kind === 'application' && !rejected && sctpPort === workerSctpPort;
}
