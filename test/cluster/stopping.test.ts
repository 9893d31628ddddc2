import { describe, expect, test } from 'vitest';
import { startCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { isAway, join, sees } from './person.ts';

const deadlineMs = 30_000;

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))(
  'nodes that are stopped one after another',
  () => {
    test('have their people on others by then, and nobody saw them leave', async () => {
      const options = ['shutdown.drainMs=4000', 'shutdown.moveStaggerMs=10'];
      await using cluster = await startCluster({ nodes: 3, as: 'processes', options });
      await using bob = await join(cluster, 2, 'bob', 'standup');
      await using ada = await join(cluster, 0, 'ada', 'standup');
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
  },
);
