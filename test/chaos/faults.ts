// Faults of nodes and of Redis that need no network of their own.

import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { oneOf } from '../support/random.ts';
import type { ChaosCluster } from './chaos.ts';
import type { Fault } from './round.ts';

const wholeMs = 60_000;
/** How long Redis is gone in between. */
const awayMs = 1_500;
/** What is written in this time is not in the older copy. */
const aheadMs = 3_000;

/** Each node knows all others. */
export async function allKnown({ nodes }: ChaosCluster): Promise<void> {
  for (const node of nodes) {
    const knowsAll = async () => (await node.metric('parley_cluster_nodes')) === nodes.length;
    await eventually(knowsAll, 'a node to know all others', wholeMs, 100);
  }
}

export function killNode(): Fault {
  let dead = 0;
  return {
    name: 'kill-node',
    about: 'SIGKILL of a node',
    async strike({ cluster, random }, begin) {
      dead = oneOf(random, [...cluster.nodes.keys()]);
      begin();
      await cluster.node(dead).kill();
    },
    async mend({ cluster }) {
      await cluster.node(dead).startAgain();
      await allKnown(cluster);
    },
  };
}

/** Its media workers run on. */
export function stopNode(seconds: number): Fault {
  return {
    name: 'stop-node',
    about: `SIGSTOP of a node for ${seconds} s`,
    async strike({ cluster, random }, begin) {
      const { pid } = oneOf(random, cluster.nodes);
      process.kill(pid, 'SIGSTOP');
      begin();
      try {
        await delay(seconds * 1_000);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    },
    mend: ({ cluster }) => allKnown(cluster),
  };
}

export function killRedis(): Fault {
  return {
    name: 'redis-kill',
    about: 'SIGKILL of Redis, started again with its append-only file; counted from there',
    async strike({ cluster: { redis } }, begin) {
      await redis.kill();
      await delay(awayMs);
      await redis.restart();
      begin();
    },
  };
}

export function emptyRedis(): Fault {
  return {
    name: 'redis-empty',
    about: 'SIGKILL of Redis, started again empty; counted from there',
    forgets: true,
    async strike({ cluster: { redis } }, begin) {
      await redis.kill();
      await delay(awayMs);
      await redis.restart({ empty: true });
      begin();
    },
  };
}

export function olderRedis(): Fault {
  return {
    name: 'redis-older',
    about: 'SIGKILL of Redis, started again from a copy that is 3 s older; counted from there',
    forgets: true,
    async strike({ cluster: { redis } }, begin) {
      const from = await redis.copy();
      await delay(aheadMs);
      await redis.kill();
      await redis.restart({ from });
      begin();
    },
  };
}

export function stopRedis(seconds: number): Fault {
  return {
    name: `redis-stop-${seconds}`,
    about: `SIGSTOP of Redis for ${seconds} s; counted from its end`,
    async strike({ cluster: { redis } }, begin) {
      redis.stop();
      try {
        await delay(seconds * 1_000);
      } finally {
        redis.cont();
      }
      begin();
    },
  };
}
