// Calls between people who are on different servers of one cluster, with real workers and real WebRTC.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Client, createClient, type Room } from '../../client/src/index.ts';
import { grows, remoteTrack } from '../../client/test/real-room.ts';
import { createPictureTrack, createToneTrack } from '../../client/test/tracks.ts';
import { createWrtcDevice } from '../../client/test/wrtc-device.ts';
import { loadDevSecret } from '../../server/identity/dev-secret.ts';
import { createTokenIssuer } from '../../server/identity/token-issuer.ts';
import { startCluster, type TestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';

interface Caller extends AsyncDisposable {
  readonly client: Client;
  readonly room: Room;
}

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))('a call on two nodes', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2, as: 'processes' });
  }, 120_000);

  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  /** Good on every node. */
  function tokenOf(identity: string): string {
    const issuer = createTokenIssuer({ ...loadDevSecret(cluster.node(0).dataDir), issuer: '', audience: '' });
    const grants = [
      { room: '*', can: ['join', 'publish:audio', 'publish:video', 'publish:data', 'subscribe', 'chat', 'history'] },
    ] as const;
    return issuer.issue({ identity, name: identity, metadata: '', grants, ttlSeconds: 3_600 });
  }

  async function join(place: number, identity: string, name: string, { autoSubscribe = true } = {}): Promise<Caller> {
    const client = createClient({
      urls: cluster.urlsFrom(place),
      autoSubscribe,
      token: () => tokenOf(identity),
      webSocket: WebSocket,
      device: createWrtcDevice,
      timing: { reconnectBaseMs: 50, reconnectCapMs: 500, retryBaseMs: 50, retryCapMs: 500 },
    });
    await client.connect();
    const room = await client.join(name);
    return { client, room, [Symbol.asyncDispose]: () => client.close() };
  }

  test('is heard and seen both ways, also by who comes later, until a track ends', async () => {
    await using ada = await join(0, 'ada', 'call');
    await using bob = await join(1, 'bob', 'call');
    using tone = createToneTrack();
    using pictures = createPictureTrack();
    using answer = createToneTrack({ frequencyHz: 880 });
    await ada.room.publish(tone.track, { source: 'microphone' });
    const camera = await ada.room.publish(pictures.track, { source: 'camera' });
    await bob.room.publish(answer.track, { source: 'microphone' });
    await grows(await remoteTrack(bob.room, 'microphone'), 'totalAudioEnergy');
    await grows(await remoteTrack(bob.room, 'camera'), 'framesDecoded');
    await grows(await remoteTrack(ada.room, 'microphone'), 'totalAudioEnergy');
    await using eve = await join(1, 'eve', 'call');
    await grows(await remoteTrack(eve.room, 'camera'), 'framesDecoded');
    await camera.close();
    const seen = () => [...bob.room.remoteTracks.values()].filter(({ source }) => source === 'camera');
    await eventually(() => seen().length === 0, 'the picture ends at Bob’s', 30_000);
  });

  test('names the same speakers on both nodes, received there or not, and brings data messages in order', async () => {
    await using ada = await join(0, 'ada', 'speaking', { autoSubscribe: false });
    await using bob = await join(1, 'bob', 'speaking', { autoSubscribe: false });
    using tone = createToneTrack();
    await bob.room.publish(tone.track, { source: 'microphone' });
    const speaks = [bob.room.peerId];
    await eventually(() => ada.room.speakers.join() === speaks.join(), 'Ada is told that Bob speaks', 30_000);
    await eventually(() => bob.room.speakers.join() === speaks.join(), 'so is Bob', 30_000);
    const heard: string[] = [];
    bob.room.data.on('message', ({ payload }) => heard.push(new TextDecoder().decode(payload)));
    const say = (text: string) => ada.room.data.send(new TextEncoder().encode(text), { reliable: true });
    // Nothing is kept for who is not there yet.
    await eventually(() => say('now') && heard.length > 0, 'Bob hears something', 30_000);
    const said = Array.from({ length: 20 }, (_, at) => `${at}`);
    for (const text of said) await eventually(() => say(text), 'it is taken', 30_000);
    await eventually(() => heard.at(-1) === '19', 'Bob hears all of it', 30_000);
    expect(heard.filter((text) => text !== 'now')).toEqual(said);
  });

  test('goes on when the node of one of them is killed', async () => {
    await using bob = await join(0, 'bob', 'killed');
    await using ada = await join(1, 'ada', 'killed');
    using tone = createToneTrack();
    using answer = createToneTrack({ frequencyHz: 880 });
    await ada.room.publish(tone.track, { source: 'microphone' });
    await bob.room.publish(answer.track, { source: 'microphone' });
    const before = await remoteTrack(bob.room, 'microphone');
    await grows(before, 'totalAudioEnergy');
    await grows(await remoteTrack(ada.room, 'microphone'), 'totalAudioEnergy');
    const { peerId } = ada.room;
    await cluster.node(1).kill();
    await eventually(() => !bob.room.remoteTracks.has(before.producerId), 'the dead track ends', 30_000);
    await grows(await remoteTrack(bob.room, 'microphone', before), 'totalAudioEnergy');
    await grows(await remoteTrack(ada.room, 'microphone'), 'totalAudioEnergy');
    expect(ada.room.peerId).toBe(peerId);
  });
});
