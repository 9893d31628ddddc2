// Several servers on one Redis, as people see them who are on different ones.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCluster, type TestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { identitiesIn, isAway, join, sees } from './person.ts';

const deadlineMs = 30_000;

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))('people on three nodes', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster({
      nodes: 3,
      as: 'processes',
      options: ['shutdown.drainMs=4000', 'shutdown.moveStaggerMs=10'],
    });
  }, 120_000);

  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  test('are in one room, and see each other come and leave', async () => {
    await using ada = await join(cluster, 0, 'ada', 'standup');
    await using bob = await join(cluster, 1, 'bob', 'standup');
    const eve = await join(cluster, 2, 'eve', 'standup');
    await eventually(() => sees(ada, ['bob', 'eve']), 'ada sees both', deadlineMs);
    await eventually(() => sees(bob, ['ada', 'eve']), 'bob sees both', deadlineMs);
    expect(identitiesIn(eve)).toEqual(['ada', 'bob']);
    await eve.client.close();
    await eventually(() => sees(ada, ['bob']) && sees(bob, ['ada']), 'both see that eve left', deadlineMs);
    expect(ada.told).toEqual(['+bob', '+eve', '-eve']);
  });

  test('do not see people of other rooms', async () => {
    await using ada = await join(cluster, 0, 'ada', 'red');
    await using bob = await join(cluster, 1, 'bob', 'blue');
    await using eve = await join(cluster, 2, 'eve', 'red');
    await eventually(() => sees(ada, ['eve']) && sees(eve, ['ada']), 'who is in the red room', deadlineMs);
    expect(identitiesIn(bob)).toEqual([]);
  });

  test('see nobody leave whose node is killed and who comes back on another one', async () => {
    await using bob = await join(cluster, 1, 'bob', 'calm');
    await using ada = await join(cluster, 2, 'ada', 'calm');
    await eventually(() => sees(bob, ['ada']) && sees(ada, ['bob']), 'both see each other', deadlineMs);
    const { peerId } = ada.room;
    const states: string[] = [];
    ada.client.on('stateChanged', ({ state }) => states.push(state));
    await cluster.node(2).kill();
    await eventually(() => states.at(-1) === 'connected', 'ada is back', deadlineMs);
    await eventually(() => sees(ada, ['bob']) && !isAway(bob, 'ada'), 'bob sees that ada is back', deadlineMs);
    expect(ada.room.peerId).toBe(peerId);
    expect(bob.told).toEqual(['+ada']);
    await cluster.node(2).startAgain();
  });

  test('go on at other nodes when theirs are stopped one after another, and nobody sees them leave', async () => {
    await using bob = await join(cluster, 2, 'bob', 'rolling');
    await using ada = await join(cluster, 0, 'ada', 'rolling');
    await eventually(() => sees(bob, ['ada']) && sees(ada, ['bob']), 'both see each other', deadlineMs);
    const { peerId } = ada.room;
    for (const place of [0, 1]) {
      // From the second one on she is wherever the first one sent her.
      await cluster.node(place).stop();
      await eventually(() => ada.client.state === 'connected' && sees(ada, ['bob']), 'ada is back', deadlineMs);
      await eventually(() => sees(bob, ['ada']) && !isAway(bob, 'ada'), 'bob sees that ada is back', deadlineMs);
      await cluster.node(place).startAgain();
    }
    expect(ada.room.peerId).toBe(peerId);
    expect(bob.told).toEqual(['+ada']);
  }, 120_000);

  test('read each other, in one order for all', async () => {
    await using ada = await join(cluster, 0, 'ada', 'talk');
    await using bob = await join(cluster, 1, 'bob', 'talk');
    await using eve = await join(cluster, 2, 'eve', 'talk');
    const people = [ada, bob, eve];
    const read = people.map(({ room }) => {
      const seen: string[] = [];
      room.chat.on('records', ({ records }) => {
        for (const { kind, seq, message } of records) if (kind === 'message') seen.push(`${seq} ${message?.text}`);
      });
      return seen;
    });
    const sent = people.flatMap(({ room }, place) => [0, 1, 2, 3, 4].map((n) => room.chat.send(`${place}-${n}`).sent));
    await Promise.all(sent);
    await eventually(() => read.every((seen) => seen.length === 15), 'everybody has read everything', deadlineMs);
    expect(read[1]).toEqual(read[0]);
    expect(read[2]).toEqual(read[0]);
  });
});
