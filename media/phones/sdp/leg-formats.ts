// What of a description goes into LegMedia, the same for answers that we get and offers that we answer.

import type { PhoneCodec } from '../../mixer/codecs/voice-codec.ts';
import type { DtmfFormat, LegMedia, PacketMs, ReceivedFormat, RemoteEnd } from './leg-media.ts';
import { readOpusWishes, type SdpFormat } from './read-formats.ts';
import type { PhoneAudio } from './read-phone-sdp.ts';

export type VoiceFormat = SdpFormat & { readonly name: PhoneCodec };

export function isVoice(format: SdpFormat): format is VoiceFormat {
  return format.name !== 'telephone-event' && format.name !== 'CN';
}

/** RFC 4733 section 2.1 wants the rate of the voice; many phones offer 8000 beside Opus all the same. */
export function dtmfFor(voice: VoiceFormat, formats: readonly SdpFormat[]): SdpFormat | undefined {
  const events = formats.filter(({ name }) => name === 'telephone-event');
  return events.find(({ clockRate }) => clockRate === voice.clockRate) ?? events[0];
}

/** RFC 3389 is for codecs without silence of their own. */
export function noiseFor(voice: VoiceFormat, formats: readonly SdpFormat[]): SdpFormat | undefined {
  return voice.name === 'opus' ? undefined : formats.find(({ name }) => name === 'CN');
}

/** What is sent, by the formats of the other side: `formats` are those of them that count. */
export function sentOf(
  voice: VoiceFormat,
  formats: readonly SdpFormat[],
): Pick<LegMedia, 'codec' | 'payloadType' | 'dtmf' | 'cn' | 'opus'> {
  const events = dtmfFor(voice, formats);
  const noise = noiseFor(voice, formats);
  const dtmf: DtmfFormat | undefined = events && { payloadType: events.payloadType, clockRate: events.clockRate };
  return {
    codec: voice.name,
    payloadType: voice.payloadType,
    dtmf,
    cn: noise && { payloadType: noise.payloadType },
    opus: voice.name === 'opus' ? readOpusWishes(voice.parameters) : undefined,
  };
}

/** Where two lists give a number two meanings, the first counts. */
export function receivedOf(...lists: readonly (readonly SdpFormat[])[]): readonly ReceivedFormat[] {
  const received = new Map<number, ReceivedFormat>();
  for (const { payloadType, name, clockRate } of lists.flat()) {
    if (!received.has(payloadType)) received.set(payloadType, { payloadType, name, clockRate });
  }
  return [...received.values()];
}

export function remoteOf({ ip, rtcp, rtcpMux }: PhoneAudio, port: number, weMultiplex: boolean): RemoteEnd | undefined {
  if (ip === undefined) return undefined;
  const isMuxed = rtcpMux && weMultiplex;
  return {
    ip,
    port,
    rtcpIp: isMuxed ? ip : (rtcp.ip ?? ip),
    rtcpPort: isMuxed ? port : rtcp.port,
    rtcpMux: isMuxed,
  };
}

const packetLengths: readonly PacketMs[] = [60, 40, 20, 10];

/** The longest packet that is not longer than it wants, for it may have no room for more. */
export function packetMs({ ptimeMs, maxPtimeMs }: PhoneAudio, usualMs: number): PacketMs {
  const limit = Math.min(ptimeMs ?? usualMs, maxPtimeMs ?? 60);
  return packetLengths.find((length) => length <= limit) ?? 10;
}
