// One node of two is replaced while people write and speak. The long form, with all three: test/chaos/rolling-restart.chaos.ts.

import { expect, test } from 'vitest';
import { startChaos } from '../chaos/chaos.ts';
import { judge } from '../chaos/ledger.ts';
import { drainOptions, listenToAll, requireHeard } from '../chaos/rolling-restart.ts';
import { startCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';

const deadlineMs = 60_000;

test.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))(
  'a node that is replaced is missed by nobody: each message is read once and in order, nobody leaves, all are heard',
  { timeout: 180_000 },
  async () => {
    await using cluster = await startCluster({ nodes: 2, as: 'processes', options: drainOptions });
    await using chaos = await startChaos(cluster, { seed: 5, people: 4, speakers: 2 });
    const { people } = chaos;
    const sees = () =>
      people.every(({ rooms }) => [...rooms.values()].every((room) => room.peers.size === room.peerCount - 1));
    await eventually(sees, 'everybody to see the others', deadlineMs);
    const listening = await listenToAll(chaos);
    await cluster.node(0).stop();
    const silenceMs = await requireHeard(listening);
    await cluster.node(0).startAgain();
    const withStartMs = await requireHeard(listening);
    for (const one of listening) one[Symbol.dispose]();
    process.stderr.write(`a node was replaced: ${silenceMs} ms of silence until it ended, ${withStartMs} ms in all\n`);
    chaos.writing = false;
    const readers = people.flatMap((person) => person.readers);
    const acknowledged = () => people.flatMap((person) => person.acknowledged);
    const isRead = () =>
      people.every(({ waiting }) => waiting.size === 0) && judge(acknowledged(), readers).lost.length === 0;
    await eventually(isRead, 'all that was sent to be read by all', deadlineMs);
    expect(judge(acknowledged(), readers)).toEqual({ lost: [], doubled: [], reordered: [], gaps: 0 });
    expect(acknowledged().length).toBeGreaterThan(50);
    expect(people.flatMap(({ departures, complaints }) => [...departures, ...complaints])).toEqual([]);
  },
);
