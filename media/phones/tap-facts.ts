import type { RoomTapTrack } from '../media.ts';
import type { PhoneCodec } from '../mixer/codecs/voice-codec.ts';
import { audioLevelUri } from '../mixer/rtp/header-extensions.ts';
import type { TapVoiceFacts } from '../mixer/thread/mixer-calls.ts';

const codecOf: Readonly<Record<string, PhoneCodec>> = {
  'audio/opus': 'opus',
  'audio/g722': 'G722',
  'audio/pcmu': 'PCMU',
  'audio/pcma': 'PCMA',
};

/** Undefined: phones do not speak it. */
export function phoneCodecOf(mimeType: string | undefined): PhoneCodec | undefined {
  return codecOf[mimeType?.toLowerCase() ?? ''];
}

/** What a mixer needs to know of a track; undefined for a codec that it does not speak. */
export function tapFactsOf({
  rtpParameters,
  localPort,
}: Pick<RoomTapTrack, 'rtpParameters' | 'localPort'>): TapVoiceFacts | undefined {
  const { codecs, encodings, headerExtensions } = rtpParameters;
  const [sent] = codecs;
  const ssrc = encodings[0]?.ssrc;
  const codec = phoneCodecOf(sent?.mimeType);
  if (!sent || !codec || ssrc === undefined) return undefined;
  const levelId = headerExtensions.find(({ uri }) => uri === audioLevelUri)?.id;
  return { tapPort: localPort, ssrc, codec, payloadType: sent.payloadType, levelId };
}
