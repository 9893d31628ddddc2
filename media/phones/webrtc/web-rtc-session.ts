import { randomInt } from 'node:crypto';
import { AppError } from '../../../core/errors.ts';
import type { RtpCapabilities, RtpParameters } from '../../../proto/gen/types.ts';
import type { EngineProducer, EngineRouter, EngineSource, EngineTransport, MediaEngine } from '../../engine.ts';
import type { PhoneCodec } from '../../mixer/codecs/voice-codec.ts';
import { audioLevelUri } from '../../mixer/rtp/header-extensions.ts';
import { matchAnswer } from '../../sdp/read-answer.ts';
import { readSdp } from '../../sdp/read-sdp.ts';
import { refuseSdp } from '../../sdp/sdp-values.ts';
import { leastReceiveCapabilities, payloadTypesOf, toReceiveCapabilities, toSendParameters } from '../../sdp/to-rtp.ts';
import type {
  OfferedSection,
  SdpDescription,
  SdpDirection,
  SdpSection,
  SentTrack,
  ServerEnd,
} from '../../sdp/types.ts';
import { writeAnswer } from '../../sdp/write-answer.ts';
import { writeOffer } from '../../sdp/write-offer.ts';
import type { LegSession } from '../leg-session.ts';
import type { LegMedia, ReceivedFormat } from '../sdp/leg-media.ts';
import { phoneCodecOf } from '../tap-facts.ts';
import { keysOf, receivedFormatOf, withKeys } from './browser-keys.ts';

interface WebRtcSessionParts {
  readonly engine: MediaEngine;
  /** The leg's own port, on this machine: what the phone says goes there, and what it hears comes from there. */
  readonly port: number;
  /** Of what comes from there. */
  readonly ssrc: number;
  /** Its worker died: the phone has to call again. */
  readonly onLost: () => void;
}

const host = '127.0.0.1';
const midUri = 'urn:ietf:params:rtp-hdrext:sdes:mid';

/** All that stands on a router for one phone. */
interface Standing {
  readonly router: EngineRouter;
  readonly transport: EngineTransport;
  readonly source: EngineSource;
  readonly codec: PhoneCodec;
  /** Of the mixer's packets to the router. */
  readonly payloadType: number;
  readonly sent: SentTrack;
  readonly unsubscribe: () => void;
  /** What the phone says. */
  voice:
    | {
        readonly producer: EngineProducer;
        readonly parameters: RtpParameters;
        readonly receive: readonly ReceivedFormat[];
      }
    | undefined;
  dtls: string | undefined;
  ufrag: string | undefined;
}

const flipped: Readonly<Record<SdpDirection, SdpDirection>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

/**
 * With a phone in a browser (ICE, DTLS-SRTP): a router of its own speaks to it, and to the leg by plain RTP on this machine, so that
 * for the mixer it is a phone like others. It costs two hops more than other phones.
 */
