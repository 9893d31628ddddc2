import type { NodeInfo } from '../../cluster/directory.ts';
import type { Clock } from '../../core/clock.ts';
import type { PlaceLoad } from '../../media/engine.ts';

/** A shorter time says little of the CPU. */
const leastMs = 500;

interface NodeLoadParts {
  readonly places: () => readonly PlaceLoad[];
  /** Cores that are promised and not measured yet, by worker. */
  readonly promised: () => ReadonlyMap<number, number>;
  readonly clock: Clock;
  /** Of this process, microseconds since it began. */
  readonly cpuUsage?: () => { readonly user: number; readonly system: number };
}

/**
 * How much of the node is in use: of its media workers together, or of the one thread that everything else runs on, whichever
 * is more. Both as CPU time: a machine that is busy with something else makes them slow, not loaded.
 */
export function createNodeLoad({ places, promised, clock, cpuUsage = () => process.cpuUsage() }: NodeLoadParts) {
  let last = { atMs: clock.monotonicMs(), micros: microsOf(cpuUsage()), share: 0 };

  function shareOfProcess(): number {
    const atMs = clock.monotonicMs();
    if (atMs - last.atMs < leastMs) return last.share;
    const micros = microsOf(cpuUsage());
    last = { atMs, micros, share: Math.min((micros - last.micros) / 1_000 / (atMs - last.atMs), 1) };
    return last.share;
  }

  return (): Pick<NodeInfo, 'load' | 'promised'> => {
    const workers = places();
    const used = workers.reduce((sum, { load }) => sum + Math.min(load, 1), 0);
    const expected = [...promised().values()].reduce((sum, cores) => sum + cores, 0);
    const count = Math.max(workers.length, 1);
    return { load: Math.max(used / count, shareOfProcess()), promised: expected / count };
  };
}

const microsOf = ({ user, system }: { readonly user: number; readonly system: number }): number => user + system;
