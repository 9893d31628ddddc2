import { describe, expect, test } from 'vitest';
import { PhoneSession, type PhoneSessionOptions } from './phone-session.ts';
import { phoneOffers, withLine } from './testing/phone-offers.ts';

function open(options: Partial<PhoneSessionOptions> = {}): PhoneSession {
  return new PhoneSession({
    address: '192.0.2.1',
    port: 30_000,
    rtcpPort: 30_001,
    codecs: ['opus', 'PCMU', 'PCMA'],
    srtp: 'never',
    comfortNoise: false,
    ...options,
  });
}

const answer = (media: string, ...attributes: string[]) =>
  ['v=0', 'o=- 1 1 IN IP4 192.0.2.30', 's=-', 'c=IN IP4 192.0.2.30', 't=0 0', `m=audio ${media}`, ...attributes]
    .map((line) => `${line}\r\n`)
    .join('');
const plain = answer('4000 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/8000');
const cryptoLines = (sdp: string) => sdp.match(/^a=crypto.*$/gm) ?? [];
const keyIn = (line: string | undefined) => /inline:(\S+)/.exec(line ?? '')?.[1];

describe('our offer', () => {
  test('lists the codecs in our order, then digits at their rates', () => {
    expect(open({ comfortNoise: true, rtcpPort: 40_001 }).makeOffer().split('\r\n').slice(2)).toEqual([
      's=-',
      'c=IN IP4 192.0.2.1',
      't=0 0',
      'm=audio 30000 RTP/AVP 96 0 8 13 101 100',
      'c=IN IP4 192.0.2.1',
      'a=rtpmap:96 opus/48000/2',
      'a=fmtp:96 useinbandfec=1',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:13 CN/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=rtpmap:100 telephone-event/48000',
      'a=fmtp:100 0-15',
      'a=ptime:20',
      'a=maxptime:60',
      'a=rtcp:40001',
      'a=rtcp-mux',
      'a=sendrecv',
      '',
    ]);
  });

  test('is the same text when it is made again', () => {
    const session = open({ srtp: 'optional' });
    expect(session.makeOffer()).toBe(session.makeOffer());
  });

  test('has keys by the policy', () => {
    expect(cryptoLines(open().makeOffer())).toHaveLength(0);
    expect(open({ srtp: 'optional' }).makeOffer()).toMatch(
      /m=audio 30000 RTP\/AVP [\s\S]*a=crypto:1 AES_CM_128_HMAC_SHA1_80/,
    );
    expect(open({ srtp: 'required' }).makeOffer()).toMatch(
      /m=audio 30000 RTP\/SAVP [\s\S]*a=crypto:2 AES_CM_128_HMAC_SHA1_32/,
    );
  });
});

describe('their answer', () => {
  test('agrees on the first codec in it, and the others may come as well', () => {
    const session = open();
    session.makeOffer();
    const media = session.readAnswer(answer('4000 RTP/AVP 8 0 101', 'a=rtpmap:101 telephone-event/8000', 'a=ptime:40'));
    expect(media).toMatchObject({
      codec: 'PCMA',
      payloadType: 8,
      dtmf: { payloadType: 101, clockRate: 8000 },
      remote: { ip: '192.0.2.30', port: 4000, rtcpPort: 4001, rtcpMux: false },
      ptimeMs: 40,
    });
    expect(media.receive.map(({ payloadType, name }) => [payloadType, name])).toEqual([
      [0, 'PCMU'],
      [8, 'PCMA'],
      [101, 'telephone-event'],
    ]);
  });

  test('with other payload types is sent theirs, and received by ours or theirs', () => {
    const session = open();
    session.makeOffer();
    const media = session.readAnswer(
      answer('4000 RTP/AVP 107 110', 'a=rtpmap:107 opus/48000', 'a=rtpmap:110 telephone-event/48000', 'a=rtcp-mux'),
    );
    expect(media).toMatchObject({ codec: 'opus', payloadType: 107, dtmf: { payloadType: 110, clockRate: 48_000 } });
    expect(media.receive.map(({ payloadType }) => payloadType)).toEqual([96, 100, 107, 110]);
    expect(media.remote).toMatchObject({ rtcpPort: 4000, rtcpMux: true });
  });

  test('may come early, and differ from another fork or at the end', () => {
    const session = open();
    session.makeOffer();
    expect(session.readAnswer(plain)).toMatchObject({ codec: 'PCMU', remote: { port: 4000 } });
    expect(session.readAnswer(answer('5000 RTP/AVP 8'))).toMatchObject({ codec: 'PCMA', remote: { port: 5000 } });
    expect(session.readAnswer(plain)).toMatchObject({ codec: 'PCMU', remote: { port: 4000 } });
  });

  test.each([
    ['no audio', answer('0 RTP/AVP 0'), /declines/],
    ['a codec that was not offered', answer('4000 RTP/AVP 9'), /none of the codecs/],
    ['digits alone', answer('4000 RTP/AVP 101', 'a=rtpmap:101 telephone-event/8000'), /none of the codecs/],
    ['keys that were not offered', answer('4000 RTP/SAVP 0'), /plain media was offered/],
    ['DTLS', answer('4000 UDP/TLS/RTP/SAVPF 0'), /another protocol/],
    ['another medium', answer('4000 RTP/AVP 0').replace('m=audio', 'm=video'), /does not answer the audio/],
    ['nothing', '', /does not begin/],
  ])('%s is refused, and what stood before stands', (_name, text, problem) => {
    const session = open();
    session.makeOffer();
    const media = session.readAnswer(plain);
    expect(() => session.readAnswer(text)).toThrow(problem);
    expect(session.media).toBe(media);
  });

  test('without an offer is refused, also to one that was taken over by theirs', () => {
    const session = open();
    expect(() => session.readAnswer(plain)).toThrow(/nothing was offered/);
    session.makeOffer();
    session.answerOffer(phoneOffers.sipp);
    expect(() => session.readAnswer(plain)).toThrow(/nothing was offered/);
  });
});

