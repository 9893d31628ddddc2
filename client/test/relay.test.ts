import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { openStunChannel } from '../../server/doctor/stun/stun-channel.ts';
import { allocate, type TurnProblem } from '../../server/doctor/stun/turn-client.ts';
import { createTurnCredentials } from '../../server/turn/turn-credentials.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startTurnServer, type TurnServer } from '../../test/support/turn-server.ts';
import { grows, remoteTrack, startRealRoom } from './real-room.ts';
import { createToneTrack } from './tracks.ts';

const secret = 'what-both-know-and-nobody-else';
const canRun = requireOrSkip('coturn') && requireOrSkip('mediasoup');

/** A credential as clients get it. `inSeconds`: when it ends, from now. */
function credentialOf({ inSeconds = 600, by = secret } = {}) {
  const clock = new FakeClock();
  clock.advance(Date.now() - clock.nowMs() + (inSeconds - 60) * 1000);
  const issue = createTurnCredentials({ urls: ['turn:x'], secret: by, ttlSeconds: 60, alwaysRelay: false, clock });
  const [server] = issue('ada').iceServers;
  if (!server) throw new Error('there is no server');
  return server;
}

async function allocateAt(relay: TurnServer, credential: { username: string; credential: string }) {
  const channel = await openStunChannel({ transport: 'udp', host: '127.0.0.1', port: relay.port }, 3_000);
  try {
    return Object.assign(await allocate(channel, credential), channel);
  } catch (error) {
    channel[Symbol.dispose]();
    throw error;
  }
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 0,
    (error: TurnProblem) => error.code,
  );

describe.skipIf(!canRun)('through a relay', () => {
  it.each(['udp', 'tcp'] as const)('a call goes on, over %s to the relay', { timeout: 60_000 }, async (transport) => {
    await using relay = await startTurnServer({ secret });
    const urls = [transport === 'udp' ? relay.url : relay.tcpUrl];
    await using real = await startRealRoom({ turn: { urls, secret, alwaysRelay: true } });
    const ada = await real.join({ identity: 'ada@example.org' });
    const bob = await real.join({ identity: 'bob' });
    using tone = createToneTrack();
    await ada.room.publish(tone.track, { source: 'microphone' });
    await grows(await remoteTrack(bob.room, 'microphone'), 'totalAudioEnergy');
    expect(relay.log).toMatch(/ALLOCATE processed, success/);
    // The relay's log names nobody.
    expect(relay.log).not.toContain('ada@');
  });

  it('a credential works until its time is up, and only with the secret of both', async () => {
    await using relay = await startTurnServer({ secret });
    using allocation = await allocateAt(relay, credentialOf());
    expect(allocation.relayed.address).toBe('127.0.0.1');
    await allocation.release();
    expect(await codeOf(allocateAt(relay, credentialOf({ inSeconds: -5 })))).toBe(401);
    expect(await codeOf(allocateAt(relay, credentialOf({ by: 'another secret' })))).toBe(401);
    const { username } = credentialOf();
    const later = username.replace(/^\d+/, (seconds) => String(Number(seconds) + 86_400));
    const credential = createHmac('sha1', secret).update(username).digest('base64');
    expect(await codeOf(allocateAt(relay, { username: later, credential }))).toBe(401);
  });

  it('private addresses are not reached, apart from the one that is allowed', async () => {
    await using relay = await startTurnServer({
      secret,
      options: ['denied-peer-ip=10.0.0.0-10.255.255.255', 'allowed-peer-ip=10.1.2.3'],
    });
    using allocation = await allocateAt(relay, credentialOf());
    expect(await codeOf(allocation.permit({ address: '10.0.0.1', port: 22 }))).toBe(403);
    expect(await codeOf(allocation.permit({ address: '10.1.2.3', port: 40_000 }))).toBe(0);
    await allocation.release();
  });
});
