import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RtpCodecCapability } from '../../proto/gen/types.ts';
import { mapAsRouter, sampleOffer, sampleOffers, sampleRouter } from '../../test/support/sdp-samples.ts';
import { checkRtpCapabilities } from '../capabilities.ts';
import { checkRtpParameters } from '../rtp-parameters.ts';
import { isSameCodec } from './match-codec.ts';
import { readSdp } from './read-sdp.ts';
import { leastReceiveCapabilities, payloadTypesOf, toReceiveCapabilities, toSendParameters } from './to-rtp.ts';

const sectionOf = (name: string, index: number) => readSdp(sampleOffer(name)).sections[index]!;
const sendParametersOf = (name: string, index: number) => toSendParameters(sectionOf(name, index), sampleRouter);

const sendingSections = [...sampleOffers].flatMap(([name, text]) =>
  readSdp(text).sections.flatMap((section) =>
    section.kind !== 'application' && !section.rejected && section.direction.startsWith('send')
      ? [[`${name} ${section.mid}`, section] as const]
      : [],
  ),
);

describe('toSendParameters()', () => {
  test.each(sendingSections)('makes of %s what a router takes', (_, section) => {
    const parameters = toSendParameters(section, sampleRouter);
    checkRtpParameters(section.kind as 'audio' | 'video', parameters, sampleRouter);
    mapAsRouter(structuredClone(parameters));
  });

  test('gives one codec with its retransmissions, and the client’s ids', () => {
    const { codecs, headerExtensions, encodings, mid } = sendParametersOf('chromium-156-publish', 1);
    expect(mid).toBe('1');
    expect(codecs.map(({ mimeType, payloadType }) => [mimeType, payloadType])).toEqual([
      ['video/VP8', 96],
      ['video/rtx', 97],
    ]);
    expect(codecs[0]!.rtcpFeedback.map(({ type }) => type)).not.toContain('goog-remb');
    const offered = sectionOf('chromium-156-publish', 1).extensions;
    for (const { uri, id } of headerExtensions) expect(offered).toContainEqual({ uri, id, direction: '' });
    expect(encodings).toEqual([{ ssrc: expect.any(Number), rtx: { ssrc: expect.any(Number) } }]);
  });

  test('gives layers by their restriction ids', () => {
    for (const name of ['chromium-156-simulcast', 'firefox-153-simulcast']) {
      expect(sendParametersOf(name, 0).encodings).toEqual([{ rid: 'q' }, { rid: 'h' }, { rid: 'f' }]);
    }
  });

  test('asks for what rebuilds lost sound', () => {
    expect(sendParametersOf('gstreamer-1.22-audio', 0).codecs[0]!.parameters).toMatchObject({ useinbandfec: 1 });
  });

  test('takes no extension that the client does not send', () => {
    const text = sampleOffer('chromium-156-publish').replace(
      /a=extmap:(\d+) (\S*abs-send-time)/g,
      'a=extmap:$1/recvonly $2',
    );
    const { headerExtensions } = toSendParameters(readSdp(text).sections[1]!, sampleRouter);
    expect(headerExtensions.map(({ uri }) => uri).join()).not.toContain('abs-send-time');
  });

  test('takes a track by its mid alone', () => {
    const text = sampleOffer('chromium-156-publish').replace(/a=ssrc.*\r\n/g, '');
    expect(toSendParameters(readSdp(text).sections[1]!, sampleRouter).encodings).toEqual([{}]);
  });

  test.each<[string, string, (text: string) => string]>([
    ['a section that does not send', 'does not send', (text) => text.replaceAll('a=sendonly', 'a=recvonly')],
    ['unknown codecs', 'no codec', (text) => text.replace(/(a=rtpmap:\d+) [\w-]+/g, '$1 unknown')],
    [
      'H.264 in the other packetization alone',
      'no codec',
      (text) =>
        text
          .replace(/(a=rtpmap:\d+) (?!H264)[\w-]+/g, '$1 unknown')
          .replaceAll('packetization-mode=1', 'packetization-mode=0'),
    ],
    ['neither SSRCs nor a mid', 'neither SSRCs', (text) => text.replace(/a=(ssrc|extmap:).*\r\n/g, '')],
    [
      'layers without the extensions that tell them apart',
      'tell them apart',
      (text) => text.replace(/a=extmap:.*\r\n/g, '').replaceAll('a=rtcp-rsize', 'a=rid:q send\r\na=simulcast:send q'),
    ],
  ])('refuses %s', (_, problem, edit) => {
    const text = edit(sampleOffer('chromium-156-publish'));
    expect(text).not.toBe(sampleOffer('chromium-156-publish'));
    expect(() => toSendParameters(readSdp(text).sections[1]!, sampleRouter)).toThrow(problem);
  });
});

