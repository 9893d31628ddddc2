import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { readSdp } from '../../media/sdp/read-sdp.ts';
import { payloadTypesOf } from '../../media/sdp/to-rtp.ts';
import type { SdpDescription } from '../../media/sdp/types.ts';
import type { Peer } from '../peer.ts';
import type { Room } from '../room.ts';
import { SubscribeSession } from '../sdp/subscribe-session.ts';
import { AnsweredPlayback } from './answered-playback.ts';
import { choosePlayback, type Playback } from './choose-playback.ts';
import type { IngestOpened, IngestRequest } from './ingest-edge.ts';
import { connectWithinMs } from './ingest-limits.ts';
import type { IngestPeer } from './ingest-peer.ts';

interface PlaybacksParts {
  readonly maxProfiles: number;
  readonly clock: Clock;
  readonly log: Logger;
}

type Opened = Pick<IngestOpened, 'kind' | 'sdp'>;

/**
 * WHEP. A player's offer is answered where a router can have its payload types; where that cannot be, the server makes an
 * offer of its own, which players answer since draft-ietf-wish-whep-03.
 */
export class Playbacks {
  readonly #parts: PlaybacksParts;
  /** How many players of a room have which payload types. */
  readonly #profiles = new WeakMap<Room, Map<string, number>>();

  constructor(parts: PlaybacksParts) {
    this.#parts = parts;
  }

  /** @throws {AppError} NOTHING_TO_PLAY, SDP_REFUSED, CANNOT_CONSUME */
  async open(ingest: IngestPeer, { offer: text, ...wish }: IngestRequest): Promise<Opened> {
    const { room } = ingest.peer;
    const playback = choosePlayback(room, wish);
    if (playback === undefined) throw new AppError('NOTHING_TO_PLAY', { room: room.name });
    if (text === '') return this.#offer(ingest, playback, '');
    const offer = readSdp(text);
    const profile = profileOf(offer, ingest.peer);
    return (await this.#answer(ingest, playback, offer, profile)) ?? this.#offer(ingest, playback, text);
  }

  /** Undefined: no router can have these payload types. */
  async #answer(
    ingest: IngestPeer,
    playback: Playback,
    offer: SdpDescription,
    profile: string,
  ): Promise<Opened | undefined> {
    const { peer } = ingest;
    const release = this.#take(peer.room, profile);
    if (release === undefined) return undefined;
    try {
      const answered = await AnsweredPlayback.open(peer, offer, playback);
      const media = {
        get end() {
          return answered.end;
        },
        tagged: answered.tagged,
        restartIce: () => answered.restartIce(),
        close: () => {
          release();
          answered.close();
        },
      };
      ingest.carry(media, { ufrag: offer.ice.ufrag, plays: playback.main.producerId });
      return { kind: 'answer', sdp: answered.answer };
    } catch (error) {
      release();
      if (error instanceof AppError && error.reason === 'MEDIA_UNAVAILABLE') return undefined;
      throw error;
    }
  }

  async #offer(ingest: IngestPeer, { main, sound }: Playback, capabilities: string): Promise<Opened> {
    const { clock, log } = this.#parts;
    const producerIds = sound ? [main.producerId, sound.producerId] : [main.producerId];
    const { session, offered } = await SubscribeSession.open(
      {
        peer: ingest.peer,
        clock,
        log,
        connectWithinMs,
        // A player has one (draft-ietf-wish-whep-03 section 4.5.2).
        streamId: ingest.peer.id,
        // There is no way to tell the client: it keeps what it has until its main track ends.
        onOffer: () => {},
        onUnanswered: () => ingest.leave('lost'),
      },
      { capabilities, auto: false, producerIds },
    );
    const media = {
      get end() {
        return session.end;
      },
      tagged: { mid: offered.tracks[0]?.mid ?? '0', kind: main.kind, protocol: 'UDP/TLS/RTP/SAVPF' },
      restartIce: () => session.restartIceAlone(),
      answer: (answer: string) => session.answer(offered.version, answer),
      close: () => session.close(),
    };
    ingest.carry(media, { plays: main.producerId });
    return { kind: 'offer', sdp: offered.offer };
  }

  /** Gives back a release, which does something once; undefined at the limit. */
  #take(room: Room, profile: string): (() => void) | undefined {
    const profiles = this.#profiles.get(room) ?? new Map<string, number>();
    this.#profiles.set(room, profiles);
    const count = profiles.get(profile) ?? 0;
    if (count === 0 && profiles.size >= this.#parts.maxProfiles) return undefined;
    profiles.set(profile, count + 1);
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      const left = (profiles.get(profile) ?? 1) - 1;
      if (left === 0) profiles.delete(profile);
      else profiles.set(profile, left);
    };
  }
}

function profileOf(offer: SdpDescription, { room }: Peer): string {
  return [...payloadTypesOf(offer, room.rtpCapabilities)]
    .map(([codec, type]) => `${codec} ${type}`)
    .sort()
    .join();
}
