// What somebody at the SDK hears of a number before it is answered, and that it is heard there.

import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../../test/support/eventually.ts';
import { tones } from '../../test/support/phones/phone.ts';
import { startPhoneServer } from '../../test/support/phones/phone-server.ts';
import { startScriptedPhone } from '../../test/support/phones/scripted-phone.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { createClient } from '../src/index.ts';
import { hear } from './heard-sound.ts';
import { remoteTrack } from './real-room.ts';
import { createToneTrack } from './tracks.ts';
import { createWrtcDevice } from './wrtc-device.ts';

const planTo = (port: number) => `
realm: phones.test
users:
  - { identity: ann, password: secret, numbers: ['100'] }
trunks:
  - name: provider
    outbound: { targets: ['sip:127.0.0.1:${port}'], probeSeconds: 0 }
rules:
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}', trunks: [provider] }
`;

/** Ann dials by the SDK; the provider answers 183 with a tone. */
async function dial() {
  const provider = await startScriptedPhone(tones.ben, (call, rtp) => {
    rtp.connect(call.sdp);
    void call.progress(183, { sdp: rtp.describe(), reliable: true });
  });
  const server = await startPhoneServer(planTo(provider.port));
  const client = createClient({
    url: server.wsUrl,
    token: () => server.issueToken({ identity: 'ann', can: ['join', 'publish', 'subscribe', 'call', 'call:number'] }),
    webSocket: WebSocket,
    device: createWrtcDevice,
  });
  onTestFinished(() => client.close());
  await client.connect();
  const tone = createToneTrack();
  onTestFinished(() => tone[Symbol.dispose]());
  const call = await client.calls.start({ to: { number: '+4930123456' }, microphone: tone.track });
  const room = call.room ?? expect.fail('no room');
  const remote = await remoteTrack(room, 'microphone');
  const sound = hear(room, remote);
  onTestFinished(() => sound[Symbol.dispose]());
  await eventually(() => sound.buffers > 50, 'half a second of the announcement', 10_000);
  return { provider, server, call, room, remote, sound };
}

const loudest = (pcm: Int16Array) => pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

describe.skipIf(!requireOrSkip('mediasoup'))('a number that sends sound before the answer', { timeout: 60_000 }, () => {
  test('is heard, hears who called, and goes on without a gap when it is answered', async () => {
    const { provider, call, room, remote, sound } = await dial();
    expect(call.state).toBe('ringing');
    const [peer] = [...room.peers.values()];
    expect([peer?.kind, peer?.phone?.ringing]).toEqual(['phone', true]);
    await eventually(async () => loudest((await provider.listen(300)).pcm) > 2_000, 'that it hears her', 10_000);
    sound.restart();
    const accepted = await provider.incoming[0]?.accept({ sdp: provider.rtp.describe() });
    await eventually(() => call.state === 'accepted', 'the answer');
    await eventually(() => room.peers.get(remote.peerId)?.phone?.ringing === false, 'that it rings no more');
    const before = sound.buffers;
    await eventually(() => sound.buffers > before + 50, 'its voice', 10_000);
    expect(sound.longestGapMs).toBeLessThan(1_000);
    expect(call.otherLegs[0]?.answeredAtMs).toBeGreaterThan(call.info.startedAtMs);
    expect(room.peers.size).toBe(1);
    await accepted?.bye();
    await eventually(() => call.endReason, 'the end');
  });

  test('and then refuses is told as what it is, and was not answered', async () => {
    const { provider, call } = await dial();
    await provider.incoming[0]?.reject(486);
    await eventually(() => call.endReason, 'the end');
    const [leg] = call.otherLegs;
    expect([leg?.endReason, leg?.answeredAtMs]).toEqual(['busy', undefined]);
  });
});
