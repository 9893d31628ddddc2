import { expect, onTestFinished, test } from 'vitest';
import { MemoryCluster } from '../../cluster/memory/memory-cluster.ts';
import { nodeInfo } from '../../cluster/testing/node-info.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { silentLogger } from '../../core/log.ts';
import { readPlan } from '../dial-plan/file/read-plan.ts';
import { readShares, writeShares } from './trunk-share.ts';
import { TrunkTallies } from './trunk-tallies.ts';
import { Trunks } from './trunks.ts';

const plan = (more: string) =>
  readPlan(
    `trunks: [{ name: p, outbound: { targets: 'sip:one.example', probeSeconds: 0 }, prices: { +49: 1 }, ${more} }]`,
    'plan.yaml',
  );

async function openNodes(more: string, names = ['a', 'b', 'c']) {
  const clock = new FakeClock();
  const cluster = new MemoryCluster({ clock });
  const nodes = await Promise.all(
    names.map(async (name) => {
      const node = cluster.join(name);
      await node.directory.nodes.start(() => nodeInfo(name));
      const trunks = new Trunks({
        clock,
        plan: plan(more),
        node: name,
        onListenerError: (error) => {
          throw error;
        },
      });
      const shared = { clock, log: silentLogger, tallies: node.directory.tallies, trunks };
      const tallies = new TrunkTallies(shared);
      onTestFinished(() => tallies.close());
      const news: string[] = [];
      trunks.events.on('closed', ({ because }) => news.push(because));
      trunks.events.on('opened', () => news.push('opened'));
      const cuts: string[] = [];
      const begin = (number = '+4930123456') => {
        const [route] = trunks.choose({ number }).routes;
        return route && trunks.begin(route, (reason) => cuts.push(reason));
      };
      return { name, trunks, news, cuts, begin, why: () => trunks.choose({ number: '+4930123456' }).refusal?.reason };
    }),
  );
  const [a, b, c] = nodes;
  if (a === undefined || b === undefined || c === undefined) throw new Error('three nodes');
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      clock.advance(1_000);
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    }
  };
  await pass(3_000);
  return { clock, cluster, a, b, c, pass };
}

test('the money of a day is spent once, by whichever nodes', async () => {
  const { a, b, c, pass } = await openNodes('fraud: { pricePerMinute: 0 }, limits: { spendPerDay: 5 }');
  for (const node of [a, b, c]) node.begin()?.answered();
  await pass(2_000);
  expect(a.why()).toBeUndefined();
  // Three a minute are spent.
  await pass(62_000);
  expect([a, b, c].map(({ why }) => why())).toEqual(
    Array.from({ length: 3 }, () => 'the day’s 5 would be exceeded: 6.00 are spent'),
  );
  await pass(60_000);
  expect([a, b, c].map(({ cuts }) => cuts)).toEqual(Array.from({ length: 3 }, () => ['the day’s money is used up']));
});

test('calls of a node that is gone are over, and what they cost is not', async () => {
  const { cluster, a, b, pass } = await openNodes('limits: { calls: 2, minutesPerDay: 3 }');
  b.begin()?.answered();
  b.begin()?.answered();
  await pass(2_000);
  expect(a.why()).toBe('2 calls of 2 are there');
  expect(a.trunks.beginIncoming('p')).toBeUndefined();
  cluster.kill('b');
  await pass(30_000);
  const call = a.begin();
  call?.answered();
  expect(call).toBeDefined();
  await pass(2_000);
  expect(a.why()).toBe('the 3 minutes of the day are used up');
});

test('a burst of expensive calls over all nodes closes the trunk at each, and opening it anywhere opens it', async () => {
  const { a, b, c, pass } = await openNodes('fraud: { calls: 4, pricePerMinute: 0 }');
  for (const node of [a, a, b, b]) node.begin('+882123456')?.answered();
  await pass(2_000);
  const [route] = c.trunks.choose({ number: '+4930123456' }).routes;
  expect(c.trunks.begin({ ...route!, number: '+882123456' }, () => {})).toBeUndefined();
  await pass(3_000);
  expect([a, b, c].map(({ why }) => why()?.slice(0, 12))).toEqual(['it is closed', 'it is closed', 'it is closed']);
  expect([a.cuts.length, b.cuts.length]).toEqual([2, 2]);
  await pass(60_000);
  b.trunks.open('p');
  await pass(3_000);
  expect([a, b, c].map(({ news }) => news.at(-1))).toEqual(['opened', 'opened', 'opened']);
  await pass(60_000);
  expect([a, b, c].map(({ news }) => news.length)).toEqual([2, 2, 2]);
});

