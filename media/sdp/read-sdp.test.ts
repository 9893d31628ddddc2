import { describe, expect, test } from 'vitest';
import { sampleOffer, sampleOffers, sampleRouter } from '../../test/support/sdp-samples.ts';
import { readSdp } from './read-sdp.ts';
import { maxSdpBytes } from './split-sdp.ts';
import { servableSections } from './to-rtp.ts';

const chromium = sampleOffer('chromium-156-publish');

/** What is said of a text; undefined when it is taken. */
function problemOf(text: string): string | undefined {
  try {
    readSdp(text);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ reason: 'SDP_REFUSED' });
    return (error as { details: { problem: string } }).details.problem;
  }
}

/** Of Chromium's offer, after an edit. */
const edited = (from: RegExp | string, to: string) => {
  const text = chromium.replace(from, to);
  expect(text).not.toBe(chromium);
  return problemOf(text);
};

describe('readSdp()', () => {
  test.each([...sampleOffers.keys()])('reads the offer of %s', (name) => {
    const { sections, bundle, ice, dtls, setup } = readSdp(sampleOffer(name));
    expect(sections.length).toBeGreaterThan(0);
    expect(sections.some(({ rejected }) => !rejected)).toBe(true);
    expect(ice.ufrag).toMatch(/^[\w+/]{4,}$/);
    expect(ice.pwd).toMatch(/^[\w+/]{22,}$/);
    expect(dtls).toMatchObject({ role: 'client', fingerprints: [{ algorithm: 'sha-256' }] });
    expect(setup).toBe('actpass');
    expect(new Set(bundle).size).toBe(bundle.length);
  });

  test('gives what Chromium offers', () => {
    const { sections, bundle, trickle, extmapAllowMixed } = readSdp(chromium);
    expect({ bundle, trickle, extmapAllowMixed }).toEqual({
      bundle: ['0', '1'],
      trickle: true,
      extmapAllowMixed: true,
    });
    const [audio, video] = sections;
    expect(audio).toMatchObject({ index: 0, mid: '0', kind: 'audio', direction: 'sendonly', rejected: false });
    expect(audio!.codecs[0]).toEqual({
      kind: 'audio',
      mimeType: 'audio/opus',
      preferredPayloadType: 111,
      clockRate: 48_000,
      channels: 2,
      parameters: { minptime: 10, useinbandfec: 1 },
      rtcpFeedback: [{ type: 'transport-cc', parameter: '' }],
    });
    expect(audio!.ssrcs).toHaveLength(1);
    expect(video!.ssrcs).toMatchObject([{ rtx: expect.any(Number) }]);
    expect(video!.codecs.find(({ mimeType }) => mimeType === 'video/H264')?.parameters).toMatchObject({
      'packetization-mode': 1,
      'profile-level-id': '42001f',
    });
  });

  test('reads the layers that a client can send', () => {
    for (const name of ['chromium-156-simulcast', 'firefox-153-simulcast']) {
      expect(readSdp(sampleOffer(name)).sections[0]!.simulcastSend).toEqual(['q', 'h', 'f']);
    }
  });

  test('takes a section that a client has stopped as rejected', () => {
    const { sections, bundle } = readSdp(sampleOffer('chromium-156-stopped'));
    expect(sections.map(({ rejected }) => rejected)).toEqual([false, true]);
    expect(bundle).toEqual(['0']);
  });

  test('takes a lone section without a bundle, and sections without a port that have the bundle’s', () => {
    expect(readSdp(sampleOffer('gstreamer-1.22-audio')).bundle).toEqual(['audio0']);
    expect(readSdp(sampleOffer('gstreamer-1.22-publish')).sections.map(({ rejected }) => rejected)).toEqual([
      false,
      false,
    ]);
  });

  test('takes a section outside of the bundle as rejected', () => {
    const { sections, bundle } = readSdp(chromium.replace('BUNDLE 0 1', 'BUNDLE 0'));
    expect(sections.map(({ rejected }) => rejected)).toEqual([false, true]);
    expect(bundle).toEqual(['0']);
  });

  test('takes the ICE credentials of the section that stands for the bundle', () => {
    const [first, second = ''] = chromium.split('m=video');
    const text = `${first}m=video${second.replace(/a=ice-ufrag:.*/, 'a=ice-ufrag:other')}`;
    expect(readSdp(text).ice.ufrag).toBe(/a=ice-ufrag:(\S+)/.exec(chromium)![1]);
  });

  test('leaves sections with unknown codecs to be refused, unless there are no others', () => {
    const audioUnknown = readSdp(chromium.replace(/(opus|G722|PCMU|PCMA)\//g, 'speex/'));
    expect(servableSections(audioUnknown, sampleRouter).map(({ mid }) => mid)).toEqual(['1']);
    const unknown = readSdp(chromium.replace(/(a=rtpmap:\d+) [\w-]+/g, '$1 unknown'));
    expect(() => servableSections(unknown, sampleRouter)).toThrow('no section has a codec');
  });

  test('keeps a profile of H.264 that looks like a number as text', () => {
    const text = chromium.replaceAll('profile-level-id=42001f', 'profile-level-id=420010');
    const codec = readSdp(text).sections[1]!.codecs.find(({ mimeType }) => mimeType === 'video/H264');
    expect(codec?.parameters['profile-level-id']).toBe('420010');
  });

  test('makes nothing of parameters that are named like parts of an object', () => {
    const text = chromium.replace('minptime=10', '__proto__=1;constructor=2');
    const { parameters } = readSdp(text).sections[0]!.codecs[0]!;
    expect(Object.entries(parameters)).toEqual([
      ['constructor', 2],
      ['useinbandfec', 1],
    ]);
  });

  test('refuses texts that are too large before it reads them', () => {
    const many = chromium.split('m=video')[0] + 'm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n'.repeat(1000);
    expect(problemOf(many)).toBe('it has more than 64 sections');
    expect(problemOf(`${chromium}a=${'x'.repeat(maxSdpBytes)}\r\n`)).toBe('it is longer than 49152 bytes');
    expect(problemOf(chromium + 'ü'.repeat(maxSdpBytes / 2))).toBe('it is longer than 49152 bytes');
    expect(problemOf(`${chromium}${'a=\r\n'.repeat(5000)}`)).toBe('it has more than 4096 lines');
    expect(problemOf(`${chromium}a=${'x'.repeat(4096)}\r\n`)).toMatch(/^line \d+ is longer than 4096 characters$/);
  });

  test.each<[string, string | undefined, RegExp]>([
    ['nothing', problemOf(''), /does not begin/],
    ['prose', problemOf('hello'), /not of the form/],
    ['JSON', problemOf('{"sdp":"v=0"}'), /not of the form/],
    ['no section', problemOf(chromium.split('m=')[0]!), /no section/],
    ['another version', edited('v=0', 'v=1'), /does not begin with v=0/],
    ['a null character', edited('a=rtcp-mux', 'a=\0rtcp-mux'), /control characters/],
    ['a mid that is there twice', edited('a=mid:1', 'a=mid:0'), /the mid 0 is used twice/],
    ['a mid with a blank inside a quote', edited('a=mid:1', 'a=mid:"1"'), /mid that is not a token/],
    ['no bundle', edited(/a=group:BUNDLE.*\r\n/, ''), /section 0 is in no bundle/],
    ['a bundle without the first section', edited('BUNDLE 0 1', 'BUNDLE 1'), /section 0 is in no bundle/],
    ['no rtcp-mux', edited(/a=rtcp-mux\r\n/g, ''), /section 0 does not multiplex/],
    ['no ICE user name', edited(/a=ice-ufrag:.*\r\n/g, ''), /no ICE user name/],
    ['a short ICE password', edited(/a=ice-pwd:.*\r\n/g, 'a=ice-pwd:short\r\n'), /no ICE password/],
    ['no fingerprint', edited(/a=fingerprint:.*\r\n/g, ''), /no certificate fingerprint/],
    ['an unknown hash', edited(/a=fingerprint:sha-256/g, 'a=fingerprint:md5'), /no certificate fingerprint/],
    ['two certificates', edited(/(m=video[\s\S]*a=fingerprint:sha-256 )../, '$1AA'), /different certificates/],
    ['no DTLS role', edited(/a=setup:.*\r\n/g, ''), /no DTLS role/],
    ['a held DTLS role', edited(/a=setup:actpass/g, 'a=setup:holdconn'), /no DTLS role/],
    ['every section closed', edited(/^m=(\w+) \d+/gm, 'm=$1 0'), /no section is open/],
    ['plain RTP', edited(/UDP\/TLS\/RTP\/SAVPF/g, 'RTP/AVP'), /no section is open/],
    ['an unknown kind', edited('m=video', 'm=image'), /neither audio nor video/],
    ['a port that is none', edited(/m=video \d+/, 'm=video 70000'), /no port/],
    ['an m-line of one word', edited(/m=video.*/, 'm=video'), /neither audio nor video/],
    ['no formats', edited(/(m=video \d+ \S+).*/, '$1'), /names no format/],
    ['a format that is no number', edited(/(m=video \d+ \S+).*/, '$1 vp8'), /no payload type/],
    ['a payload type above 127', edited(/(m=video \d+ \S+)/, '$1 128'), /no payload type/],
    ['a payload type twice in the m-line', edited(/(m=video \d+ \S+ )/, '$196 '), /payload type 96 twice/],
    ['a payload type with two names', edited('a=rtpmap:96', 'a=rtpmap:96 H264/90000\r\na=rtpmap:96'), /96 two names/],
    [
      'a payload type of two codecs',
      edited(/(m=audio \d+ \S+)([\s\S]*?)a=rtpmap/, '$1 96$2a=rtpmap:96 opus/48000/2\r\na=rtpmap'),
      /96 means two codecs/,
    ],
    ['a header extension id twice', edited(/a=extmap:2 /, 'a=extmap:1 '), /extension id 1 twice/],
    ['an SSRC of 0', edited(/a=ssrc:\d+/, 'a=ssrc:0'), /an SSRC that is none/],
    ['layers without restriction ids', edited('a=mid:1', 'a=mid:1\r\na=simulcast:send a;b'), /a layer without/],
    ['a layer twice', edited('a=mid:1', 'a=mid:1\r\na=rid:a send\r\na=simulcast:send a;a'), /a layer twice/],
  ])('refuses %s', (_, problem, expected) => {
    expect(problem).toMatch(expected);
  });

  test('refuses a fingerprint that is not as long as its hash', () => {
    const text = chromium.replace(/(a=fingerprint:sha-256 \S+):../g, '$1');
    expect(() => readSdp(text)).toThrow(expect.objectContaining({ reason: 'DTLS_PARAMETERS_REFUSED' }));
  });
});