export class WebRtcSession implements LegSession {
  media: LegMedia | undefined;
  heldByUs = false;
  readonly encrypted = true;
  readonly #parts: WebRtcSessionParts;
  readonly #sessionId = String(randomInt(1, 2 ** 31));
  #version = 0;
  #standing: Standing | undefined;
  #offered: { readonly sections: readonly OfferedSection[]; readonly hold: boolean } | undefined;
  /** One description after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(parts: WebRtcSessionParts) {
    this.#parts = parts;
  }

  offer({ hold = this.heldByUs }: { readonly hold?: boolean | undefined }): Promise<string> {
    return this.#next(async () => {
      const standing = this.#standing ?? (await this.#open(undefined));
      const direction = hold ? 'inactive' : 'sendrecv';
      const headerExtensions = standing.router.rtpCapabilities.headerExtensions
        .filter(({ kind, uri }) => kind === 'audio' && (uri === midUri || uri === audioLevelUri))
        .map(({ uri, preferredId }) => ({ uri, id: preferredId, encrypt: false, parameters: {} }));
      const section: OfferedSection = {
        mid: '0',
        kind: 'audio',
        send: withKeys(standing.sent, standing.router.rtpCapabilities),
        receive: { direction, headerExtensions },
      };
      this.#offered = { sections: [section], hold };
      this.#version += 1;
      return writeOffer({
        server: endOf(standing.transport),
        sessionId: this.#sessionId,
        version: this.#version,
        sections: [section],
      });
    });
  }

  takeAnswer(sdp: string): Promise<LegMedia> {
    return this.#next(async () => {
      const offered = this.#offered ?? refuseSdp('nothing was offered that it could answer');
      const standing = this.#standing ?? refuseSdp('nothing was offered that it could answer');
      const answer = readSdp(sdp);
      const { dtls, refusedMids } = matchAnswer(answer, offered.sections);
      const section = audioOf(answer);
      // One that holds takes nothing, as is to be expected.
      const wantsToHear = !offered.hold && section.direction !== 'sendonly' && section.direction !== 'inactive';
      if (wantsToHear && refusedMids.size > 0) refuseSdp('it has none of the codecs that were offered');
      await this.#connect(standing, answer, dtls);
      await this.#hear(standing, section);
      this.heldByUs = offered.hold;
      return this.#agree(standing, offered.hold ? 'inactive' : flipped[section.direction], section.direction);
    });
  }

  answer(text: string): Promise<{ readonly sdp: string; readonly media: LegMedia }> {
    return this.#next(async () => {
      const offer = readSdp(text);
      const section = audioOf(offer);
      const standing = this.#standing ?? (await this.#open(offer));
      if (standing.ufrag !== undefined && standing.ufrag !== offer.ice.ufrag) await standing.transport.restartIce();
      await this.#connect(standing, offer, offer.dtls);
      await this.#hear(standing, section);
      const wanted = flipped[section.direction];
      const direction = this.heldByUs ? 'inactive' : wanted;
      const receive = standing.voice?.parameters ?? standing.sent.rtpParameters;
      this.#version += 1;
      const sdp = writeAnswer({
        offer,
        server: endOf(standing.transport),
        sessionId: this.#sessionId,
        version: this.#version,
        sections: offer.sections.map((each) =>
          each === section ? { kind: 'both', direction, receive, send: standing.sent } : { kind: 'rejected' },
        ),
      });
      return { sdp, media: this.#agree(standing, direction, section.direction) };
    });
  }

  close(): void {
    this.#closed = true;
    const standing = this.#standing;
    this.#standing = undefined;
    standing?.unsubscribe();
    standing?.router.close();
  }

  #next<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(() => {
      if (this.#closed) throw new AppError('MEDIA_UNAVAILABLE');
      return act();
    });
    this.#turn = done.catch(() => {});
    return done;
  }

  /** Where the phone offers, its payload types are the router's, which sends by its own. */
  async #open(offer: SdpDescription | undefined): Promise<Standing> {
    const { engine, onLost, port, ssrc } = this.#parts;
    const payloadTypes = offer && payloadTypesOf(offer, engine.rtpCapabilities);
    const router = await engine.createRouter(payloadTypes ? { payloadTypes } : {});
    try {
      const transport = await router.createTransport();
      const source = await router.createSource({ ip: host, port });
      const { codec, parameters } = mixParameters(router.rtpCapabilities, ssrc);
      const producer = await source.produce({ kind: 'audio', rtpParameters: parameters, paused: false });
      const able = offer
        ? toReceiveCapabilities(offer, router.rtpCapabilities)
        : leastReceiveCapabilities(router.rtpCapabilities);
      // Its numbers of header extensions would be the router's, which in an answer are the phone's to choose.
      const rtpCapabilities = { ...able, headerExtensions: [] };
      const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities });
      await consumer.resume();
      if (this.#closed) throw new AppError('MEDIA_UNAVAILABLE');
      const unsubscribe = router.events.once('died', onLost);
      const standing: Standing = {
        router,
        transport,
        source,
        codec,
        payloadType: parameters.codecs[0]?.payloadType ?? 0,
        sent: { rtpParameters: consumer.rtpParameters, streamId: 'parley', trackId: 'phone' },
        unsubscribe,
        voice: undefined,
        dtls: undefined,
        ufrag: undefined,
      };
      this.#standing = standing;
      return standing;
    } catch (error) {
      router.close();
      throw error;
    }
  }

  async #connect(standing: Standing, { ice }: SdpDescription, dtls: SdpDescription['dtls']): Promise<void> {
    const print = dtls.fingerprints.map(({ value }) => value).join();
    if (standing.dtls !== undefined && standing.dtls !== print) {
      refuseSdp('its certificate is another one than before');
    }
    if (standing.dtls === undefined) await standing.transport.connect(dtls);
    standing.dtls = print;
    standing.ufrag = ice.ufrag;
  }

  /** From its first description on that sends. */
  async #hear(standing: Standing, section: SdpSection): Promise<void> {
    const { router, source, transport } = standing;
    if (standing.voice || section.direction === 'recvonly' || section.direction === 'inactive') return;
    const parameters = toSendParameters(section, router.rtpCapabilities);
    const keys = keysOf(section, parameters, router.rtpCapabilities);
    const codecs = keys ? [...parameters.codecs, keys.disguised] : parameters.codecs;
    const producer = await transport.produce({
      kind: 'audio',
      rtpParameters: { ...parameters, codecs },
      paused: false,
    });
    const track = await source.consume({ producerId: producer.id, paused: false });
    standing.voice = {
      producer,
      parameters: keys ? { ...parameters, codecs: [...parameters.codecs, keys.told] } : parameters,
      receive: track.rtpParameters.codecs.flatMap((codec) => receivedFormatOf(codec, keys)),
    };
  }

  #agree(standing: Standing, direction: SdpDirection, theirs: SdpDirection): LegMedia {
    const { codec, payloadType, source, voice } = standing;
    const { ip, port } = source.target;
    this.media = {
      remote: { ip, port, rtcpIp: ip, rtcpPort: port, rtcpMux: true },
      codec,
      payloadType,
      // A browser takes events, and nobody hears of them: keys are pressed for it as tones.
      dtmf: undefined,
      cn: undefined,
      receive: voice?.receive ?? [],
      direction,
      held: theirs === 'sendonly' || theirs === 'inactive',
      ptimeMs: 20,
      srtp: undefined,
      opus: undefined,
    };
    return this.media;
  }
}

function endOf({ iceParameters, iceCandidates, dtlsParameters }: EngineTransport): ServerEnd {
  return { iceParameters, iceCandidates, dtlsParameters, sctp: undefined };
}

function audioOf({ sections }: SdpDescription): SdpSection {
  return sections.find(({ kind, rejected }) => kind === 'audio' && !rejected) ?? refuseSdp('it has no audio');
}

/** What the mixer sends to the router: the best that the phone can do. */
function mixParameters(
  { codecs }: RtpCapabilities,
  ssrc: number,
): { readonly codec: PhoneCodec; readonly parameters: RtpParameters } {
  for (const { mimeType, clockRate, channels, preferredPayloadType: payloadType = 0 } of codecs) {
    const codec = phoneCodecOf(mimeType);
    if (!codec) continue;
    const parameters: RtpParameters = {
      mid: undefined,
      codecs: [{ mimeType, payloadType, clockRate, channels, parameters: {}, rtcpFeedback: [] }],
      headerExtensions: [],
      encodings: [{ ssrc }],
      rtcp: { cname: 'parley', reducedSize: false },
    };
    return { codec, parameters };
  }
  return refuseSdp('it has no codec of phones');
}
