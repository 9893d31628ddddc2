// A fault as a file of its own: `npm run test:chaos -- kill-node` runs test/chaos/kill-node.chaos.ts.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ClusterOptions, startCluster } from '../support/cluster.ts';
import { requireOrSkip } from '../support/require.ts';
import { type ChaosCluster, type ChaosOptions, startChaos } from './chaos.ts';
import { type Fault, type Round, runRound } from './round.ts';

export interface ChaosTestOptions extends Partial<ChaosOptions> {
  readonly rounds?: number;
  /** Other nodes than three processes and a Redis that keeps what it acknowledged. */
  readonly start?: () => Promise<ChaosCluster & AsyncDisposable>;
  /** Of every node. */
  readonly options?: readonly string[];
}

/** As nodes are by default. */
const usualOptions = ['cluster.leaseMs=10000', 'cluster.beatMs=2000'];
export const keptCluster = (options: readonly string[] = usualOptions): ClusterOptions => ({
  nodes: 3,
  as: 'processes',
  options,
  redis: { aof: 'always' },
});

const say = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

/** `PARLEY_CHAOS_SEED` and `PARLEY_CHAOS_ROUNDS` choose; what it came to goes to the folder `PARLEY_CHAOS_RESULTS`. */
export function chaosTest(fault: Fault, given: ChaosTestOptions = {}): void {
  const seed = Number(process.env['PARLEY_CHAOS_SEED'] ?? given.seed ?? 20_261);
  const rounds = Number(process.env['PARLEY_CHAOS_ROUNDS'] ?? given.rounds ?? 1);
  const canRun = requireOrSkip('mediasoup') && requireOrSkip('redis');
  test.skipIf(!canRun)(
    `${fault.about}: nothing acknowledged is lost, nobody is missed, and all is found again (seed ${seed})`,
    { timeout: 120_000 + rounds * 300_000 },
    async () => {
      say(`${fault.name}: seed ${seed}, ${rounds} rounds`);
      await using cluster = await (given.start?.() ?? startCluster(keptCluster(given.options)));
      await using chaos = await startChaos(cluster, { ...given, seed });
      const done: Round[] = [];
      try {
        for (let round = 0; round < rounds; round += 1) {
          const result = await runRound(chaos, fault, say);
          done.push(result);
          expect(result.complaints).toEqual([]);
        }
      } finally {
        keep(fault, seed, done);
      }
    },
  );
}

function keep({ name }: Fault, seed: number, rounds: readonly Round[]): void {
  const folder = process.env['PARLEY_CHAOS_RESULTS'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}-${seed}.json`), JSON.stringify(rounds));
}
