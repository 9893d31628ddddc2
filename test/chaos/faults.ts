// Faults of nodes and of Redis that need no network of their own.

import { eventually } from '../support/eventually.ts';
import { oneOf } from './random.ts';
import type { Fault } from './round.ts';

const isWholeMs = 60_000;

function createKillNode(): Fault {
  let dead: number | undefined;
  return {
    name: 'kill-node',
    about: 'SIGKILL of a node',
    async strike({ cluster, random }, begin) {
      dead = oneOf(random, [...cluster.nodes.keys()]);
      cluster.node(dead).signal('SIGKILL');
      begin();
      await cluster.node(dead).kill();
    },
    async mend({ cluster }) {
      if (dead === undefined) return;
      await cluster.node(dead).startAgain();
      const isWhole = async () => (await cluster.node(0).metric('parley_cluster_nodes')) === cluster.nodes.length;
      await eventually(isWhole, 'the nodes to know each other', isWholeMs);
    },
  };
}

export const killNode = createKillNode();