test('what made a trunk close does not close it again once it is opened, whatever others still tell', async () => {
  const { cluster, a, b, c, pass } = await openNodes('fraud: { calls: 4, pricePerMinute: 0 }');
  for (const node of [a, a, a, a]) node.begin('+882123456')?.answered();
  await pass(2_000);
  const [route] = c.trunks.choose({ number: '+4930123456' }).routes;
  c.trunks.begin({ ...route!, number: '+882123456' }, () => {});
  // It cannot hear that the trunk is open again.
  cluster.kill('a');
  await pass(30_000);
  b.trunks.open('p');
  expect(b.begin('+882123456')).toBeDefined();
  await pass(3_000);
  expect(c.begin('+882123456')).toBeDefined();
  await pass(2_000);
  expect([b.news.at(-1), c.news.at(-1)]).toEqual(['opened', 'opened']);
});

test('a burst of a node that is gone is over', async () => {
  const { cluster, a, b, pass } = await openNodes('fraud: { calls: 2, pricePerMinute: 0 }');
  for (const node of [a, a]) node.begin('+882123456')?.answered();
  await pass(2_000);
  cluster.kill('a');
  await pass(11 * 60_000);
  expect(b.begin('+882123456')).toBeDefined();
});

test('a trunk that a clock ahead of ours has closed is opened by an operator, and stays open after a restart', async () => {
  const { clock, a } = await openNodes('fraud: { calls: 4 }');
  const [share] = a.trunks.shares;
  const day = share?.day ?? '';
  const ahead = { ...share!, closed: { atMs: clock.nowMs() + 60_000, day, because: 'it looks like fraud' } };
  a.trunks.countElsewhere([ahead]);
  expect(a.why()).toContain('it is closed');
  a.trunks.open('p');
  a.trunks.countElsewhere([ahead]);
  expect([a.why(), a.news]).toEqual([undefined, ['it looks like fraud', 'opened']]);
  a.trunks.restore(new Map(a.trunks.states.map((state) => [state.name, state])));
  a.trunks.countElsewhere([ahead]);
  expect(a.why()).toBeUndefined();
});

test('a node that reaches nobody goes on with what it knew', async () => {
  const { clock, cluster, a, b, pass } = await openNodes('limits: { minutesPerDay: 3 }');
  for (let call = 0; call < 3; call += 1) b.begin()?.answered();
  await pass(2_000);
  cluster.cut('a');
  await pass(10_000);
  expect(a.why()).toBe('the 3 minutes of the day are used up');
  clock.advance(86_400_000);
  expect(a.why()).toBeUndefined();
});

test.each(['', '{', '5', '{}', '[1, null, "x"]', '[{ "name": 1 }]'])('what cannot be read is left out: %s', (text) => {
  expect(readShares(text)).toEqual([]);
});

test('counts that are none are nothing', () => {
  const text = JSON.stringify([{ name: 'p', day: 'd', calls: -1, minutes: 'x', micros: null, closed: { atMs: 1 } }]);
  expect(readShares(text)).toEqual([
    { name: 'p', day: 'd', calls: 0, minutes: 0, micros: 0, burst: { calls: 0, micros: 0 }, openedMs: 0 },
  ]);
});

test('of more trunks than can be told, those that thieves were at are told first', async () => {
  const { b, clock } = await openNodes('limits: { calls: 2 }');
  const [share] = b.trunks.shares;
  const closed = { atMs: clock.nowMs(), day: share!.day, because: 'it looks like fraud' };
  const many = Array.from({ length: 600 }, (_, at) => ({ ...share!, name: `trunk-${at}`, minutes: at }));
  many[3] = { ...many[3]!, closed };
  many[4] = { ...many[4]!, openedMs: 1 };
  many[5] = { ...many[5]!, burst: { calls: 1, micros: 0 } };
  const { text, left } = writeShares(many, 64 * 1024);
  const told = readShares(text).map(({ name }) => name);
  expect(told.slice(0, 5)).toEqual(['trunk-4', 'trunk-3', 'trunk-5', 'trunk-599', 'trunk-598']);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(64 * 1024);
  expect(Buffer.byteLength(text)).toBeGreaterThan(63 * 1024);
  expect(new Set([...told, ...left]).size).toBe(600);
});
