// What is no frame, or is not for these nodes, or comes from one that is dead, comes over the bus: it is dropped and counted, and
// nobody notices.

import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FrameWriter } from '../../cluster/redis/frame-order.ts';
import { nodesKey, roomChannel } from '../../cluster/redis/tags.ts';
import type { BusFrame } from '../../proto/gen/node-types.ts';
import { encodeNodeMessage } from '../../proto/node-messages.ts';
import { clusterNameOf } from '../../server/cluster/engines.ts';
import { eventually } from '../support/eventually.ts';
import { publishRaw } from '../support/publish-raw.ts';
import { readMetrics } from '../support/read-metrics.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { requireOrSkip } from '../support/require.ts';
import { startServer } from '../support/start-server.ts';
import { People, type Present, type Someone, seenBy } from './scenarios/people.ts';
import { soon } from './scenarios/scenario.ts';
import { type Servers, startServers } from './scenarios/servers.ts';

const prefix = 'parley';
const room = 'standup';
const timeout = 60_000;
const channels = [roomChannel(prefix, room), nodesKey(prefix, 'ch')];

const ask = { room, lives: [] };
/** As a node of these would write it, but for what is changed. */
const frame = (changed: Partial<BusFrame>): Buffer =>
  Buffer.from(
    encodeNodeMessage('BusFrame', { version: 1, cluster: clusterNameOf(prefix), from: 'evil~1', ...changed }),
  );
/** Each of another sender: none is taken for one that comes late. */
const onBus = (bytes: Uint8Array): Buffer => new FrameWriter().write(bytes);

