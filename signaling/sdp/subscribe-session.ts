import type { Clock, Timer } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { readAnswer } from '../../media/sdp/read-answer.ts';
import { readSdp } from '../../media/sdp/read-sdp.ts';
import { refuseSdp } from '../../media/sdp/sdp-values.ts';
import { OfferSlots } from '../../media/sdp/slots.ts';
import { leastReceiveCapabilities, toReceiveCapabilities } from '../../media/sdp/to-rtp.ts';
import type { OfferedSection, ServerEnd } from '../../media/sdp/types.ts';
import { writeOffer } from '../../media/sdp/write-offer.ts';
import type { ProducerInfo, RtpCapabilities, SdpOffered, SdpTrack } from '../../proto/gen/types.ts';
import { requireGrant } from '../grants.ts';
import type { Peer } from '../peer.ts';
import { ReceivedTracks } from './received-tracks.ts';
import { SdpTransport } from './sdp-transport.ts';

/** What changes within it goes into one offer. */
const gatherMs = 50;
const answerTimeoutMs = 10_000;
/** Of mids of tracks, which are numbers, it is none. */
const dataSection: OfferedSection = { mid: 'data', kind: 'application', send: undefined };

/** Which tracks a session receives. */
export interface Wish {
  /** All that there are. */
  readonly auto: boolean;
  /** Without `auto`: these. */
  readonly producerIds: readonly string[];
}

export type OfferedTracks = Omit<SdpOffered, 'iceServers'>;

export interface SubscribeParts {
  readonly peer: Peer;
  readonly clock: Clock;
  readonly log: Logger;
  /** Undefined: however long it takes, for there may be nothing to receive yet. */
  readonly connectWithinMs?: number;
  /** With a section for data channels. */
  readonly data?: boolean;
  /** All tracks are of this stream; undefined: those of each peer are of one, and its screen is another. */
  readonly streamId?: string;
  /** Every offer but the ones that are asked for. */
  readonly onOffer: (offered: OfferedTracks) => void;
  readonly onUnanswered: (session: SubscribeSession) => void;
}

interface Outstanding {
  readonly version: number;
  readonly sections: readonly OfferedSection[];
  readonly deadline: Timer;
}

/**
 * One PeerConnection of a client that receives by the server's offers. At most one offer is out at a time; what changes
 * meanwhile is in the next one. Tracks flow once the client has answered the first offer that has them.
 */
export class SubscribeSession {
  readonly kind = 'subscribe';
  readonly #parts: SubscribeParts;
  readonly #transport: SdpTransport;
  readonly #slots = new OfferSlots();
  readonly #tracks: ReceivedTracks;
  #wish: Wish;
  #version = 0;
  #outstanding: Outstanding | undefined;
  /** What the newest offer was about: an equal one is not sent. */
  #offered = '';
  #changed = false;
  #negotiating = false;
  #gathering: Timer | undefined;
  #closed = false;

