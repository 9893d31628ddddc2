import type { RtpCapabilities } from '../../proto/gen/types.ts';

/** A router that speaks Opus and VP8, and nothing but what those need. */
export const routerCapabilities: RtpCapabilities = {
  codecs: [
    {
      kind: 'audio',
      mimeType: 'audio/opus',
      preferredPayloadType: 100,
      clockRate: 48_000,
      channels: 2,
      parameters: {},
      rtcpFeedback: [{ type: 'nack', parameter: '' }],
    },
    {
      kind: 'video',
      mimeType: 'video/VP8',
      preferredPayloadType: 101,
      clockRate: 90_000,
      parameters: {},
      rtcpFeedback: [
        { type: 'nack', parameter: '' },
        { type: 'nack', parameter: 'pli' },
      ],
    },
    {
      kind: 'video',
      mimeType: 'video/rtx',
      preferredPayloadType: 102,
      clockRate: 90_000,
      parameters: { apt: 101 },
      rtcpFeedback: [],
    },
  ],
  headerExtensions: (['audio', 'video'] as const).map((kind) => ({
    kind,
    uri: 'urn:ietf:params:rtp-hdrext:sdes:mid',
    preferredId: 1,
    preferredEncrypt: false,
    direction: 'sendrecv',
  })),
};
