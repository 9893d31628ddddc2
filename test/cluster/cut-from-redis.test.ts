// One node loses Redis while the others have it: what its people say arrives all the same, once.

import { expect, test } from 'vitest';
import { startCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { readyOf } from '../support/ready-of.ts';
import { requireOrSkip } from '../support/require.ts';
import { join, sees } from './person.ts';

const deadlineMs = 60_000;

test.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))(
  'what is sent at a node that is cut off from Redis alone is read once at the other one, and nobody is seen to leave',
  { timeout: 180_000 },
  async () => {
    await using cluster = await startCluster({ nodes: 2, as: 'processes', through: 'relays' });
    await using bob = await join(cluster, 1, 'bob', 'standup');
    await using ada = await join(cluster, 0, 'ada', 'standup');
    await eventually(() => sees(bob, ['ada']) && sees(ada, ['bob']), 'both see each other', deadlineMs);
    const read: string[] = [];
    bob.room.chat.on('records', ({ records }) => {
      for (const { kind, message } of records) if (kind === 'message') read.push(message?.text ?? '');
    });
    const stores: string[] = [];
    ada.client.on('storeChanged', (store) => stores.push(store));
    const first = ada.room.chat.send('before');
    await first.sent;
    cluster.relays[0]?.cut();
    const { sent } = ada.room.chat.send('meanwhile');
    await eventually(() => stores.includes('down'), 'ada to be told that nothing can be kept', deadlineMs);
    // Balancers lead past it, and not past the other one.
    await eventually(async () => (await readyOf(cluster.node(0))).status === 503, 'it is not ready', deadlineMs);
    expect(await readyOf(cluster.node(0))).toMatchObject({
      body: { reasons: expect.arrayContaining(['this node cannot reach Redis, and other nodes can']) },
    });
    expect((await readyOf(cluster.node(1))).status).toBe(200);
    cluster.relays[0]?.mend();
    await sent;
    await eventually(async () => (await readyOf(cluster.node(0))).status === 200, 'it is ready again', deadlineMs);
    await ada.room.chat.send('after').sent;
    await eventually(() => read.includes('after'), 'bob has read all of it', deadlineMs);
    await eventually(() => ada.client.store === 'up', 'ada to be told that it can again', deadlineMs);
    expect(read).toEqual(['before', 'meanwhile', 'after']);
    expect(bob.told).toEqual(['+ada']);
  },
);
