// RTP parameters as a browser gives them, for tests that need no packets.

import type { RtpCapabilities, RtpParameters } from '../../proto/gen/types.ts';

let lastSsrc = 1000;

/** With room behind it for the SSRC of retransmissions. */
function nextSsrc(): number {
  lastSsrc += 10;
  return lastSsrc;
}

/** A sound in Opus. Each call has an SSRC of its own, as each track has. */
export function opusParameters(): RtpParameters {
  const ssrc = nextSsrc();
  return {
    mid: `a${ssrc}`,
    codecs: [
      {
        mimeType: 'audio/opus',
        payloadType: 111,
        clockRate: 48_000,
        channels: 2,
        parameters: { minptime: 10, useinbandfec: 1 },
        rtcpFeedback: [{ type: 'transport-cc', parameter: '' }],
      },
    ],
    headerExtensions: [
      { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4, encrypt: false, parameters: {} },
      { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 1, encrypt: false, parameters: {} },
    ],
    encodings: [{ ssrc, dtx: false }],
    rtcp: { cname: 'test', reducedSize: true },
  };
}

/** A picture in VP8 with retransmissions; with `layers` above one in simulcast. */
export function vp8Parameters({ layers = 1 } = {}): RtpParameters {
  const ssrc = nextSsrc();
  return {
    mid: `v${ssrc}`,
    codecs: [
      {
        mimeType: 'video/VP8',
        payloadType: 96,
        clockRate: 90_000,
        parameters: {},
        rtcpFeedback: [
          { type: 'nack', parameter: '' },
          { type: 'nack', parameter: 'pli' },
          { type: 'transport-cc', parameter: '' },
        ],
      },
      { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 }, rtcpFeedback: [] },
    ],
    headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4, encrypt: false, parameters: {} }],
    encodings:
      layers === 1
        ? [{ ssrc, rtx: { ssrc: ssrc + 1 } }]
        : Array.from({ length: layers }, (_, layer) => ({ rid: `r${layer}`, scalabilityMode: 'L1T3' })),
    rtcp: { cname: 'test', reducedSize: true },
  };
}

/** A client that receives Opus alone. */
export const opusOnly: RtpCapabilities = {
  codecs: [
    {
      kind: 'audio',
      mimeType: 'audio/opus',
      preferredPayloadType: 107,
      clockRate: 48_000,
      channels: 2,
      parameters: {},
      rtcpFeedback: [],
    },
  ],
  headerExtensions: [],
};

/** SHA-256 of nothing in particular. */
export const fingerprint = Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).toUpperCase()).join(':');
