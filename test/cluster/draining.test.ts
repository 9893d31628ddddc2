// A node that is drained, and taken back in the middle of that.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCluster, type TestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { drainNode } from './drain-node.ts';
import { join, sees } from './person.ts';

const deadlineMs = 30_000;

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))('a node that is drained', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    // Two are asked at once, and the next ones seconds later.
    cluster = await startCluster({ nodes: 2, as: 'processes', options: ['shutdown.moveStaggerMs=10000'] });
  }, 120_000);

  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  const postTo = async (place: number, path: string, method = 'POST'): Promise<Response> => {
    const answer = await fetch(`${cluster.node(place).url}${path}`, {
      method,
      headers: { authorization: `Bearer ${cluster.tokenOf('studio')}`, 'content-type': 'application/sdp' },
      body: 'v=0',
    });
    if (answer.status !== 429) return answer;
    await delay(Number(answer.headers.get('retry-after')) * 1_000);
    return postTo(place, path, method);
  };
  const isReady = async (place: number) => (await fetch(`${cluster.node(place).url}/ready`)).status === 200;

  test('keeps those who are there when that is undone, and those who went stay where they are', async () => {
    await using ada = await join(cluster, 0, 'ada', 'standup');
    await using bob = await join(cluster, 0, 'bob', 'standup');
    await using cy = await join(cluster, 0, 'cy', 'standup');
    await using dee = await join(cluster, 0, 'dee', 'standup');
    const people = [ada, bob, cy, dee];
    const names = ['ada', 'bob', 'cy', 'dee'];
    const allSee = () =>
      people.every((person, place) =>
        sees(
          person,
          names.filter((_, other) => other !== place),
        ),
      );
    await eventually(allSee, 'all see each other', deadlineMs);
    const states = people.map(({ client }) => {
      const told: string[] = [];
      client.on('stateChanged', ({ state }) => told.push(state));
      return told;
    });
    const toldBefore = people.map(({ told }) => [...told]);
    await drainNode(cluster.node(0), { deadlineMs: 60_000 });
    expect(await isReady(0)).toBe(false);
    await eventually(
      async () => (await drainNode(cluster.node(0), 'status')).clients === 2,
      'two have gone',
      deadlineMs,
      500,
    );
    expect(await drainNode(cluster.node(0), 'undo')).toMatchObject({ state: 'ready', clients: 2 });
    await eventually(() => isReady(0), 'the node is ready again', deadlineMs, 500);
    const read = people.map(({ room }) => {
      const seen: string[] = [];
      room.chat.on('records', ({ records }) => {
        for (const { kind, message } of records) if (kind === 'message') seen.push(message?.text ?? '');
      });
      return seen;
    });
    for (const { room, client } of people) await room.chat.send(`from ${client.identity}`).sent;
    await eventually(() => read.every((seen) => seen.length === 4), 'all have read all', deadlineMs);
    expect(new Set(read.map((seen) => seen.join())).size).toBe(1);
    await using eve = await join(cluster, 0, 'eve', 'standup');
    await using fay = await join(cluster, 0, 'fay', 'another');
    expect(sees(eve, names) && sees(fay, [])).toBe(true);
    const connections = await Promise.all(
      [0, 1].map((place) => cluster.node(place).metric('parley_sessions{state="connected"}')),
    );
    expect(connections).toEqual([4, 2]);
    expect(states).toEqual([[], [], [], []]);
    expect(people.map(({ told }, place) => told.slice(toldBefore[place]?.length))).toEqual(Array(4).fill(['+eve']));
  });

  test('takes nothing by WHIP and WHEP meanwhile, and says when to come again', async () => {
    const about = async (place: number) => {
      const answers = await Promise.all(['/whip/stage', '/whep/stage'].map((path) => postTo(place, path)));
      return answers.map(({ status, headers }) => [status, headers.get('retry-after')]);
    };
    const refused = [
      [503, '5'],
      [503, '5'],
    ];
    // What is no session description is refused for that, by a node that takes them.
    const taken = await about(0);
    expect(taken).not.toEqual(refused);
    await drainNode(cluster.node(0), { deadlineMs: 60_000 });
    expect(await about(0)).toEqual(refused);
    expect(await about(1)).toEqual(taken);
    await drainNode(cluster.node(0), 'undo');
    expect(await about(0)).toEqual(taken);
    // Of a session that was on a node that is gone, another one knows nothing: its client begins anew.
    expect((await postTo(1, '/whip/stage/node-gone-session', 'DELETE')).status).toBe(404);
  });
});
