import { describeBus } from '../contract/bus.contract.ts';
import { type ContractCluster, contractLease } from '../contract/cluster.contract.ts';
import { describeDirectory } from '../contract/directory.contract.ts';
import { nodeInfo } from '../testing/node-info.ts';
import { MemoryCluster } from './memory-cluster.ts';

async function start(): Promise<ContractCluster> {
  const cluster = new MemoryCluster(contractLease);
  const names: string[] = [];
  return {
    async join(name, info) {
      names.push(name);
      const { bus, directory } = cluster.join(name);
      await directory.nodes.start(() => nodeInfo(name, info?.()));
      return {
        name,
        bus,
        directory,
        cut: () => cluster.cut(name),
        mend: () => cluster.mend(name),
        kill: async () => cluster.kill(name),
      };
    },
    empty: async () => cluster.empty(),
    async [Symbol.asyncDispose]() {
      for (const name of names) cluster.kill(name);
    },
  };
}

describeBus('memory', start);
describeDirectory('memory', start);
