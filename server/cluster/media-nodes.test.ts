import { describe, expect, test } from 'vitest';
import { opusRtpParameters } from '../../bench/media/opus-stream.ts';
import { createKeySeal } from '../../cluster/rpc/key-seal.ts';
import { createTestCluster, startTestNode, type TestNode, testSecret } from '../../cluster/rpc/testing/test-nodes.ts';
import { AppError } from '../../core/errors.ts';
import { silentLogger } from '../../core/log.ts';
import type { NodePipeEnd } from '../../media/engine.ts';
import type { NodeTracks } from '../../media/nodes/node-tracks.ts';
import { eventually } from '../../test/support/eventually.ts';
import { startTcpRelay } from '../../test/support/tcp-relay.ts';
import { createConfig } from '../config.ts';
import { createMediaNodes } from './media-nodes.ts';

const config = createConfig({ dev: true });
const room = 'standup';
const keyOf = (byte: number) => Buffer.alloc(44, byte).toString('base64');
const endOf = (port: number): NodePipeEnd => ({
  ip: '127.0.0.1',
  port,
  cryptoSuite: 'AEAD_AES_256_GCM',
  keyBase64: keyOf(port % 256),
});

/** Answers as a node with one track does, and keeps what it was asked. */
function createHome() {
  const asked: unknown[] = [];
  const tracks: NodeTracks = {
    async openPipe(node, request) {
      asked.push(['openPipe', node, request]);
      return endOf(40_002);
    },
    async openTrack(node, request) {
      asked.push(['openTrack', node, request]);
      if (request.producerId !== 'voice') throw new AppError('PRODUCER_NOT_FOUND', { producerId: request.producerId });
      return { kind: 'audio', rtpParameters: opusRtpParameters(7), paused: true };
    },
    async closeTrack(node, request) {
      asked.push(['closeTrack', node, request]);
    },
    async closePipe(node, request) {
      asked.push(['closePipe', node, request]);
    },
  };
  return { tracks, asked };
}

function openMedia({ calls, nodes }: TestNode, secret = testSecret) {
  return createMediaNodes(config, { calls, nodes, secret, log: silentLogger });
}

async function startTwo(secretOfAway?: string) {
  const cluster = createTestCluster();
  const [home, away] = [await startTestNode(cluster, 'home'), await startTestNode(cluster, 'away')];
  const relay = await startTcpRelay(`http://127.0.0.1:${home.calls.port}`);
  await home.join(new URL(relay.url).host);
  await away.join();
  await eventually(() => home.nodes.others.size === 1 && away.nodes.others.size === 1, 'they know each other');
  const served = createHome();
  const ofHome = openMedia(home);
  ofHome.serve(served.tracks);
  const ofAway = openMedia(away, secretOfAway);
  const dispose = async () => {
    await away.close();
    await home.close();
    await relay[Symbol.asyncDispose]();
  };
  return { relay, cluster, home, away, ofHome, ofAway, asked: served.asked, [Symbol.asyncDispose]: dispose };
}

describe('the media of another node', () => {
  test('opens pipes and tracks, and closes them, with the keys that the other side made', async () => {
    await using nodes = await startTwo();
    const { home, away, ofAway, asked } = nodes;
    const pipe = { room, pipeId: 'p1' };
    expect(await ofAway.tracks.openPipe(home.life, { ...pipe, end: endOf(40_001) })).toEqual(endOf(40_002));
    const track = { ...pipe, producerId: 'voice' };
    const opened = await ofAway.tracks.openTrack(home.life, track);
    expect(opened).toMatchObject({ kind: 'audio', paused: true, rtpParameters: { encodings: [{ ssrc: 7 }] } });
    await ofAway.tracks.closeTrack(home.life, track);
    await ofAway.tracks.closePipe(home.life, pipe);
    expect(asked).toEqual([
      ['openPipe', away.life, { ...pipe, end: endOf(40_001) }],
      ['openTrack', away.life, track],
      ['closeTrack', away.life, track],
      ['closePipe', away.life, pipe],
    ]);
  });

  test('says why it cannot', async () => {
    await using nodes = await startTwo();
    const { home, ofAway } = nodes;
    const track = ofAway.tracks.openTrack(home.life, { room, pipeId: 'p1', producerId: 'none' });
    await expect(track).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND', details: { producerId: 'none' } });
    const nobody = ofAway.tracks.closePipe('nobody~000000000000', { room, pipeId: 'p1' });
    await expect(nobody).rejects.toMatchObject({ reason: 'NODE_UNREACHABLE' });
  });

  test('gets no key that was sealed under another secret, or for another pipe', async () => {
    await using nodes = await startTwo('another secret of thirty-two bytes');
    const { home, away, ofAway, asked } = nodes;
    const opening = ofAway.tracks.openPipe(home.life, { room, pipeId: 'p1', end: endOf(40_001) });
    await expect(opening).rejects.toMatchObject({ reason: 'NODE_TOKEN_REFUSED' });
    // Heard, and said again by somebody who may call.
    const sealedKey = createKeySeal(testSecret).seal(Buffer.alloc(44), JSON.stringify([away.life, room, 'p1']));
    const offer = { ip: '127.0.0.1', port: 40_001, cryptoSuite: 'AEAD_AES_256_GCM', sealedKey };
    const again = away.calls.call(home.life, 'openPipe', { room, pipeId: 'p2', offer });
    await expect(again).rejects.toMatchObject({ reason: 'NODE_TOKEN_REFUSED' });
    expect(asked).toEqual([]);
  });

  test('is watched from when it is known, however many were asked for that never come', async () => {
    const cluster = createTestCluster();
    await using away = await startTestNode(cluster, 'away');
    await using home = await startTestNode(cluster, 'home');
    await away.join();
    const media = openMedia(away);
    for (let gone = 0; gone < 1_000; gone++) media.watch(`gone-${gone}~000000000000`);
    media.watch(home.life);
    await home.join();
    await eventually(() => media.isUp(home.life), 'the way there is up');
  });

  test('is told of when it is back after its link was lost, and when its life has ended', async () => {
    await using nodes = await startTwo();
    const { cluster, home, ofAway, relay, away } = nodes;
    const told: unknown[] = [];
    ofAway.events.on('back', ({ node }) => told.push(['back', node]));
    ofAway.events.on('died', ({ node }) => told.push(['died', node]));
    const { life } = home;
    const ups: string[] = [];
    ofAway.events.on('up', ({ node }) => ups.push(node));
    ofAway.watch(life);
    ofAway.watch(life);
    const link = away.calls.link(life);
    await eventually(() => link.state === 'up', 'the link is up');
    expect([told, ups]).toEqual([[], [life]]);
    const heard: unknown[] = [];
    nodes.ofHome.events.on('frame', (frame) => heard.push(frame));
    const frame = { room, layerWanted: { producerId: 'voice', spatialLayer: -1 } };
    expect(ofAway.send(life, frame, 'reliable')).toBe(true);
    expect(ofAway.send('nobody~000000000000', frame, 'reliable')).toBe(false);
    await eventually(() => heard.length > 0, 'the frame is there');
    expect(heard).toEqual([{ node: away.life, frame }]);
    relay.cut();
    await eventually(() => link.state === 'down', 'the link is down');
    relay.mend();
    await eventually(() => told.length > 0, 'it is told that the node is back');
    expect(ups).toEqual([life, life]);
    cluster.kill('home');
    cluster.forget(life);
    await eventually(() => told.length > 1, 'it is told that the life has ended');
    expect(told).toEqual([
      ['back', life],
      ['died', life],
    ]);
  });
});
