import { describe, expect, test } from 'vitest';
import { sampleEnd, sampleOffer } from '../../test/support/sdp-samples.ts';
import { readFragment, writeFragment } from './fragments.ts';
import { checkCandidate } from './ice-values.ts';
import { readSdp } from './read-sdp.ts';

const [section] = readSdp(sampleOffer('chromium-156-publish')).sections;

describe('readFragment()', () => {
  test('reads credentials and candidates as WHIP clients send them', () => {
    const candidate =
      'candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1';
    const text = ['a=group:BUNDLE 0 1', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', 'a=ice-ufrag:EsAw'].concat([
      'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1',
      `a=${candidate}`,
      'a=end-of-candidates',
    ]);
    expect(readFragment(text.join('\r\n'))).toEqual({
      ufrag: 'EsAw',
      pwd: 'P2uYro0UCOQ4zxjKXaWCBui1',
      candidates: [candidate],
    });
  });

  test('reads what the server itself writes', () => {
    const text = writeFragment(sampleEnd, section!);
    expect(text).toMatch(/^a=ice-lite\r\n(?:[am]=[ -~]+\r\n)+$/);
    expect(text).toContain('m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n');
    expect(text).toContain('a=mid:0\r\n');
    const { usernameFragment, password } = sampleEnd.iceParameters;
    expect(readFragment(text)).toMatchObject({ ufrag: usernameFragment, pwd: password });
    expect(readFragment(text).candidates).toHaveLength(2);
  });

  test('takes a fragment without anything in it', () => {
    expect(readFragment('a=end-of-candidates\r\n')).toEqual({ ufrag: undefined, pwd: undefined, candidates: [] });
  });

  test.each([
    ['a user name without a password', 'a=ice-ufrag:EsAw'],
    ['a password without a user name', 'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1'],
    ['a user name with a blank', 'a=ice-ufrag:Es Aw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1'],
    ['a candidate of one word', 'a=candidate:1'],
    ['many candidates', 'a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n'.repeat(65)],
    ['JSON', '{"candidate":"x"}'],
    ['too much', `a=${'x'.repeat(50_000)}`],
  ])('refuses %s', (_, text) => {
    expect(() => readFragment(text)).toThrow(expect.objectContaining({ reason: 'SDP_REFUSED' }));
  });
});

test('checkCandidate() refuses what would not be one line', () => {
  const candidate = 'candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host';
  expect(() => checkCandidate(candidate)).not.toThrow();
  for (const text of [`${candidate}\r\na=x`, `a=${candidate}`, `${candidate} ${'x'.repeat(1024)}`, '']) {
    expect(() => checkCandidate(text)).toThrow(expect.objectContaining({ reason: 'SDP_REFUSED' }));
  }
});