describe('toReceiveCapabilities()', () => {
  test('gives what the client receives, in the numbers of the router', () => {
    const capabilities = toReceiveCapabilities(readSdp(sampleOffer('chromium-156-receive')), sampleRouter);
    checkRtpCapabilities(capabilities);
    const names = capabilities.codecs.map(({ mimeType }) => mimeType);
    expect(names).toEqual(expect.arrayContaining(['audio/opus', 'video/VP8', 'video/H264', 'video/VP9', 'video/rtx']));
    for (const { mimeType, preferredPayloadType } of capabilities.codecs) {
      expect(sampleRouter.codecs).toContainEqual(expect.objectContaining({ mimeType, preferredPayloadType }));
    }
    for (const extension of capabilities.headerExtensions)
      expect(sampleRouter.headerExtensions).toContainEqual(extension);
    expect(capabilities.headerExtensions.map(({ uri }) => uri).join()).toContain('transport-wide-cc');
  });

  test('leaves out what a section only sends', () => {
    expect(toReceiveCapabilities(readSdp(sampleOffer('chromium-156-publish')), sampleRouter).codecs).toEqual([]);
  });

  test('has a least set for clients that say nothing', () => {
    const capabilities = leastReceiveCapabilities(sampleRouter);
    checkRtpCapabilities(capabilities);
    expect(capabilities.codecs.map(({ mimeType }) => mimeType)).toEqual(['audio/opus', 'video/VP8', 'video/H264']);
    expect(capabilities.headerExtensions.map(({ uri }) => uri)).toEqual(
      expect.arrayContaining(['urn:ietf:params:rtp-hdrext:sdes:mid']),
    );
  });
});

describe('payloadTypesOf()', () => {
  test('gives the payload types of the offer by the router’s codecs', () => {
    const types = payloadTypesOf(readSdp(sampleOffer('node-datachannel-receive')), sampleRouter);
    expect([...types]).toEqual([
      ['audio/opus', 109],
      ['video/VP8', 120],
      ['video/H264;packetization-mode=1;profile-level-id=42e01f', 126],
    ]);
  });

  test('refuses an offer that receives nothing', () => {
    expect(() => payloadTypesOf(readSdp(sampleOffer('chromium-156-publish')), sampleRouter)).toThrow(
      'receives a codec',
    );
  });
});

describe('isSameCodec()', () => {
  const hex = fc.constantFrom(...'0123456789abcdefABCDEF');
  const profile = fc.oneof(
    fc.constantFrom('42e01f', '42001f', '4d001f', '4d0032', '640c1f', '640032', '58c01f', 'f4001f', '42e00b', '42f00b'),
    fc.array(hex, { minLength: 6, maxLength: 6 }).map((digits) => digits.join('')),
  );
  const h264 = fc.record({
    'packetization-mode': fc.constantFrom(0, 1, undefined),
    'profile-level-id': fc.option(profile, { nil: undefined }),
  });

  test('agrees with mediasoup about H.264', () => {
    fc.assert(
      fc.property(h264, (given) => {
        const parameters = JSON.parse(JSON.stringify(given)) as RtpCodecCapability['parameters'];
        const codec = {
          kind: 'video',
          mimeType: 'video/H264',
          clockRate: 90_000,
          parameters,
          rtcpFeedback: [],
        } as const;
        const ours = sampleRouter.codecs.some((each) => isSameCodec(each, { ...codec, rtcpFeedback: [] }));
        const theirs = isMapped({ ...codec, payloadType: 100 });
        expect(ours).toBe(theirs);
      }),
      { numRuns: 500 },
    );
  });
});

function isMapped(codec: object): boolean {
  try {
    mapAsRouter(structuredClone({ codecs: [codec], headerExtensions: [], encodings: [{ ssrc: 1 }], rtcp: {} }));
    return true;
  } catch {
    return false;
  }
}
