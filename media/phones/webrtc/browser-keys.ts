// Keys that a phone in a browser presses (RFC 4733), which come in the stream of its voice.

import type {
  RtpCapabilities,
  RtpCodecCapability,
  RtpCodecParameters,
  RtpParameters,
} from '../../../proto/gen/types.ts';
import type { SdpSection, SentTrack } from '../../sdp/types.ts';
import type { ReceivedFormat } from '../sdp/leg-media.ts';
import { phoneCodecOf } from '../tap-facts.ts';

/** As the phone is told of them, and as the worker is. */
export interface Keys {
  readonly told: RtpCodecParameters;
  readonly disguised: RtpCodecParameters;
}

/**
 * A worker takes telephone-events of a producer, and none of its consumers sends them on: they know voices alone. So it is told
 * that they are another voice, which it does not look into; the router is this phone's alone, and nobody else sees it.
 */
export function keysOf(
  section: SdpSection,
  { codecs: [voice] }: RtpParameters,
  router: RtpCapabilities,
): Keys | undefined {
  const known = router.codecs.find(isEvents);
  const offered = section.codecs.find((codec) => isEvents(codec) && codec.clockRate === known?.clockRate);
  const other = router.codecs.find(
    (codec) => phoneCodecOf(codec.mimeType) && codec.clockRate === offered?.clockRate && !isSame(codec, voice),
  );
  if (!offered || !other) return undefined;
  const told = toldAs(offered);
  return { told, disguised: { ...told, mimeType: other.mimeType } };
}

/** What is offered to a phone, with keys that it may answer with. */
export function withKeys(sent: SentTrack, router: RtpCapabilities): SentTrack {
  const known = router.codecs.find(isEvents);
  if (!known) return sent;
  const { rtpParameters } = sent;
  return { ...sent, rtpParameters: { ...rtpParameters, codecs: [...rtpParameters.codecs, toldAs(known)] } };
}

function toldAs({
  mimeType,
  clockRate,
  preferredPayloadType: payloadType = 0,
}: RtpCodecCapability): RtpCodecParameters {
  return { mimeType, payloadType, clockRate, channels: undefined, parameters: {}, rtcpFeedback: [] };
}

export function receivedFormatOf(codec: RtpCodecParameters, keys: Keys | undefined): ReceivedFormat[] {
  const name = isSame(codec, keys?.disguised) ? 'telephone-event' : phoneCodecOf(codec.mimeType);
  return name ? [{ payloadType: codec.payloadType, name, clockRate: name === 'opus' ? 48_000 : 8000 }] : [];
}

type Named = Pick<RtpCodecParameters, 'mimeType'>;

function isEvents({ mimeType }: Named): boolean {
  return mimeType.toLowerCase() === 'audio/telephone-event';
}

function isSame({ mimeType }: Named, other: Named | undefined): boolean {
  return mimeType.toLowerCase() === other?.mimeType.toLowerCase();
}
