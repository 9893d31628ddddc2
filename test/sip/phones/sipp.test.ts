// sipp as a trunk: recorded voice and keys in packets, as a switch sends them.

import { describe, expect, onTestFinished, test } from 'vitest';
import { createDecoder } from '../../../media/mixer/codecs/create-codec.ts';
import { eventually } from '../../support/eventually.ts';
import { signIn } from '../../support/phones/person.ts';
import { hangUp } from '../../support/phones/phone.ts';
import { startPhoneServer } from '../../support/phones/phone-server.ts';
import { heardBy } from '../../support/phones/recordings.ts';
import { isSaid, likeness, payloadsOf } from '../../support/phones/sound-search.ts';
import { requireOrSkip } from '../../support/require.ts';
import { startBaresip } from '../../support/sip-baresip.ts';
import { pause, receive, request, scenario } from '../../support/sip-scenario.ts';
import { startCaller } from '../../support/sip-sipp.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('sipp') && requireOrSkip('baresip');

const plan = `
realm: phones.test
guests: true
rules:
  - { name: room, when: { called: '800' }, room: lobby }
  - { name: full, when: { called: '801' }, reject: 480, reason: Later }
`;

const pcapOf = (name: string) => `/usr/share/sip-tester/${name}.pcap`;
const play = (name: string) => `<nop><action><exec play_pcap_audio="${pcapOf(name)}"/></action></nop>`;

/** With telephone-event, on the port that sipp plays from. */
const invite = request('INVITE', 1, false, { sdp: true, retransmitMs: 500 })
  .replace('m=audio 6000 RTP/AVP 0', 'm=audio [media_port] RTP/AVP 8 101')
  .replace('a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15');

describe.skipIf(!here)('sipp', { timeout: 90_000 }, () => {
  test('is heard in a room, by its recorded voice, and so are its keys', async () => {
    const server = await startPhoneServer(plan);
    const mia = await signIn(server, 'mia');
    await mia.call('room.join', { room: 'lobby' });
    const listener = await startBaresip({ to: server.port, registers: false, records: true });
    onTestFinished(() => listener[Symbol.asyncDispose]());
    await listener.command('dial', `sip:800@127.0.0.1:${server.port}`);
    await listener.heard('CALL_ESTABLISHED');
    const caller = scenario(
      invite,
      receive(100, true),
      receive(200),
      request('ACK', 1, 'confirmed'),
      // Its welcome is over then, and that of the listener.
      pause(2_500),
      play('g711a'),
      pause(4_000),
      ...['dtmf_2833_1', 'dtmf_2833_9', 'dtmf_2833_pound'].flatMap((name) => [play(name), pause(1_000)]),
      request('BYE', 2, 'confirmed', { retransmitMs: 500 }),
      receive(200),
    );
    await using sipp = await startCaller(server.port, { scenario: caller, args: ['-s', '800'] });
    await eventually(() => mia.told('speakersChanged').length > 0, 'that it is heard', 20_000);
    await sipp.done();
    expect(mia.told<{ digit: string }>('phoneDigit').map(({ digit }) => digit)).toEqual(['1', '9', '#']);
    await eventually(() => mia.told('peersLeft').length > 0, 'that it left');
    await hangUp(listener);
    const [heard] = await heardBy(listener);
    const decoder = createDecoder('PCMA', 8_000);
    const voice = { sampleRate: 8_000, pcm: decoder.decode(payloadsOf(pcapOf('g711a')).subarray(0, 3 * 8_000)) };
    decoder.close();
    expect(likeness(heard!, voice)).toBeGreaterThan(isSaid);
  });

  test('in many short calls leaves nothing behind', async () => {
    const server = await startPhoneServer(plan, { sip: { trusted: ['127.0.0.1'] } });
    const caller = scenario(
      invite,
      receive(100, true),
      receive(200),
      request('ACK', 1, 'confirmed'),
      pause(500),
      request('BYE', 2, 'confirmed', { retransmitMs: 500 }),
      receive(200),
    );
    await using sipp = await startCaller(server.port, { scenario: caller, args: ['-s', '800'], calls: 40, rate: 8 });
    await sipp.done();
    const ended = () => server.lines.filter(({ message }) => message === 'phone call ended').length;
    await eventually(() => ended() === 40, 'all records');
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/^parley_sip_calls 0$/m);
  });
});
