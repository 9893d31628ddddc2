import { AppError } from '../../core/errors.ts';
import { isSameCodec } from '../../media/sdp/match-codec.ts';
import { payloadTypesOf } from '../../media/sdp/to-rtp.ts';
import type { AnsweredSection, SdpDescription, SdpSection, ServerEnd } from '../../media/sdp/types.ts';
import { writeAnswer } from '../../media/sdp/write-answer.ts';
import type { ConsumeResponse, ProducerInfo, RtpCapabilities } from '../../proto/gen/types.ts';
import type { Peer } from '../peer.ts';
import { SdpTransport } from '../sdp/sdp-transport.ts';
import type { Playback } from './choose-playback.ts';
import { connectWithinMs } from './ingest-limits.ts';

/**
 * A WHEP player whose own offer is answered. It receives by the payload types of its offer alone, so it stands on a router
 * that has these; and by no header extension, whose ids are the client's too, so nothing estimates its bandwidth.
 */
export class AnsweredPlayback {
  readonly #transport: SdpTransport;
  readonly tagged: SdpSection;
  readonly answer: string;

  /** @throws {AppError} SDP_REFUSED, MEDIA_UNAVAILABLE, CANNOT_CONSUME */
  static async open(peer: Peer, offer: SdpDescription, { main, sound }: Playback): Promise<AnsweredPlayback> {
    const { media, rtpCapabilities: router } = peer.room;
    const transport = await SdpTransport.open(peer, {
      direction: 'recv',
      rtpCapabilities: capabilitiesOf(offer, router),
      payloadTypes: payloadTypesOf(offer, router),
      connectWithinMs,
    });
    try {
      const sent = new Map<SdpSection, ConsumeResponse>();
      let failure: unknown;
      for (const producer of sound ? [main, sound] : [main]) {
        const section = sectionFor(offer, producer);
        if (section === undefined) continue;
        try {
          sent.set(
            section,
            await media.consume(peer.id, {
              transportId: transport.id,
              producerId: producer.producerId,
              mid: section.mid || undefined,
            }),
          );
        } catch (error) {
          // The other one may do.
          failure = error;
        }
      }
      if (sent.size === 0) throw failure ?? new AppError('CANNOT_CONSUME');
      await transport.connect(offer.dtls);
      await Promise.all([...sent.values()].map(({ consumerId }) => media.resumeConsumer(peer.id, consumerId)));
      return new AnsweredPlayback(transport, offer, sent, peer.id);
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  private constructor(
    transport: SdpTransport,
    offer: SdpDescription,
    sent: ReadonlyMap<SdpSection, ConsumeResponse>,
    streamId: string,
  ) {
    this.#transport = transport;
    const sections = offer.sections.map((section): AnsweredSection => {
      const consumer = sent.get(section);
      if (consumer === undefined) return { kind: 'rejected' };
      const { rtpParameters, producerId: trackId } = consumer;
      return { kind: 'send', rtpParameters, streamId, trackId };
    });
    const tagged = offer.sections.find((section) => sent.has(section));
    if (tagged === undefined) throw new Error('a playback sends something');
    this.tagged = tagged;
    this.answer = writeAnswer({ offer, server: transport.end, sessionId: transport.sdpId, version: 1, sections });
  }

  get end(): ServerEnd {
    return this.#transport.end;
  }

  restartIce(): Promise<void> {
    return this.#transport.restartIce();
  }

  close(): void {
    this.#transport.close();
  }
}

/** The first one of its kind that receives. */
function sectionFor({ sections }: SdpDescription, { kind }: ProducerInfo): SdpSection | undefined {
  return sections.find(
    (section) =>
      !section.rejected &&
      section.kind === kind &&
      (section.direction === 'recvonly' || section.direction === 'sendrecv') &&
      section.codecs.length > 0,
  );
}

/** By the client's payload types; without retransmissions and estimates, which would need ids of the server's. */
function capabilitiesOf(offer: SdpDescription, router: RtpCapabilities): RtpCapabilities {
  const offered = offer.sections.filter(({ rejected }) => !rejected).flatMap(({ codecs }) => codecs);
  return {
    codecs: router.codecs.flatMap((codec) => {
      const same = offered.find((other) => isSameCodec(codec, other));
      if (same === undefined || codec.mimeType.toLowerCase().endsWith('/rtx')) return [];
      const rtcpFeedback = codec.rtcpFeedback.filter(
        ({ type, parameter }) =>
          (type === 'nack' || type === 'ccm') &&
          same.rtcpFeedback.some((other) => other.type === type && other.parameter === parameter),
      );
      return [{ ...codec, preferredPayloadType: same.preferredPayloadType, rtcpFeedback }];
    }),
    headerExtensions: [],
  };
}
