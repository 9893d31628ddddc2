import { describe, expect, test } from 'vitest';
import { PhoneSession, type PhoneSessionOptions } from './phone-session.ts';
import { phoneOffers, withLine } from './testing/phone-offers.ts';

function open(options: Partial<PhoneSessionOptions> = {}): PhoneSession {
  return new PhoneSession({
    address: '192.0.2.1',
    port: 30_000,
    rtcpPort: 30_001,
    codecs: ['opus', 'G722', 'PCMU', 'PCMA'],
    srtp: 'optional',
    comfortNoise: true,
    ...options,
  });
}

const media = (sdp: string) => sdp.slice(sdp.indexOf('m='));

const six = withLine(phoneOffers.baresip, 'c=IN IP4 192.0.2.10', 'c=IN IP6 2001:db8::10');

test.each([
  ['0.0.0.0', phoneOffers.baresip, true],
  ['0.0.0.0', six, false],
  ['192.0.2.1', six, false],
  ['::', phoneOffers.baresip, true],
  ['::', six, true],
  ['2001:db8::1', phoneOffers.baresip, false],
  ['2001:db8::1', six, true],
])('a socket on %s is asked to reach what it can alone', (listenIp, sdp, isReached) => {
  const problem = /its address \(c=\) is of IPv[46], which the socket for phones here does not reach/;
  const session = open({ listenIp });
  const offering = open({ listenIp });
  offering.makeOffer();
  for (const take of [() => session.answerOffer(sdp), () => offering.readAnswer(sdp)]) {
    if (isReached) expect(take).not.toThrow();
    else expect(take).toThrow(problem);
  }
  // One that holds by the zero address is sent nothing.
  expect(() => session.answerOffer(withLine(sdp, /c=.*/.exec(sdp)?.[0] ?? '', 'c=IN IP4 0.0.0.0'))).not.toThrow();
});

describe('offers of phones', () => {
  test('baresip’s is answered by the codec that we like best, with its payload types', () => {
    const { sdp, media: agreed } = open().answerOffer(phoneOffers.baresip);
    expect(media(sdp).trimEnd().split('\r\n')).toEqual([
      'm=audio 30000 RTP/AVP 96 101',
      'c=IN IP4 192.0.2.1',
      'a=rtpmap:96 opus/48000/2',
      'a=fmtp:96 useinbandfec=1',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=ptime:20',
      'a=maxptime:60',
      'a=sendrecv',
    ]);
    expect(agreed).toMatchObject({
      remote: { ip: '192.0.2.10', port: 10_034, rtcpIp: '192.0.2.10', rtcpPort: 10_035, rtcpMux: false },
      codec: 'opus',
      payloadType: 96,
      dtmf: { payloadType: 101, clockRate: 8000 },
      cn: undefined,
      direction: 'sendrecv',
      held: false,
      ptimeMs: 20,
      srtp: undefined,
    });
  });

  test('linphone’s video is refused in its place, and its digits go at the rate of its Opus', () => {
    const { sdp, media: agreed } = open().answerOffer(phoneOffers.linphone);
    expect(sdp.match(/^m=.*$/gm)).toEqual(['m=audio 30000 RTP/AVP 96 101', 'm=video 0 RTP/AVP 96']);
    expect(agreed.dtmf).toEqual({ payloadType: 101, clockRate: 48_000 });
    expect(agreed.opus).toEqual({
      maxAverageBitrate: 28_000,
      maxPlaybackRate: undefined,
      inBandFec: true,
      discontinuous: true,
    });
    expect(agreed.receive).toEqual([
      { payloadType: 96, name: 'opus', clockRate: 48_000 },
      { payloadType: 101, name: 'telephone-event', clockRate: 48_000 },
      { payloadType: 99, name: 'telephone-event', clockRate: 8000 },
    ]);
  });

  test('sipp’s has no digits', () => {
    const { sdp, media: agreed } = open().answerOffer(phoneOffers.sipp);
    expect(sdp).toContain('m=audio 30000 RTP/AVP 0\r\n');
    expect(agreed).toMatchObject({ codec: 'PCMU', payloadType: 0, dtmf: undefined, cn: undefined });
  });

  test('a desk phone gets comfort noise, and no packets longer than it takes', () => {
    const { sdp, media: agreed } = open({ srtp: 'never', ptimeMs: 60 }).answerOffer(phoneOffers.desk);
    expect(sdp).toContain('m=audio 30000 RTP/AVP 9 13 127\r\n');
    expect(agreed).toMatchObject({ codec: 'G722', cn: { payloadType: 13 }, ptimeMs: 40, srtp: undefined });
    expect(open({ comfortNoise: false }).answerOffer(phoneOffers.desk).sdp).toContain('RTP/AVP 9 127\r\n');
  });

  test('a trunk that wants 30 ms gets 20', () => {
    expect(open().answerOffer(phoneOffers.trunk).media).toMatchObject({ codec: 'PCMU', ptimeMs: 20 });
  });

  test('an IPv6 phone is answered, with our IPv6 address', () => {
    const offer = phoneOffers.sipp.replaceAll('IP4 127.0.0.1', 'IP6 2001:DB8::1');
    const { sdp, media: agreed } = open({ address: '2001:db8::2' }).answerOffer(offer);
    expect(sdp).toContain('c=IN IP6 2001:db8::2\r\n');
    expect(agreed.remote?.ip).toBe('2001:db8::1');
  });

  test('rtcp-mux is answered where it is offered, and a=rtcp is heard', () => {
    const muxed = open().answerOffer(withLine(phoneOffers.baresip, 'a=rtcp:10035', 'a=rtcp-mux'));
    expect(muxed.sdp).toContain('a=rtcp-mux\r\n');
    expect(muxed.media.remote).toMatchObject({ rtcpPort: 10_034, rtcpMux: true });
    const apart = open().answerOffer(withLine(phoneOffers.baresip, 'a=rtcp:10035', 'a=rtcp:53020 IN IP4 192.0.2.11'));
    expect(apart.media.remote).toMatchObject({ rtcpIp: '192.0.2.11', rtcpPort: 53_020 });
  });
});