  /**
   * `capabilities`: an offer of the client's with sections to receive; empty: what every client can receive.
   * @throws {AppError} SDP_REFUSED, E2EE_REFUSES, PRODUCER_NOT_FOUND, CANNOT_CONSUME
   */
  static async open(
    parts: SubscribeParts,
    { capabilities, ...wish }: Wish & { readonly capabilities: string },
  ): Promise<{ session: SubscribeSession; offered: OfferedTracks }> {
    const { peer, connectWithinMs, data } = parts;
    if (peer.room.e2ee) throw new AppError('E2EE_REFUSES', { what: 'receiving by session descriptions' });
    const rtpCapabilities = readCapabilities(capabilities, peer.room.rtpCapabilities);
    requireProducers(peer, wish);
    const transport = await SdpTransport.open(peer, { direction: 'recv', rtpCapabilities, connectWithinMs, data });
    const session = new SubscribeSession(parts, transport, wish);
    try {
      const offered = await session.#negotiate();
      requireGrant(peer.grants, 'subscribe');
      session.#tracks.requireAny(wish);
      return { session, offered: offered ?? session.#nothingOffered() };
    } catch (error) {
      session.close();
      throw error;
    }
  }

  private constructor(parts: SubscribeParts, transport: SdpTransport, wish: Wish) {
    this.#parts = parts;
    this.#transport = transport;
    this.#wish = wish;
    this.#tracks = new ReceivedTracks(parts.peer, transport.id, this.#slots, parts.streamId);
  }

  get id(): string {
    return this.#transport.id;
  }

  get hasData(): boolean {
    return this.#parts.data ?? false;
  }

  get end(): ServerEnd {
    return this.#transport.end;
  }

  /** @throws {AppError} PRODUCER_NOT_FOUND */
  select(wish: Wish): void {
    requireProducers(this.#parts.peer, wish);
    this.#wish = wish;
    this.#tracks.forgive(wish.producerIds);
    this.roomChanged();
  }

  /** @throws {AppError} SDP_VERSION_PASSED, SDP_REFUSED, DTLS_PARAMETERS_REFUSED, by rejection */
  async answer(version: number, text: string): Promise<void> {
    const outstanding = this.#outstanding;
    if (outstanding?.version !== version) throw new AppError('SDP_VERSION_PASSED', { version: this.#version });
    const { dtls, refusedMids } = readAnswer(text, outstanding.sections);
    await this.#transport.connect(dtls);
    // Answered twice, or a newer one went out.
    if (this.#outstanding !== outstanding) throw new AppError('SDP_VERSION_PASSED', { version: this.#version });
    this.#outstanding = undefined;
    outstanding.deadline.cancel();
    this.#tracks.refuse(refusedMids);
    this.#gather();
    await this.#tracks.resume(outstanding.sections.map(({ mid }) => mid));
  }

  /** The offer with new credentials takes the place of one that is out. */
  async restartIce(): Promise<OfferedTracks> {
    await this.#transport.restartIce();
    if (this.#closed) throw new AppError('SDP_SESSION_NOT_FOUND', { sessionId: this.id });
    if (this.#version === 0) return this.#nothingOffered();
    return this.#offer(this.#sections());
  }

  /** Without an offer, for clients that take fragments. */
  restartIceAlone(): Promise<void> {
    return this.#transport.restartIce();
  }

  /** Somebody sends something else now, or what this client may receive changed. */
  roomChanged(): void {
    this.#changed = true;
    if (!this.#parts.peer.grants.has('subscribe')) this.#tracks.closeAll();
    this.#gather();
  }

  consumerClosed(consumerId: string): void {
    if (this.#tracks.forget(consumerId)) this.roomChanged();
  }

  close(): void {
    this.#closed = true;
    this.#gathering?.cancel();
    this.#outstanding?.deadline.cancel();
    this.#outstanding = undefined;
    this.#transport.close();
  }

  #gather(): void {
    if (!this.#changed || this.#closed || this.#negotiating || this.#outstanding || this.#gathering) return;
    this.#gathering = this.#parts.clock.after(gatherMs, () => {
      this.#gathering = undefined;
      this.#negotiate().then(
        (offered) => {
          if (offered !== undefined) this.#parts.onOffer(offered);
        },
        (error: unknown) => this.#parts.log.error({ err: error, sessionId: this.id }, 'an SDP offer failed'),
      );
    });
  }

  /** Undefined: there is nothing new to offer. */
  async #negotiate(): Promise<OfferedTracks | undefined> {
    this.#negotiating = true;
    this.#changed = false;
    try {
      if (await this.#tracks.follow(this.#wanted())) this.#changed = true;
    } finally {
      this.#negotiating = false;
    }
    if (this.#closed) return undefined;
    const sections = this.#sections();
    if (this.#tracks.describe(sections) === this.#offered) {
      this.#gather();
      return undefined;
    }
    return this.#offer(sections);
  }

  #wanted(): ReadonlyMap<string, { readonly peerId: string; readonly producer: ProducerInfo }> {
    const { peer } = this.#parts;
    const { auto, producerIds } = this.#wish;
    if (!peer.grants.has('subscribe')) return new Map();
    const others = peer.room.media.allProducers().filter(({ peerId }) => peerId !== peer.id);
    const wanted = auto ? others : others.filter(({ producer }) => producerIds.includes(producer.producerId));
    return new Map(wanted.map((track) => [track.producer.producerId, track]));
  }

  #sections(): OfferedSection[] {
    const tracks = this.#slots.sections((producerId) => this.#tracks.sentTrackOf(producerId));
    return this.hasData ? [dataSection, ...tracks] : tracks;
  }

  #offer(sections: readonly OfferedSection[]): OfferedTracks {
    this.#outstanding?.deadline.cancel();
    this.#version += 1;
    this.#offered = this.#tracks.describe(sections);
    const { end: server, sdpId } = this.#transport;
    const version = this.#version;
    const offer = writeOffer({ server, sessionId: sdpId, version, sections });
    this.#outstanding = { version, sections, deadline: this.#waitForAnswer() };
    return { sessionId: this.id, version, offer, tracks: this.#tracksOf(sections) };
  }

  #tracksOf(sections: readonly OfferedSection[]): SdpTrack[] {
    const mids = new Set(sections.filter(({ send }) => send !== undefined).map(({ mid }) => mid));
    return this.#tracks.toInfo().filter(({ mid }) => mids.has(mid));
  }

  /** A client that is away may not have got the offer: it asks for another one when it is back. */
  #waitForAnswer(): Timer {
    const { clock, peer, onUnanswered } = this.#parts;
    return clock.after(answerTimeoutMs, () => {
      const outstanding = this.#outstanding;
      if (outstanding === undefined) return;
      if (peer.away) this.#outstanding = { ...outstanding, deadline: this.#waitForAnswer() };
      else onUnanswered(this);
    });
  }

  /** A description has at least one section: the first track brings the first offer. */
  #nothingOffered(): OfferedTracks {
    return { sessionId: this.id, version: 0, offer: '', tracks: [] };
  }
}

function readCapabilities(text: string, router: RtpCapabilities): RtpCapabilities {
  if (text === '') return leastReceiveCapabilities(router);
  const capabilities = toReceiveCapabilities(readSdp(text), router);
  if (capabilities.codecs.length === 0) refuseSdp('no section receives a codec that this server knows');
  return capabilities;
}

function requireProducers({ id, room }: Peer, { auto, producerIds }: Wish): void {
  if (auto) return;
  const others = room.media.allProducers().filter(({ peerId }) => peerId !== id);
  const there = new Set(others.map(({ producer }) => producer.producerId));
  for (const producerId of producerIds) {
    if (!there.has(producerId)) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
  }
}
