import { beforeEach, describe, expect, test } from 'vitest';
import { createPeerId } from '../../core/ids.ts';
import { camera, receiveTransport, sendTransport } from '../../test/support/room-media-calls.ts';
import { opusOnly } from '../../test/support/rtp-parameters.ts';
import { createDynacast } from '../layers/dynacast.ts';
import { createLayerPolicy } from '../layers/layer-policy.ts';
import { createMemoryNodes, type MemoryNode, type MemoryNodes } from './testing/memory-nodes.ts';

const small = { width: 320, height: 180, hidden: false };
const large = { width: 1280, height: 720, hidden: false };
const hidden = { width: 0, height: 0, hidden: true };
const [ada, ben, cleo, eve] = [createPeerId(), createPeerId(), createPeerId(), createPeerId()];

describe('a picture that is shown on several nodes', () => {
  let all: MemoryNodes;
  let [home, away, third]: [MemoryNode, MemoryNode, MemoryNode] = [] as never;
  let producerId: string;
  /** What Ada was told to send. */
  let told: number[];

  beforeEach(async () => {
    const policies = () => [createLayerPolicy(), createDynacast()];
    all = createMemoryNodes(['home', 'away', 'third'], { options: { dynacast: true }, policies });
    [home, away, third] = all.nodes as [MemoryNode, MemoryNode, MemoryNode];
    told = [];
    for (const { room } of all.nodes) room.events.on('layerWanted', ({ spatialLayer }) => told.push(spatialLayer));
    all.admit(home, ada);
    const request = camera(await sendTransport(home.room, ada), 3);
    const rtpParameters = { ...request.rtpParameters, headerExtensions: [] };
    ({ producerId } = await home.room.produce(ada, { ...request, rtpParameters }));
  });

  const watch = async ({ room }: MemoryNode, peerId = ben) => {
    const transportId = await receiveTransport(room, peerId, {
      ...opusOnly,
      codecs: [{ ...opusOnly.codecs[0]!, kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 }],
    });
    const { consumerId } = await room.consume(peerId, { transportId, producerId });
    await room.resumeConsumer(peerId, consumerId);
    return consumerId;
  };
  /** What happened to the way to another node since the last look. */
  const takeHeld = () =>
    home.engine.nodePipes.filter((what) => /^(hold|flow)/.test(what)).map((what) => what.slice(0, 4));

  test('is sent in the highest layer that any of them shows, and its sender is told once', async () => {
    const [bens, cleos] = [await watch(away, ben), await watch(third, cleo)];
    away.room.setConsumerView(ben, bens, small);
    third.room.setConsumerView(cleo, cleos, { ...large, height: 360 });
    await all.settle(12_000);
    expect(told).toEqual([1]);
    third.room.setConsumerView(cleo, cleos, large);
    await all.settle(20);
    expect(told).toEqual([1, 2]);
    third.room.closeConsumer(cleo, cleos);
    await all.settle(12_000);
    expect(told).toEqual([1, 2, 0]);
    expect(home.room.wantedLayerOf(producerId)).toBe(0);
  });

  test('does not flow to a node on which nobody shows it, and does at once when somebody does', async () => {
    const [bens, cleos] = [await watch(away, ben), await watch(away, cleo)];
    away.room.setConsumerView(ben, bens, hidden);
    await all.settle(2_000);
    expect(takeHeld()).toEqual([]);
    await away.room.pauseConsumer(cleo, cleos);
    await all.settle(2_000);
    expect(takeHeld()).toEqual(['hold']);
    await all.settle(12_000);
    expect(told).toEqual([-1]);
    away.room.setConsumerView(ben, bens, large);
    await all.settle();
    expect(takeHeld()).toEqual(['hold', 'flow']);
    expect(told).toEqual([-1, 2]);
  });

  test('costs no pause when it is hidden and shown again within a moment', async () => {
    const bens = await watch(away);
    const before = all.network.frames.length;
    for (let times = 0; times < 5; times += 1) {
      away.room.setConsumerView(ben, bens, hidden);
      await all.settle(500);
      away.room.setConsumerView(ben, bens, large);
    }
    await all.settle(2_000);
    expect(takeHeld()).toEqual([]);
    expect(all.network.frames.slice(before)).toEqual([]);
  });

  test('goes to one node though another one hides it, and to nobody once the last has let go of it', async () => {
    const [bens, cleos] = [await watch(away, ben), await watch(third, cleo)];
    away.room.setConsumerView(ben, bens, hidden);
    await all.settle(12_000);
    expect(takeHeld()).toEqual(['hold']);
    expect(told).toEqual([]);
    third.room.closeConsumer(cleo, cleos);
    away.room.closeConsumer(ben, bens);
    await all.settle(20_000);
    expect(told).toEqual([-1]);
    expect(all.nodes.map(({ media }) => media.placementStats().nodePipes)).toEqual([0, 0, 0]);
  });

  test('is sent whole while it is recorded on another node', async () => {
    const bens = await watch(away);
    away.room.setConsumerView(ben, bens, small);
    await all.settle(12_000);
    const tap = away.room.openTap({ ip: '127.0.0.1', port: 1 });
    const track = await tap.add(producerId);
    await all.settle();
    track.close();
    tap.close();
    await all.settle(6_000);
    expect(told).toEqual([0, 2, 0]);
  });

  test('is shown as before once the link that was lost is back', async () => {
    const bens = await watch(away);
    await all.settle(6_000);
    all.network.cut('home');
    away.room.setConsumerView(ben, bens, small);
    await all.settle(6_000);
    expect(told).toEqual([]);
    all.network.mend('home');
    await all.settle(6_000);
    expect(told).toEqual([0]);
  });

  test('is not shown any more by a node that died', async () => {
    await watch(away);
    const cleos = await watch(home, cleo);
    home.room.setConsumerView(cleo, cleos, small);
    await all.settle(12_000);
    expect(told).toEqual([]);
    all.network.die('away');
    await all.settle(6_000);
    expect(told).toEqual([0]);
  });

  test('is not held back by what a stranger says, or by a layer that it does not have', async () => {
    await watch(away);
    await all.settle();
    const say = (node: string, spatialLayer: number, room = 'standup', of = producerId) =>
      all.network.say(node, 'home', { room, layerWanted: { producerId: of, spatialLayer } });
    say('third', -1);
    say('stranger', -1);
    say('away', -1, 'nowhere');
    say('away', -1, 'standup', 'nothing');
    say('away', 7);
    await all.settle(12_000);
    expect([takeHeld(), told]).toEqual([[], []]);
  });

  test('leaves nothing of a pause behind when it is brought anew', async () => {
    const bens = await watch(away, ben);
    away.room.setConsumerView(ben, bens, hidden);
    await all.settle(2_000);
    away.engine.killWorker(0);
    await all.settle();
    await watch(away, eve);
    await all.settle(12_000);
    expect(takeHeld()).toEqual(['hold']);
    expect(told).toEqual([]);
  });
});
