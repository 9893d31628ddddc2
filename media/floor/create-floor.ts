import type { Logger } from '../../core/log.ts';
import type { CreatePolicy } from '../room-policy.ts';
import { type FloorCounts, FloorPolicy } from './floor-policy.ts';
import { LevelTap } from './level-tap.ts';

export interface FloorStats {
  /** Where more microphones are open than are forwarded. */
  readonly rooms: number;
  readonly switches: number;
  /** Copies of packets whose level was read; they count as forwarded nowhere else. */
  readonly tapPackets: number;
  readonly heldConsumers: number;
}

/** The loudest voices of each room of this node, as a policy of their media. */
export interface Floor {
  readonly policy: CreatePolicy;
  stats(): FloorStats;
  close(): Promise<void>;
}

export function createFloor({ log }: { log: Logger }): Floor {
  const levels = new LevelTap({ log });
  const counts: FloorCounts = { switches: 0 };
  const policies = new Set<FloorPolicy>();
  return {
    policy(context) {
      const policy = new FloorPolicy(context, { levels, counts, onClosed: () => policies.delete(policy) });
      policies.add(policy);
      return policy;
    },
    stats: () => ({
      rooms: [...policies].filter(({ gates }) => gates).length,
      switches: counts.switches,
      tapPackets: levels.packets,
      heldConsumers: [...policies].reduce((sum, { heldConsumers }) => sum + heldConsumers, 0),
    }),
    close: () => levels.close(),
  };
}
