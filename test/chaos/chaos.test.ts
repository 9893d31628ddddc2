// The short form of `npm run test:chaos`: two faults, fewer people, and leases that run out sooner.

import { expect, test } from 'vitest';
import { startCluster } from '../support/cluster.ts';
import { requireOrSkip } from '../support/require.ts';
import { startChaos } from './chaos.ts';
import { keptCluster } from './chaos-test.ts';
import { emptyRedis, killNode } from './faults.ts';
import { runRound } from './round.ts';

const options = ['cluster.leaseMs=4000', 'cluster.beatMs=500', 'sessions.resumeGraceMs=10000'];
const seed = Number(process.env['PARLEY_CHAOS_SEED'] ?? 20_261);

test.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))(
  `people who write and speak while a node is killed and Redis is emptied miss nothing that they are not told of (seed ${seed})`,
  { timeout: 300_000 },
  async () => {
    await using cluster = await startCluster(keptCluster(options));
    await using chaos = await startChaos(cluster, { seed, people: 6, speakers: 3 });
    const said: string[] = [];
    for (const fault of [killNode(), emptyRedis()]) {
      const { complaints } = await runRound(chaos, fault, (line) => said.push(line));
      expect(complaints, said.join('\n')).toEqual([]);
    }
  },
);
