import { describe, expect, test } from 'vitest';
import type { RtpCapabilities } from '../proto/gen/types.ts';
import { opusOnly } from '../test/support/rtp-parameters.ts';
import { checkRtpCapabilities } from './capabilities.ts';

function problemOf(edit: (capabilities: RtpCapabilities) => void): string | undefined {
  const capabilities = structuredClone(opusOnly);
  capabilities.codecs.push(
    {
      kind: 'video',
      mimeType: 'video/VP8',
      preferredPayloadType: 96,
      clockRate: 90_000,
      parameters: {},
      rtcpFeedback: [],
    },
    {
      kind: 'video',
      mimeType: 'video/rtx',
      preferredPayloadType: 97,
      clockRate: 90_000,
      parameters: { apt: 96 },
      rtcpFeedback: [],
    },
  );
  for (const kind of ['audio', 'video'] as const) {
    const uri = 'urn:ietf:params:rtp-hdrext:sdes:mid';
    capabilities.headerExtensions.push({ kind, uri, preferredId: 1, preferredEncrypt: false, direction: 'sendrecv' });
  }
  edit(capabilities);
  try {
    checkRtpCapabilities(capabilities);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ reason: 'RTP_PARAMETERS_REFUSED' });
    return (error as { details: { problem: string } }).details.problem;
  }
}

describe('checkRtpCapabilities()', () => {
  test('lets pass what browsers can receive, and codecs that this server never heard of', () => {
    expect(problemOf(() => {})).toBeUndefined();
    expect(problemOf((c) => Object.assign(c.codecs[0]!, { mimeType: 'audio/theora' }))).toBeUndefined();
    expect(problemOf((c) => Object.assign(c.codecs[0]!, { preferredPayloadType: undefined }))).toBeUndefined();
    expect(problemOf((c) => Object.assign(c.headerExtensions[0]!, { uri: 'urn:x' }))).toBeUndefined();
  });

  test.each<[string, string | undefined, RegExp]>([
    ['no codecs', problemOf((c) => c.codecs.splice(0)), /codecs is empty/],
    ['a kind that is not the codec’s', problemOf((c) => Object.assign(c.codecs[0]!, { kind: 'video' })), /codecs\[0\]/],
    [
      'a payload type twice',
      problemOf((c) => Object.assign(c.codecs[1]!, { preferredPayloadType: 107 })),
      /codecs\[1\]\.preferredPayloadType is used twice: 107/,
    ],
    [
      'rtx without apt',
      problemOf((c) => Object.assign(c.codecs[2]!, { parameters: {} })),
      /codecs\[2\]\.parameters\.apt/,
    ],
    [
      'an extension without a kind',
      problemOf((c) => Object.assign(c.headerExtensions[1]!, { kind: '' })),
      /headerExtensions\[1\]\.kind is missing/,
    ],
    [
      'an extension twice',
      problemOf((c) => c.headerExtensions.push({ ...c.headerExtensions[0]!, preferredId: 2 })),
      /headerExtensions\[2\]\.uri is used twice/,
    ],
    [
      'an extension id twice',
      problemOf((c) => c.headerExtensions.push({ ...c.headerExtensions[0]!, uri: 'urn:x' })),
      /headerExtensions\[2\]\.preferredId is used twice/,
    ],
  ])('refuses %s', (_, problem, expected) => {
    expect(problem).toMatch(expected);
  });
});
