import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { newRecord } from '../contract/room.contract.ts';
import type { Directory, Life } from '../directory.ts';
import type { LogNews, LogPush } from '../room-log.ts';
import { nodeInfo } from '../testing/node-info.ts';
import { MemoryCluster } from './memory-cluster.ts';

async function startNodes(...names: string[]) {
  const clock = new FakeClock();
  const cluster = new MemoryCluster({ clock });
  const nodes = names.map((name) => cluster.join(name));
  for (const node of nodes) await node.directory.nodes.start(() => nodeInfo(node.name));
  clock.advance(cluster.beatMs);
  const advance = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      clock.advance(Math.min(left, 1_000));
      await settled();
    }
  };
  await settled();
  return { cluster, clock, nodes, advance };
}

/** Everything that is on its way has arrived. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function deathsOf({ nodes }: Directory): Life[] {
  const died: Life[] = [];
  nodes.events.on('died', ({ life }) => died.push(life));
  return died;
}

describe('frames', () => {
  test('reach everybody who subscribed, the sender too, in order', async () => {
    const { nodes } = await startNodes('a', 'b');
    const [a, b] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
    const heard: string[] = [];
    for (const { name, bus } of nodes) {
      await bus.subscribe({ to: 'room', room: 'r' }, (frame) => heard.push(`${name}${frame[0]}`));
    }
    await a.bus.publish({ to: 'room', room: 'r' }, new Uint8Array([1]));
    await a.bus.publish({ to: 'room', room: 'r' }, new Uint8Array([2]));
    await b.bus.publish({ to: 'room', room: 'other' }, new Uint8Array([3]));
    await settled();
    expect(heard.filter((one) => one.startsWith('a'))).toEqual(['a1', 'a2']);
    expect(heard.filter((one) => one.startsWith('b'))).toEqual(['b1', 'b2']);
  });

  test('do not reach who is cut off or has unsubscribed, and publishing while cut off is refused', async () => {
    const { cluster, nodes } = await startNodes('a', 'b');
    const [a, b] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
    const heard: number[] = [];
    const end = await b.bus.subscribe({ to: 'nodes' }, (frame) => heard.push(frame[0] ?? -1));
    const happened: string[] = [];
    b.bus.events.on('interrupted', () => happened.push('interrupted'));
    b.bus.events.on('restored', () => happened.push('restored'));
    cluster.cut('b');
    await a.bus.publish({ to: 'nodes' }, new Uint8Array([1]));
    await expect(b.bus.publish({ to: 'nodes' }, new Uint8Array([2]))).rejects.toMatchObject({ kind: 'away' });
    await settled();
    cluster.mend('b');
    await a.bus.publish({ to: 'nodes' }, new Uint8Array([3]));
    await settled();
    end();
    await a.bus.publish({ to: 'nodes' }, new Uint8Array([4]));
    await settled();
    expect(heard).toEqual([3]);
    expect(happened).toEqual(['interrupted', 'restored']);
  });
});

describe('leases', () => {
  test('a node that is killed is buried after its lease, and everybody else is told once', async () => {
    const { cluster, nodes, advance } = await startNodes('a', 'b', 'c');
    await advance(cluster.leaseMs);
    const [a, b, c] = nodes;
    const told = [deathsOf(a!.directory), deathsOf(b!.directory)];
    expect(a!.directory.nodes.others.size).toBe(2);
    cluster.kill('c');
    await advance(cluster.leaseMs - cluster.beatMs);
    expect(told).toEqual([[], []]);
    await advance(2 * cluster.beatMs + 1_000);
    const dead = c!.directory.nodes.life;
    expect(told).toEqual([[dead], [dead]]);
    expect([...a!.directory.nodes.others.keys()]).toEqual([b!.directory.nodes.life]);
  });

  test('a node that was buried while it was cut off goes on as another life, and is in no room', async () => {
    const { cluster, nodes, advance } = await startNodes('a', 'b');
    await advance(cluster.leaseMs);
    const [a, b] = nodes;
    const reborn: { before: Life; life: Life }[] = [];
    const states: string[] = [];
    b!.directory.nodes.events.on('reborn', (told) => reborn.push(told));
    b!.directory.nodes.events.on('stateChanged', ({ state }) => states.push(state));
    await b!.directory.rooms.enter('r', '');
    const before = b!.directory.nodes.life;
    cluster.cut('b');
    await advance(cluster.leaseMs + 3 * cluster.beatMs);
    expect(deathsOf(a!.directory)).toEqual([]);
    expect(a!.directory.nodes.others.size).toBe(0);
    cluster.mend('b');
    await advance(cluster.beatMs);
    expect(reborn).toEqual([{ before, life: b!.directory.nodes.life }]);
    expect(states).toEqual(['away', 'up']);
    expect([...a!.directory.nodes.others.keys()]).toEqual([b!.directory.nodes.life]);
    expect((await a!.directory.rooms.enter('r', '')).nodes).toEqual([a!.directory.nodes.life]);
  });

  test('nobody is buried by a node that has just come back itself, nor when the store was emptied', async () => {
    const { cluster, nodes, advance } = await startNodes('a', 'b');
    await advance(cluster.leaseMs);
    const told = nodes.map(({ directory }) => deathsOf(directory));
    const lives = nodes.map(({ directory }) => directory.nodes.life);
    const resets: string[] = [];
    for (const { name, directory } of nodes) directory.nodes.events.on('reset', () => resets.push(name));
    cluster.cut('a');
    cluster.cut('b');
    await advance(60_000);
    cluster.mend('a');
    await advance(cluster.beatMs);
    cluster.mend('b');
    await advance(3 * cluster.leaseMs);
    cluster.empty();
    await advance(3 * cluster.leaseMs);
    expect(told).toEqual([[], []]);
    expect(nodes.map(({ directory }) => directory.nodes.life)).toEqual(lives);
    expect(resets.sort()).toEqual(['a', 'b']);
  });

  test('a node that ends on purpose is dead at once, and its rooms belong to others', async () => {
    const { nodes } = await startNodes('a', 'b');
    const [a, b] = nodes;
    const told = deathsOf(a!.directory);
    await b!.directory.nodes.end();
    await settled();
    expect(told).toEqual([b!.directory.nodes.life]);
  });
});

describe('owners', () => {
  test('the first to enter owns a room, and its options hold; the next one has the next term', async () => {
    const { nodes } = await startNodes('a', 'b');
    const [a, b] = nodes;
    const [one, two] = [a!.directory.nodes.life, b!.directory.nodes.life];
    const changes: object[] = [];
    b!.directory.rooms.events.on('ownerChanged', (change) => changes.push(change));
    await a!.directory.rooms.enter('r', 'first');
    expect(await b!.directory.rooms.enter('r', 'second')).toEqual({
      owner: one,
      term: 1,
      options: 'first',
      control: '',
      nodes: [one, two],
    });
    expect(await a!.directory.rooms.keepControl('r', 1, 'locks')).toBe('kept');
    await a!.directory.rooms.leave('r');
    await settled();
    expect(changes).toMatchObject([{ room: 'r', place: { owner: two, term: 2, control: 'locks' } }]);
    expect(await a!.directory.rooms.keepControl('r', 1, 'late')).toBe('not-owner');
  });

  test('of two claims on the same term one holds', async () => {
    const { nodes } = await startNodes('a', 'b', 'c');
    for (const { directory } of nodes) await directory.rooms.enter('r', '');
    const [, b, c] = nodes;
    const places = await Promise.all([b!.directory.rooms.claim('r', 1), c!.directory.rooms.claim('r', 1)]);
    expect(places).toMatchObject([
      { owner: b!.directory.nodes.life, term: 2 },
      { owner: b!.directory.nodes.life, term: 2 },
    ]);
  });

  test('a term never goes back, though the store forgot it', async () => {
    const { cluster, nodes } = await startNodes('a', 'b');
    const [a, b] = nodes;
    const owner = a!.directory.nodes.life;
    cluster.empty();
    expect((await a!.directory.rooms.enter('r', '', { owner, term: 7 })).term).toBe(8);
    expect((await b!.directory.rooms.enter('r', '', { owner, term: 9 })).term).toBe(9);
  });
});

test('users are where they have sessions, on nodes that live', async () => {
  const { cluster, nodes, advance } = await startNodes('a', 'b');
  await advance(cluster.leaseMs);
  const [a, b] = nodes;
  a!.directory.users.came('ada');
  b!.directory.users.came('ada');
  b!.directory.users.came('bo');
  expect(await a!.directory.users.whereAre(['ada', 'bo', 'cy'])).toEqual(
    new Map([
      ['ada', [a!.directory.nodes.life, b!.directory.nodes.life]],
      ['bo', [b!.directory.nodes.life]],
    ]),
  );
  a!.directory.users.left('ada');
  cluster.kill('b');
  await advance(2 * cluster.leaseMs);
  expect(await a!.directory.users.whereAre(['ada', 'bo'])).toEqual(new Map());
});

describe('the log', () => {
  function listen() {
    const told: LogPush[] = [];
    const other: string[] = [];
    const news: LogNews = {
      pushed: (push) => told.push(push),
      trimmed: ({ firstSeq }) => other.push(`trimmed to ${firstSeq}`),
      interrupted: () => other.push('interrupted'),
    };
    return { told, other, news };
  }

  test('what one node appends is pushed to all that follow, in order, with what it went on from', async () => {
    const { nodes } = await startNodes('a', 'b');
    const [a, b] = nodes;
    const { told, other, news } = listen();
    const end = await b!.roomLog.follow('r', news);
    const first = newRecord('r', { payload: '{"text":"one"}', facts: { topic: 'tea' } });
    await a!.roomLog.append([first, newRecord('elsewhere')]);
    const second = newRecord('r');
    const [, answer] = await b!.roomLog.append([newRecord('elsewhere'), second, newRecord('r')]);
    await settled();
    expect(answer).toMatchObject({ seq: 2, previousId: first.messageId });
    expect(told.map(({ firstSeq, count, previousId, origin }) => ({ firstSeq, count, previousId, origin }))).toEqual([
      { firstSeq: 1, count: 1, previousId: '', origin: a!.directory.nodes.life },
      { firstSeq: 2, count: 2, previousId: first.messageId, origin: b!.directory.nodes.life },
    ]);
    expect(told[0]?.records()).toMatchObject([{ seq: 1, payload: first.payload, facts: { topic: 'tea' } }]);
    await a!.roomLog.trim('r', { beforeMs: 0, keep: 1 });
    await settled();
    end();
    await a!.roomLog.append([newRecord('r')]);
    await settled();
    expect(told.length).toBe(2);
    expect(other).toEqual(['trimmed to 3']);
  });

  test('a retry pushes nothing, and a record of a term that is over is refused unless it was there before', async () => {
    const { nodes } = await startNodes('a', 'b');
    const [a, b] = nodes;
    const { told, news } = listen();
    await b!.roomLog.follow('r', news);
    await a!.directory.rooms.enter('r', '');
    const fenced = newRecord('r', { clientId: 'joined:p', fence: 1 });
    await a!.roomLog.append([fenced]);
    await b!.directory.rooms.enter('r', '');
    await b!.directory.rooms.claim('r', 1);
    expect(await a!.roomLog.append([fenced, newRecord('r', { fence: 1 }), newRecord('r', { fence: 2 })])).toMatchObject(
      [
        { outcome: 'appended', duplicate: true, seq: 1 },
        { outcome: 'refused', why: 'not-owner' },
        { outcome: 'appended', seq: 2 },
      ],
    );
    await settled();
    expect(told.map(({ firstSeq }) => firstSeq)).toEqual([1, 2]);
  });

  test('a node that is cut off appends nothing, and is told that it may have missed something', async () => {
    const { cluster, nodes, advance } = await startNodes('a', 'b');
    const [a, b] = nodes;
    const { told, other, news } = listen();
    await b!.roomLog.follow('r', news);
    cluster.cut('b');
    await a!.roomLog.append([newRecord('r')]);
    await expect(b!.roomLog.append([newRecord('r')])).rejects.toMatchObject({ name: 'StoreError', kind: 'away' });
    await advance(2 * cluster.leaseMs);
    expect(b!.roomLog.state).toBe('away');
    cluster.mend('b');
    await advance(cluster.beatMs);
    expect(b!.roomLog.state).toBe('up');
    expect(told).toEqual([]);
    expect(other).toEqual(['interrupted', 'interrupted']);
    expect((await b!.roomLog.open(['r']))[0]?.head.seq).toBe(1);
  });
});
