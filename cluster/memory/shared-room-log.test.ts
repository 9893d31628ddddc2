import { describeFollowing } from '../contract/follow.contract.ts';
import { MemoryCluster } from './memory-cluster.ts';

describeFollowing('memory', async () => {
  const cluster = new MemoryCluster();
  const nodes = [cluster.join('one'), cluster.join('other')] as const;
  const [one, other] = nodes.map(({ roomLog, directory }) => ({ log: roomLog, life: directory.nodes.life }));
  const nextTerm = async (room: string) => {
    const [owner, next] = [nodes[0].directory.rooms, nodes[1].directory.rooms];
    const { term } = await owner.enter(room, '');
    await next.enter(room, '');
    return (await next.claim(room, term)).term;
  };
  const close = async () => {
    await Promise.all(nodes.map(({ roomLog }) => roomLog.close()));
  };
  return { one: one!, other: other!, nextTerm, [Symbol.asyncDispose]: close };
});