describe('keys of their answer', () => {
  const secret = (tag: number, suite: string, protocol = 'RTP/SAVP') =>
    answer(`4000 ${protocol} 0`, `a=crypto:${tag} ${suite} inline:${'F'.repeat(40)}`);

  test('are matched by their tag', () => {
    const session = open({ srtp: 'required' });
    const offer = session.makeOffer();
    const { srtp } = session.readAnswer(secret(2, 'AES_CM_128_HMAC_SHA1_32'));
    expect(srtp?.suite).toBe('AES_CM_128_HMAC_SHA1_32');
    expect(Buffer.from(srtp?.sendKey ?? []).toString('base64')).toBe(keyIn(cryptoLines(offer)[1]));
  });

  test('are matched by their suite where the tag is another', () => {
    const session = open({ srtp: 'optional' });
    session.makeOffer();
    expect(session.readAnswer(secret(7, 'AES_CM_128_HMAC_SHA1_80', 'RTP/AVP')).srtp?.suite).toBe(
      'AES_CM_128_HMAC_SHA1_80',
    );
  });

  test('are not needed where they are optional', () => {
    const session = open({ srtp: 'optional' });
    session.makeOffer();
    expect(session.readAnswer(plain).srtp).toBeUndefined();
    expect(cryptoLines(session.makeOffer())).toHaveLength(0);
  });

  test('of one fork do not bind another', () => {
    const session = open({ srtp: 'optional' });
    session.makeOffer();
    expect(session.readAnswer(secret(1, 'AES_CM_128_HMAC_SHA1_80', 'RTP/AVP')).srtp).toBeDefined();
    expect(session.readAnswer(plain).srtp).toBeUndefined();
  });

  test('that cannot be used are refused rather than left out', () => {
    const session = open({ srtp: 'optional' });
    session.makeOffer();
    expect(() => session.readAnswer(secret(1, 'AES_256_CM_HMAC_SHA1_80', 'RTP/AVP'))).toThrow(/no key/);
  });

  test('are required where the policy says so, and once a session has them', () => {
    const strict = open({ srtp: 'required' });
    strict.makeOffer();
    expect(() => strict.readAnswer(plain)).toThrow(/not encrypted/);

    const session = open({ srtp: 'optional' });
    session.answerOffer(phoneOffers.baresipSrtp);
    const offer = session.makeOffer();
    expect(offer).toContain('m=audio 30000 RTP/SAVP ');
    expect(cryptoLines(offer)[0]).toContain('AES_CM_128_HMAC_SHA1_32');
    expect(() => session.readAnswer(plain)).toThrow(/not encrypted/);
  });

  test('our key stays through offers of both sides', () => {
    const session = open({ srtp: 'required' });
    session.makeOffer();
    const before = session.readAnswer(secret(1, 'AES_CM_128_HMAC_SHA1_80')).srtp?.sendKey;
    const theirs = withLine(phoneOffers.baresipSrtp, 'a=crypto:1 AES_CM_128_HMAC_SHA1_32', 'a=crypto:1 NONE');
    expect(session.answerOffer(theirs).media.srtp?.sendKey).toEqual(before);
  });
});
