import { readSdp } from '../../media/sdp/read-sdp.ts';
import { refuseSdp } from '../../media/sdp/sdp-values.ts';
import { servableSections } from '../../media/sdp/to-rtp.ts';
import type { SdpDescription, SdpSection } from '../../media/sdp/types.ts';
import { PublishSession } from '../sdp/publish-session.ts';
import type { IngestRequest } from './ingest-edge.ts';
import { connectWithinMs } from './ingest-limits.ts';
import type { IngestPeer } from './ingest-peer.ts';

/**
 * WHIP: one sound and one picture at most, all of it or nothing (RFC 9725 sections 4.4.1 and 4.4.3).
 * @throws {AppError} SDP_REFUSED, GRANT_MISSING
 */
export async function openIngestSender(
  ingest: IngestPeer,
  { offer: text, source = 'camera' }: IngestRequest,
): Promise<{ kind: 'answer'; sdp: string }> {
  const offer = readSdp(text);
  const { peer } = ingest;
  const [first, ...others] = sendingSections(offer);
  if (first === undefined) refuseSdp('nothing in it is sent');
  for (const { kind, index } of others) {
    if (kind === first.kind || others.some((other) => other.kind === kind && other.index !== index)) {
      refuseSdp(`it sends more than one track of ${kind}`);
    }
  }
  const servable = servableSections(offer, peer.room.rtpCapabilities);
  const unknown = [first, ...others].find((section) => !servable.includes(section));
  if (unknown !== undefined) refuseSdp(`section ${unknown.index} has no codec that this server knows`);

  const sourceOf = { audio: source === 'screen' ? 'screen-audio' : 'microphone', video: source } as const;
  const tracks = [first, ...others].flatMap(({ mid, kind }) =>
    kind === 'application' ? [] : [{ mid, source: sourceOf[kind], paused: false }],
  );
  const { session, answer } = await PublishSession.open(
    peer,
    { offer: text, tracks },
    { connectWithinMs, takesData: false },
  );
  const media = {
    get end() {
      return session.end;
    },
    tagged: first,
    restartIce: (ufrag: string) => session.restartIce(ufrag),
    close: () => session.close(),
  };
  ingest.carry(media, { ufrag: offer.ice.ufrag });
  return { kind: 'answer', sdp: answer };
}

function sendingSections({ sections }: SdpDescription): SdpSection[] {
  return sections.filter(
    ({ kind, rejected, direction }) =>
      !rejected && kind !== 'application' && (direction === 'sendonly' || direction === 'sendrecv'),
  );
}
