// Faults of the network and of clocks: each node, and Redis, is on a host of its own.

import { test } from 'vitest';
import { Scope } from '../../core/scope.ts';
import { startCluster } from '../support/cluster.ts';
import { type HostNetworks, openHostNetworks } from '../support/host-networks.ts';
import { requireOrSkip } from '../support/require.ts';
import { openShiftedClock, type ShiftedClock } from '../support/shifted-clock.ts';
import type { Chaos, ChaosCluster } from './chaos.ts';
import { chaosTest, keptCluster } from './chaos-test.ts';
import type { Fault } from './round.ts';

export interface Machines {
  readonly networks: HostNetworks;
  /** Of the node at `wrongClockPlace`. */
  readonly clock?: ShiftedClock | undefined;
}

export interface NetworkFault {
  readonly name: string;
  readonly about: string;
  readonly needsClock?: boolean;
  /** As those of other faults. */
  strike(chaos: Chaos, begin: () => void, machines: Machines): Promise<void>;
  mend(chaos: Chaos, machines: Machines): Promise<void>;
}

export const wrongClockPlace = 2;

/** Skipped, with the reason, where this machine cannot do it. */
export function networkChaos({ name, about, needsClock = false, strike, mend }: NetworkFault): void {
  if (!requireOrSkip('netns') || (needsClock && !requireOrSkip('faketime'))) {
    test.skip(about);
    return;
  }
  let machines: Machines | undefined;
  const here = (): Machines => {
    if (!machines) throw new Error('the cluster was not started');
    return machines;
  };
  const start = async (): Promise<ChaosCluster & AsyncDisposable> => {
    const parts = new Scope();
    try {
      const usual = keptCluster();
      const networks = await openHostNetworks(usual.nodes);
      parts.defer(async () => networks[Symbol.asyncDispose]());
      const clock = needsClock ? openShiftedClock() : undefined;
      parts.defer(() => clock?.[Symbol.dispose]());
      machines = { networks, clock };
      const envOf = (place: number) => (place === wrongClockPlace && clock ? clock.env : {});
      const cluster = await startCluster({ ...usual, networks, envOf });
      parts.defer(async () => cluster[Symbol.asyncDispose]());
      return { ...cluster, [Symbol.asyncDispose]: () => parts.close() };
    } catch (error) {
      await parts.close();
      throw error;
    }
  };
  const fault: Fault = {
    name,
    about,
    strike: (chaos, begin) => strike(chaos, begin, here()),
    mend: (chaos) => mend(chaos, here()),
  };
  chaosTest(fault, { start });
}