/** A part that claims that the peer is of this life now. */
function claimOf({ room: { peerId } }: Present, identity: string, changed: Partial<BusFrame>): Buffer {
  const peer = { peerId, identity, name: 'Mallory', metadata: '', kind: 'client', joinedAtMs: 1, away: false };
  const entry = { peer: { ...peer, producers: [] }, generation: 99, sessionHash: '', shapes: [] };
  const part = { room, version: 1_000_000, index: 0, last: true, peers: [entry], gone: false };
  return frame({ ...changed, part: part as BusFrame['part'] });
}

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))('on the bus', () => {
  let redis: RedisServer;
  let servers: Servers;
  let people: People;
  let ada: Someone & Present;
  let bob: Someone & Present;
  let marks = 0;

  beforeAll(async () => {
    redis = await startRedis();
    servers = await startServers({ nodes: 2, redis });
  }, 120_000);

  beforeEach(async () => {
    people = new People(servers);
    ada = await people.enter('ada', room, { place: 0 });
    bob = await people.enter('bob', room, { place: 1 });
    await soon(() => seenBy(ada).join() === 'bob' && seenBy(bob).join() === 'ada', 'they see each other');
    return () => people[Symbol.asyncDispose]();
  });

  afterAll(async () => {
    await servers?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });

  async function dropped(place: number, why: string): Promise<number> {
    const text = await readMetrics(servers.node(place).url);
    return Number(new RegExp(`^parley_cluster_bus_dropped_total{why="${why}"} (\\d+)`, 'm').exec(text)?.[1]);
  }

  const livesThere = async (): Promise<string[]> =>
    (await redis.send(`ZRANGE ${nodesKey(prefix, 'nodes')} 0 -1`)).match(/^node-\d~\S+/gm) ?? [];

  /** What was published before is read by now, and did nothing. */
  async function expectPeace(): Promise<void> {
    marks += 1;
    for (const [writer, reader] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      const text = `${writer.identity} ${marks}`;
      await writer.room.chat.send(text).sent;
      await soon(() => reader.texts.includes(text), `${reader.identity} reads ${writer.identity}`);
    }
    expect([seenBy(ada), seenBy(bob)]).toEqual([['bob'], ['ada']]);
    expect([...bob.room.peers.values()][0]).toMatchObject({ peerId: ada.room.peerId, name: 'ada', away: false });
    for (const one of [ada, bob]) {
      expect(one.client.state).toBe('connected');
      expect(one.gaps).toEqual([]);
      expect(one.told.filter((who) => !['+bob'].includes(who))).toEqual([]);
    }
  }

  test.each<[string, string, () => Uint8Array]>([
    ['another version', 'version', () => frame({ version: 2, ask })],
    ['another cluster in the same Redis', 'cluster', () => frame({ cluster: clusterNameOf('other'), ask })],
    ['half a frame', 'garbled', () => frame({ ask }).subarray(0, -4)],
    ['no frame at all', 'garbled', () => Buffer.from('{"jsonrpc":"2.0"}')],
    ['a frame that says nothing', 'empty', () => frame({})],
    // Field 99, of a later version: it says something that is not known here.
    ['a kind that is not known', 'empty', () => Buffer.concat([frame({}), Buffer.of(0x9a, 0x06, 0x00)])],
    ['a megabyte', 'large', () => Buffer.alloc(1_024 * 1_024, 1)],
  ])('%s is dropped by each node, and counted', { timeout }, async (_what, why, bytes) => {
    const before = await Promise.all([0, 1].map((place) => dropped(place, why)));
    await publishRaw(redis.port, [[roomChannel(prefix, room), onBus(bytes())]]);
    await expectPeace();
    for (const place of [0, 1]) expect(await dropped(place, why)).toBe((before[place] ?? 0) + 1);
  });

  test('what is for people of one node is dropped by that one', { timeout }, async () => {
    const before = await dropped(0, 'garbled');
    const messages = (await livesThere()).map((life) => [`${channels[1]}:${life}`, onBus(Buffer.of(255, 1))] as const);
    await publishRaw(redis.port, messages);
    await expectPeace();
    expect(await dropped(0, 'garbled')).toBe(before + 1);
  });

  test('a node that is dead claims a peer of another one in vain', { timeout }, async () => {
    const third = await startServer({ redis: { url: redis.url }, node: { name: 'node-2' } });
    const find = async () => (await livesThere()).find((life) => life.startsWith('node-2'));
    const from = await eventually(find, 'the third node is there', 30_000);
    await third.close();
    await eventually(async () => (await find()) === undefined, 'it is gone', 30_000);
    await publishRaw(redis.port, [[roomChannel(prefix, room), onBus(claimOf(ada, 'ada', { from }))]]);
    await expectPeace();
    for (const place of [0, 1]) expect(await dropped(place, 'dead')).toBe(1);
  });

  test('a node that lives does not turn a peer into somebody else', { timeout }, async () => {
    const [from = ''] = (await livesThere()).filter((life) => life.startsWith('node-1'));
    await publishRaw(redis.port, [[roomChannel(prefix, room), onBus(claimOf(ada, 'mallory', { from }))]]);
    await expectPeace();
  });

  test('whatever comes, on whichever channel, changes nothing', { timeout }, async () => {
    const bytes = fc.uint8Array({ maxLength: 2_000 });
    const lines = fc
      .array(fc.oneof(fc.integer().map(String), fc.string(), fc.constantFrom('1', '0', 'x~1', '7:3 9')), {
        maxLength: 8,
      })
      .map((words) => Buffer.from(words.join('\n')));
    const mark = fc.constantFrom('', '1 f ', '1 l ', '1 t ', '1 o ', '2 l ', 'b ', 'd ', '1');
    const whole = frame({ ask });
    const bent = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, value]) => {
      const copy = Buffer.from(whole);
      copy[at] = value;
      return copy;
    });
    const message = fc.tuple(
      fc.constantFrom(...channels),
      fc
        .tuple(mark, fc.oneof(bytes, lines, bent))
        .map(([head, tail]) => (head === '1 f ' ? onBus(tail) : Buffer.concat([Buffer.from(head), tail]))),
    );
    const messages = fc.sample(message, 2_000);
    await publishRaw(redis.port, messages);
    await expectPeace();
    for (const { url } of servers.nodes) expect((await fetch(`${url}/ready`)).status).toBe(200);
  });
});