describe('keys', () => {
  test('the first of theirs that we can use is answered under its tag', () => {
    const { sdp, media: agreed } = open().answerOffer(phoneOffers.baresipSrtp);
    expect(sdp).toMatch(/a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:[\w+/]{40}\r\n/);
    expect(agreed.srtp?.suite).toBe('AES_CM_128_HMAC_SHA1_32');
    expect(Buffer.from(agreed.srtp?.receiveKey ?? []).toString('base64')).toBe('A'.repeat(40));
    expect(sdp).toContain(Buffer.from(agreed.srtp?.sendKey ?? []).toString('base64'));
  });

  test('keys beside plain RTP are taken', () => {
    const { sdp, media: agreed } = open().answerOffer(phoneOffers.desk);
    expect(sdp).toContain('m=audio 30000 RTP/AVP 9 13 127\r\n');
    expect(agreed.srtp?.suite).toBe('AES_CM_128_HMAC_SHA1_80');
  });

  test('a key that is named in each packet says how long its name is', () => {
    const offer = phoneOffers.baresipSrtp.replaceAll(/(inline:\S+)/g, '$1|2^20|1:4');
    const { sdp, media: agreed } = open().answerOffer(offer);
    expect(agreed.srtp?.receiveMkiBytes).toBe(4);
    expect(sdp).not.toContain('|');
  });

  test('the first audio that can be used wins: the encrypted one, or the plain one where keys are not served', () => {
    const secret = open().answerOffer(phoneOffers.linphoneBoth);
    expect(secret.sdp.match(/^m=.*$/gm)).toEqual(['m=audio 30000 RTP/SAVPF 0 101', 'm=audio 0 RTP/AVP 8 101']);
    expect(secret.media.srtp).toBeDefined();
    const plain = open({ srtp: 'never' }).answerOffer(phoneOffers.linphoneBoth);
    expect(plain.sdp.match(/^m=.*$/gm)).toEqual(['m=audio 0 RTP/SAVPF 0 101', 'm=audio 30000 RTP/AVP 8 101']);
    expect(plain.media.srtp).toBeUndefined();
  });

  test.each([
    ['plain media where keys are required', phoneOffers.sipp, 'required', /not encrypted/],
    ['keys where none are served', phoneOffers.baresipSrtp, 'never', /encrypted media is not served/],
    [
      'packets that are not authenticated',
      phoneOffers.baresipSrtp.replaceAll(/(inline:\S+)/g, '$1 UNAUTHENTICATED_SRTP'),
      'optional',
      /no key that can be used/,
    ],
    [
      'a name of a key that is too long',
      phoneOffers.baresipSrtp.replaceAll(/(inline:\S+)/g, '$1|1:129'),
      'optional',
      /no key that can be used/,
    ],
    ['a key that is too short', phoneOffers.baresipSrtp.replaceAll(/[AB]{40}/g, 'AAAA'), 'optional', /no key/],
  ] as const)('%s are refused', (_name, offer, srtp, problem) => {
    expect(() => open({ srtp }).answerOffer(offer)).toThrow(problem);
  });
});

describe('what cannot be answered is refused by name', () => {
  test.each([
    ['nothing', '', /does not begin with v=0/],
    ['no section', 'v=0\r\ns=-\r\n', /no section/],
    [
      'another codec',
      withLine(phoneOffers.sipp, 'AVP 0\r\na=rtpmap:0 PCMU', 'AVP 18\r\na=rtpmap:18 G729'),
      /none of the codecs opus/,
    ],
    ['a browser', phoneOffers.browser, /not of RTP\/AVP or RTP\/SAVP/],
    ['video alone', phoneOffers.sipp.replace('m=audio', 'm=video'), /offers no audio/],
    ['closed audio', withLine(phoneOffers.sipp, 'm=audio 6000', 'm=audio 0'), /offers no audio/],
    ['a name for an address', withLine(phoneOffers.sipp, 'c=IN IP4 127.0.0.1', 'c=IN IP4 phone.example'), /address/],
    ['multicast', withLine(phoneOffers.sipp, 'c=IN IP4 127.0.0.1', 'c=IN IP4 224.2.1.1/127'), /address/],
    ['no address', withLine(phoneOffers.sipp, 'c=IN IP4 127.0.0.1\r\n', ''), /no address/],
    ['a port beyond all', withLine(phoneOffers.sipp, '6000', '70000'), /section 0/],
    ['no room for RTCP', withLine(phoneOffers.sipp, '6000', '65535'), /leaves none for RTCP/],
    ['too much', `${phoneOffers.sipp}${'a=x\r\n'.repeat(4000)}`, /longer than/],
    ['too many of a kind', `${phoneOffers.sipp}${'a=x\r\n'.repeat(65)}`, /more than 64 lines of one kind/],
    ['too many sections', `${phoneOffers.sipp}${'m=audio 0 RTP/AVP 0\r\n'.repeat(16)}`, /more than 16 sections/],
  ])('%s', (_name, offer, problem) => {
    const session = open();
    expect(() => session.answerOffer(offer)).toThrow(problem);
    expect(session.media).toBeUndefined();
  });
});
