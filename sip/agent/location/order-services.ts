import type { Srv } from './dns-records.ts';

/**
 * The order in which SRV records are tried (RFC 2782): by priority; within one, each next by lot, heavy ones more often, those of
 * weight 0 seldom. `random` is from 0 to 1, 1 not included.
 */
export function orderServices(records: readonly Srv[], random: () => number): Srv[] {
  const ordered: Srv[] = [];
  for (const priority of [...new Set(records.map((record) => record.priority))].sort((a, b) => a - b)) {
    // Those without a weight first, so that the lot 0 finds one of them.
    const left = records.filter((record) => record.priority === priority).sort((a, b) => a.weight - b.weight);
    while (left.length > 0) {
      const lot = random() * left.reduce((sum, { weight }) => sum + weight, 0);
      let sum = 0;
      const at = left.findIndex(({ weight }) => {
        sum += weight;
        return sum >= lot;
      });
      ordered.push(...left.splice(Math.max(at, 0), 1));
    }
  }
  return ordered;
}
