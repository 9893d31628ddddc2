// How a trunk is to be heard: what its part of the dial plan says reaches the legs of its calls.

import { expect, test } from 'vitest';
import { createEncoder } from '../../../media/mixer/codecs/create-codec.ts';
import { eventually } from '../../support/eventually.ts';
import { signIn } from '../../support/phones/person.ts';
import { tones } from '../../support/phones/phone.ts';
import { startPhoneServer } from '../../support/phones/phone-server.ts';
import { type ScriptedPhone, startScriptedPhone } from '../../support/phones/scripted-phone.ts';
import { requireOrSkip } from '../../support/require.ts';

const plan = `
realm: phones.test
trunks:
  - { name: old, inbound: { login: old, password: secret }, media: { inBandDtmf: true, codecs: [PCMU] } }
  - { name: plain, inbound: { login: plain, password: secret } }
rules:
  - { name: room, when: { called: '800' }, room: lobby }
`;

const rate = 8_000;
const frameMs = 20;

/** The key 5 as a tone in the voice, as old exchanges send it. */
async function pressInVoice({ rtp }: ScriptedPhone, ms: number): Promise<void> {
  rtp.say(undefined);
  const encoder = createEncoder('PCMU', { sampleRate: rate });
  const wave = (at: number, hz: number) => 6_000 * Math.sin((2 * Math.PI * hz * at) / rate);
  const samples = (rate * frameMs) / 1_000;
  for (let frame = 0; frame < ms / frameMs; frame += 1) {
    const from = frame * samples;
    rtp.speak(
      encoder.encode(Int16Array.from({ length: samples }, (_, at) => wave(from + at, 770) + wave(from + at, 1_336))),
    );
    await new Promise((resolve) => setTimeout(resolve, frameMs));
  }
  encoder.close();
  rtp.say(tones.ann);
}

test.skipIf(!requireOrSkip('mediasoup'))(
  'keys in the voice are keys where the trunk says so, and nowhere else',
  async () => {
    const server = await startPhoneServer(plan);
    const mia = await signIn(server, 'mia');
    await mia.call('room.join', { room: 'lobby' });
    const [old, plain] = await Promise.all([startScriptedPhone(tones.ann), startScriptedPhone(tones.ben)]);
    const lobby = `sip:800@127.0.0.1:${server.port}`;
    const calls = [await old.dial(lobby, 'old'), await plain.dial(lobby, 'plain')] as const;
    await Promise.all([pressInVoice(plain, 300), pressInVoice(old, 300)]);
    await eventually(() => mia.told('phoneDigit').length > 0, 'the key');
    // By packets both can press keys.
    plain.rtp.press(7);
    await eventually(() => mia.told('phoneDigit').length > 1, 'the other key');
    const joined = mia
      .told<{ peers: { peerId: string; identity: string }[] }>('peersJoined')
      .flatMap(({ peers }) => peers);
    const keys = mia
      .told<{ peerId: string; digit: string }>('phoneDigit')
      .map(({ peerId, digit }) => `${joined.find((peer) => peer.peerId === peerId)?.identity} ${digit}`);
    expect(keys).toEqual(['phone:old 5', 'phone:plain 7']);
    expect(calls[0].remoteSdp).toMatch(/^m=audio \d+ RTP\/AVP 0 101\r$/m);
    for (const call of calls) await call.bye();
  },
);
