// sipp in the places where phones and switches differ: keys in packets and in INFO, codecs that nobody has, another codec within a
// call, calls that are forked on their way.

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createRtpPhone } from '../../../media/phones/testing/rtp-phone.ts';
import { eventually } from '../../support/eventually.ts';
import { dial, registeredPhone, type TestPhone, tones } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { listenAt, untilHeard } from '../../support/phones/recordings.ts';
import { startScriptedPhone } from '../../support/phones/scripted-phone.ts';
import { requireOrSkip } from '../../support/require.ts';
import { pause, receive, request, scenario } from '../../support/sip-scenario.ts';
import { type Sipp, startCaller } from '../../support/sip-sipp.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip') && requireOrSkip('sipp');

/** The recordings of keys are of one stream, in which they rise: a key before the last one would be an old packet that comes late. */
const pin = '123489';
const planOfGuests = `guests: true${planOfThree.replaceAll('483920', pin)}`;
const isIn = (server: PhoneServer, room: string) =>
  server.lines.some(({ message, fields }) => message === 'peer joined' && fields['room'] === room);
const recordOf = (server: PhoneServer) => server.lines.find(({ message }) => message === 'phone call ended')?.fields;

/** With these formats, on the port that sipp plays from. */
const invite = (formats = '8 101', maps = ['8 PCMA/8000', '101 telephone-event/8000']) =>
  request('INVITE', 1, false, { sdp: true, retransmitMs: 500 })
    .replace('m=audio 6000 RTP/AVP 0', `m=audio [media_port] RTP/AVP ${formats}`)
    .replace('a=rtpmap:0 PCMU/8000', maps.map((map) => `a=rtpmap:${map}`).join('\n'));
const begin = [invite(), receive(100, true), receive(200), request('ACK', 1, 'confirmed')];
const end = (cseq: number) => [request('BYE', cseq, 'confirmed', { retransmitMs: 500 }), receive(200)];

/** By RFC 4733, as it was recorded. */
const press = (key: string) => {
  const name = { '#': 'pound', '*': 'star' }[key] ?? key;
  return `<nop><action><exec play_pcap_audio="/usr/share/sip-tester/dtmf_2833_${name}.pcap"/></action></nop>${pause(700)}`;
};
const info = (cseq: number, type: string, body: string) =>
  request('INFO', cseq, 'confirmed', { fields: [`Content-Type: ${type}`], retransmitMs: 500 }).replace(
    '\n\n]]>',
    `\n${body}\n]]>`,
  ) + receive(200);

const call = async (server: PhoneServer, called: string, ...steps: readonly string[]): Promise<Sipp> => {
  const sipp = await startCaller(server.port, { scenario: scenario(...steps), args: ['-s', called] });
  onTestFinished(() => sipp[Symbol.asyncDispose]());
  return sipp;
};

describe.skipIf(!here)('sipp that is asked for a PIN', { timeout: 90_000 }, () => {
  const keys = [...`${pin}#`];
  test.each([
    ['packets of RFC 4733', keys.map(press), 2],
    [
      'INFO with application/dtmf-relay',
      keys.map((key, at) => info(2 + at, 'application/dtmf-relay', `Signal=${key}\nDuration=160`)),
      2 + keys.length,
    ],
    ['INFO with application/dtmf', keys.map((key, at) => info(2 + at, 'application/dtmf', key)), 2 + keys.length],
    [
      'both at once, each key told twice',
      keys.map((key, at) => info(2 + at, 'application/dtmf-relay', `Signal=${key}\nDuration=160`) + press(key)),
      2 + keys.length,
    ],
  ] as const)('enters it by %s', async (_how, presses, cseq) => {
    const server = await startPhoneServer(planOfGuests);
    const sipp = await call(server, '900', ...begin, pause(500), ...presses, pause(2_000), ...end(cseq));
    await eventually(() => isIn(server, 'board'), 'that it is in the room', 40_000);
    await sipp.done();
    await eventually(() => recordOf(server), 'the record');
    expect(recordOf(server)).toMatchObject({ room: 'board', codec: 'PCMA', why: 'it hung up' });
    expect(JSON.stringify(server.lines)).not.toContain(pin);
  });
});

describe.skipIf(!here)('sipp', { timeout: 90_000 }, () => {
  test('that has no codec of ours is told 488, in a room and before it is asked for a PIN', async () => {
    const server = await startPhoneServer(planOfGuests);
    for (const called of ['800', '900', '901']) {
      const steps = [invite('18', ['18 G729/8000']), receive(100, true), receive(488), request('ACK', 1, 'early')];
      await (await call(server, called, ...steps)).done();
    }
    expect(server.lines.some(({ message }) => message === 'peer joined')).toBe(false);
  });

  test('takes another codec within a call, refuses none of ours, and stays where it is after one that nobody has', async () => {
    const server = await startPhoneServer(planOfGuests);
    const again = (cseq: number, type: number, map: string, status: number) => [
      request('INVITE', cseq, 'confirmed', { sdp: true, retransmitMs: 500 })
        .replace('m=audio 6000 RTP/AVP 0', `m=audio [media_port] RTP/AVP ${type}`)
        .replace('a=rtpmap:0 PCMU/8000', `a=rtpmap:${type} ${map}`),
      receive(100, true),
      receive(status),
      request('ACK', cseq, 'confirmed'),
      pause(500),
    ];
    const steps = [
      ...begin,
      pause(500),
      ...again(2, 0, 'PCMU/8000', 200),
      ...again(3, 18, 'G729/8000', 488),
      ...again(4, 9, 'G722/8000', 200),
      ...again(5, 18, 'G729/8000', 488),
    ];
    const sipp = await call(server, '800', ...steps, ...end(6));
    await sipp.done();
    await eventually(() => recordOf(server), 'the record');
    expect(recordOf(server)).toMatchObject({ room: 'lobby', codec: 'G722', why: 'it hung up' });
  });
});

describe.skipIf(!here)('a phone that changes its codec in a room', { timeout: 60_000 }, () => {
  test('is heard on, and hears on', async () => {
    const server = await startPhoneServer(planOfThree);
    const ben: TestPhone = await registeredPhone(server, { user: 'ben' });
    await dial(ben, '800');
    const ann = await startScriptedPhone(tones.ann);
    const other = await createRtpPhone('PCMA');
    onTestFinished(() => other[Symbol.asyncDispose]());
    const call = await ann.dial(`sip:800@127.0.0.1:${server.port}`, 'ann');
    await untilHeard((ms) => ann.listen(ms), 'ben');
    // From another port as well, as when a call goes on at another device behind the same exchange.
    ann.rtp.say(undefined);
    other.connect(await call.modify(other.describe()));
    other.say(tones.ann);
    const atOther = async (ms: number) => {
      other.heard();
      await delay(ms);
      return { sampleRate: 8_000, pcm: other.heard() };
    };
    // Nothing of what it said by the codec before is under way any more.
    await ann.listen(1_000);
    await Promise.all([untilHeard(atOther, 'ben'), untilHeard((ms) => listenAt(ben, ms), 'ann')]);
    await call.bye();
    await ben.command('hangup');
    await ben.heard('CALL_CLOSED');
  });
});
