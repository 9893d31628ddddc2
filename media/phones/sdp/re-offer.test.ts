import { describe, expect, test } from 'vitest';
import { writeRtpHeader } from '../../mixer/rtp/rtp-packet.ts';
import { SrtpContext } from '../../mixer/rtp/srtp-context.ts';
import { PhoneSession, type PhoneSessionOptions } from './phone-session.ts';
import { phoneOffers, withLine } from './testing/phone-offers.ts';

function open(options: Partial<PhoneSessionOptions> = {}): PhoneSession {
  return new PhoneSession({
    address: '192.0.2.1',
    port: 30_000,
    rtcpPort: 30_001,
    codecs: ['opus', 'G722', 'PCMU', 'PCMA'],
    srtp: 'optional',
    comfortNoise: false,
    ...options,
  });
}

const versionOf = (sdp: string) => Number(/^o=- \d+ (\d+) /m.exec(sdp)?.[1]);
const directionOf = (sdp: string) => /^a=(sendrecv|sendonly|recvonly|inactive)$/m.exec(sdp.replaceAll('\r', ''))?.[1];

describe('holds of theirs', () => {
  test.each([
    ['sendonly', withLine(phoneOffers.baresip, 'a=sendrecv', 'a=sendonly'), 'recvonly', true],
    ['inactive', withLine(phoneOffers.baresip, 'a=sendrecv', 'a=inactive'), 'inactive', true],
    ['the zero address', withLine(phoneOffers.baresip, 'c=IN IP4 192.0.2.10', 'c=IN IP4 0.0.0.0'), 'recvonly', true],
    ['the zero address of IPv6', withLine(phoneOffers.baresip, 'c=IN IP4 192.0.2.10', 'c=IN IP6 ::'), 'recvonly', true],
    [
      'a name that cannot be',
      withLine(phoneOffers.baresip, 'c=IN IP4 192.0.2.10', 'c=IN IP6 a.invalid'),
      'recvonly',
      true,
    ],
    ['recvonly, which is none', withLine(phoneOffers.baresip, 'a=sendrecv', 'a=recvonly'), 'sendonly', false],
  ])('%s', (_name, hold, direction, held) => {
    const session = open();
    session.answerOffer(phoneOffers.baresip);
    const { sdp, media } = session.answerOffer(hold);
    expect([directionOf(sdp), media.direction, media.held]).toEqual([direction, direction, held]);
    const resumed = session.answerOffer(phoneOffers.baresip);
    expect([directionOf(resumed.sdp), resumed.media.held]).toEqual(['sendrecv', false]);
  });

  test('with the zero address nothing is sent anywhere, and our own address stays', () => {
    const { sdp, media } = open().answerOffer(withLine(phoneOffers.sipp, 'c=IN IP4 127.0.0.1', 'c=IN IP4 0.0.0.0'));
    expect(media.remote).toBeUndefined();
    expect(sdp).toContain('c=IN IP4 192.0.2.1\r\n');
  });

  test('a direction that was said for the session counts for its audio', () => {
    const { media } = open().answerOffer(withLine(phoneOffers.sipp, 't=0 0', 't=0 0\r\na=sendonly'));
    expect(media.direction).toBe('recvonly');
  });
});

describe('holds of ours', () => {
  const answerTo = (direction: string) =>
    withLine(phoneOffers.baresip, 'a=sendrecv', `a=${direction}`).replace('96 9 0 8 101', '96 101');

  test('offers sendonly, holds from the answer on, and resumes', () => {
    const session = open();
    session.answerOffer(phoneOffers.baresip);
    expect(directionOf(session.makeOffer({ hold: true }))).toBe('sendonly');
    expect(session.heldByUs).toBe(false);
    expect(session.readAnswer(answerTo('recvonly'))).toMatchObject({ direction: 'sendonly', held: false });
    expect(session.heldByUs).toBe(true);
    expect(directionOf(session.makeOffer())).toBe('sendonly');
    session.makeOffer({ hold: false });
    expect(session.readAnswer(answerTo('sendrecv')).direction).toBe('sendrecv');
    expect(session.heldByUs).toBe(false);
  });

  test('one that answers sendrecv all the same is not listened to', () => {
    const session = open();
    session.answerOffer(phoneOffers.baresip);
    session.makeOffer({ hold: true });
    expect(session.readAnswer(answerTo('sendrecv')).direction).toBe('sendonly');
  });

  test('both sides hold: inactive, and each resumes for itself', () => {
    const session = open();
    session.answerOffer(phoneOffers.baresip);
    session.makeOffer({ hold: true });
    session.readAnswer(answerTo('recvonly'));
    const theirs = session.answerOffer(withLine(phoneOffers.baresip, 'a=sendrecv', 'a=sendonly'));
    expect([directionOf(theirs.sdp), theirs.media.held]).toEqual(['inactive', true]);
    expect(directionOf(session.answerOffer(phoneOffers.baresip).sdp)).toBe('sendonly');
  });

  test('a hold that is refused leaves everything as it was', () => {
    const session = open();
    const { media } = session.answerOffer(phoneOffers.baresip);
    session.makeOffer({ hold: true });
    expect(() => session.readAnswer('v=0\r\nm=audio 0 RTP/AVP 0\r\n')).toThrow(/declines/);
    expect(session.heldByUs).toBe(false);
    expect(session.media).toBe(media);
    expect(directionOf(session.answerOffer(phoneOffers.baresip).sdp)).toBe('sendrecv');
  });
});

