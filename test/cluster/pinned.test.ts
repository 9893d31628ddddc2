// Rooms whose members are on one node, whichever node they reach: pinned ones, with clients that follow.

import { expect, test } from 'vitest';
import { startCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { join, sees } from './person.ts';

const deadlineMs = 60_000;

test.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))(
  'people who reach three nodes are in a pinned room on one of them, and together on another one when that is killed',
  { timeout: 180_000 },
  async () => {
    const options = ['node.publicUrl=http://127.0.0.1:{port}', 'cluster.pinnedRooms=studio-*'];
    await using cluster = await startCluster({ nodes: 3, as: 'processes', options });
    const peersOn = (place: number) => cluster.node(place).metric('parley_peers{kind="client"}');
    await using ada = await join(cluster, 0, 'ada', 'studio-1');
    await using bob = await join(cluster, 1, 'bob', 'studio-1');
    await using eve = await join(cluster, 2, 'eve', 'studio-1');
    await eventually(() => sees(ada, ['bob', 'eve']) && sees(bob, ['ada', 'eve']), 'all see each other', deadlineMs);
    expect([await peersOn(0), await peersOn(1), await peersOn(2)]).toEqual([3, 0, 0]);
    // A room that is spread stays where it was asked for.
    await using dee = await join(cluster, 1, 'dee', 'lobby');
    expect(dee.room.peerCount).toBe(1);
    expect(await peersOn(1)).toBe(1);
    await dee.client.close();

    await cluster.node(0).kill();
    const people = [ada, bob, eve];
    const areBack = () => people.every(({ client, room }) => client.state === 'connected' && room.peerCount === 3);
    await eventually(areBack, 'all are back', deadlineMs);
    const areTogether = async () => [await peersOn(1), await peersOn(2)].sort().join() === '0,3';
    await eventually(areTogether, 'all are on one of the two that are left', deadlineMs);
    // No other node knew of them: they may be there as new peers.
    await eventually(() => sees(ada, ['bob', 'eve']) && sees(eve, ['ada', 'bob']), 'they see each other', deadlineMs);
    expect(people.map(({ client }) => client.state)).toEqual(['connected', 'connected', 'connected']);
  },
);
