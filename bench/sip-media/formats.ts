// How the two voices of the benchmarks look in RTP: what a phone sends, and what a browser does.

import { audioLevelUri } from '../../media/mixer/rtp/header-extensions.ts';
import type { RtpParameters } from '../../proto/gen/types.ts';

export type BenchCodec = 'PCMU' | 'opus';

export const host = '127.0.0.1';
/** Of the audio level (RFC 6464), where it is sent along. */
export const levelId = 10;

export interface Format {
  readonly payloadType: number;
  readonly clockRate: number;
  /** Of 20 ms. */
  readonly ticks: number;
}

export const formats: Readonly<Record<BenchCodec, Format>> = {
  PCMU: { payloadType: 0, clockRate: 8_000, ticks: 160 },
  opus: { payloadType: 111, clockRate: 48_000, ticks: 960 },
};

/** What a browser says of its microphone. */
export function microphone(codec: BenchCodec, ssrc: number): RtpParameters {
  const { payloadType, clockRate } = formats[codec];
  return {
    mid: undefined,
    codecs: [
      {
        mimeType: `audio/${codec}`,
        payloadType,
        clockRate,
        channels: codec === 'opus' ? 2 : undefined,
        parameters: {},
        rtcpFeedback: [],
      },
    ],
    headerExtensions: [{ uri: audioLevelUri, id: levelId, encrypt: false, parameters: {} }],
    encodings: [{ ssrc }],
    rtcp: { cname: `browser-${ssrc}`, reducedSize: true },
  };
}

/** An offer, or an answer, of one end that speaks one codec. */
export function describeEnd(port: number, codec: BenchCodec): string {
  const { payloadType } = formats[codec];
  const map = codec === 'opus' ? 'opus/48000/2' : 'PCMU/8000';
  return [
    'v=0',
    `o=- ${port} 1 IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${map}`,
    'a=ptime:20',
    'a=rtcp-mux',
    'a=sendrecv',
    '',
  ].join('\r\n');
}

/** @throws {Error} when no sound is accepted. */
export function portOf(sdp: string): number {
  const port = Number(/^m=audio (\d+)/m.exec(sdp)?.[1]);
  if (!port) throw new Error(`There is no sound in ${sdp}`);
  return port;
}