describe('another offer of theirs', () => {
  test('the same one gets the same answer, version and all', () => {
    const session = open();
    const { sdp } = session.answerOffer(phoneOffers.baresipSrtp);
    expect(session.answerOffer(phoneOffers.baresipSrtp).sdp).toBe(sdp);
  });

  test('the version counts up by one where the answer is another', () => {
    const session = open();
    const versions = [
      session.answerOffer(phoneOffers.baresip).sdp,
      session.answerOffer(withLine(phoneOffers.baresip, 'a=sendrecv', 'a=sendonly')).sdp,
      session.answerOffer(phoneOffers.baresip).sdp,
      session.makeOffer(),
    ].map(versionOf);
    expect(versions).toEqual([1, 2, 3, 4]);
  });

  test('another port and address are taken', () => {
    const session = open();
    session.answerOffer(phoneOffers.sipp);
    const moved = withLine(phoneOffers.sipp, '6000', '7000').replace('c=IN IP4 127.0.0.1', 'c=IN IP4 127.0.0.2');
    expect(session.answerOffer(moved).media.remote).toMatchObject({ ip: '127.0.0.2', port: 7000 });
  });

  test('another codec is taken where the one that is spoken is offered no more, and only then', () => {
    const session = open({ codecs: ['PCMU', 'PCMA'] });
    session.answerOffer(phoneOffers.sipp);
    expect(session.answerOffer(phoneOffers.trunk).media.codec).toBe('PCMU');
    const changed = session.answerOffer(withLine(phoneOffers.trunk, 'AVP 8 0 101', 'AVP 8 101'));
    expect(changed.media.codec).toBe('PCMA');
    expect(session.answerOffer(phoneOffers.trunk).media.codec).toBe('PCMA');
  });

  test('their new key is taken while ours goes on', () => {
    const session = open();
    const first = session.answerOffer(phoneOffers.baresipSrtp).media.srtp;
    const second = session.answerOffer(phoneOffers.baresipSrtp.replace(/A{40}/, 'E'.repeat(40))).media.srtp;
    expect(second?.sendKey).toEqual(first?.sendKey);
    expect(second?.receiveKey).not.toEqual(first?.receiveKey);
  });

  const short = phoneOffers.baresipSrtp;
  const long = short.replace(/_(32|80) /g, (_, bits) => (bits === '32' ? '_80 ' : '_32 '));
  const plain = short.replace('RTP/SAVP', 'RTP/AVP').replace(/a=crypto.*\r\n/g, '');

  test.each([
    ['another one', short],
    ['plain RTP', plain],
  ])('no packet is encrypted as one before by a suite that comes back after %s', (_what, between) => {
    const session = open();
    const first = session.answerOffer(long).media.srtp!;
    const context = new SrtpContext({ suite: first.suite, key: first.sendKey });
    const write = (sequence: number) => {
      const packet = Buffer.alloc(200);
      writeRtpHeader(packet, { payloadType: 0, sequence, timestamp: 0, ssrc: 7, marker: false }, false);
      return packet.subarray(0, context.protect(packet, 172));
    };
    const early = write(5);
    // The numbers turn once.
    for (const sequence of [30_000, 60_000]) write(sequence);
    for (const offer of [between, long]) {
      const keys = session.answerOffer(offer).media.srtp;
      if (keys) context.rekey({ suite: keys.suite, key: keys.sendKey });
    }
    expect(session.media?.srtp?.suite).toBe(first.suite);
    // As the way of a leg begins anew after plain RTP.
    context.rekey({ suite: first.suite, key: Buffer.alloc(30) });
    context.rekey({ suite: first.suite, key: session.media?.srtp?.sendKey ?? first.sendKey });
    expect(write(5).equals(early)).toBe(false);
  });

  test('what is answered to our offer is sent by the key that it had', () => {
    const session = open();
    session.answerOffer(long);
    const offer = session.makeOffer();
    const offered = new Map(
      [...offer.matchAll(/^a=crypto:\d (\S+) inline:(\S+)/gm)].map(([, suite, key]) => [suite, key]),
    );
    // Of two phones that answer, each takes another suite.
    for (const answer of [short, long, short]) {
      const { suite, sendKey } = session.readAnswer(answer).srtp!;
      expect(Buffer.from(sendKey).toString('base64')).toBe(offered.get(suite));
    }
  });

  test('the audio of the call stays where it is, though another one comes before it', () => {
    const session = open();
    session.answerOffer(withLine(phoneOffers.linphoneBoth, 'm=audio 7078', 'm=audio 0'));
    expect(session.answerOffer(phoneOffers.linphoneBoth).sdp.match(/^m=audio \d+/gm)).toEqual([
      'm=audio 0',
      'm=audio 30000',
    ]);
  });

  test('one that is refused changes nothing, not even the version', () => {
    const session = open();
    const { sdp, media } = session.answerOffer(phoneOffers.baresip);
    expect(() => session.answerOffer(phoneOffers.browser)).toThrow(/refused/);
    expect(() => session.answerOffer('garbage')).toThrow(/refused/);
    expect(session.media).toBe(media);
    expect(session.answerOffer(phoneOffers.baresip).sdp).toBe(sdp);
  });

  test('streams keep their places in our own offers, and payload types their meaning', () => {
    const session = open();
    session.answerOffer(withLine(phoneOffers.linphone, '99 telephone-event', '99 telephone-event'));
    const offer = session.makeOffer();
    expect(offer.match(/^m=.*$/gm)).toEqual(['m=audio 30000 RTP/AVP 96 9 0 8 99 101', 'm=video 0 RTP/AVP 96']);
    expect(offer).toContain('a=rtpmap:101 telephone-event/48000\r\n');
  });
});
