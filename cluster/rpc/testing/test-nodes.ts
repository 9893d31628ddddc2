// Nodes of one process that really call each other, over sockets of 127.0.0.1.

import { systemClock } from '../../../core/clock.ts';
import { type Logger, silentLogger } from '../../../core/log.ts';
import type { LinkFrame } from '../../../proto/gen/node-types.ts';
import type { Life, NodeLeases } from '../../directory.ts';
import { MemoryCluster } from '../../memory/memory-cluster.ts';
import type { NodeHandlers } from '../../node-calls.ts';
import { nodeInfo } from '../../testing/node-info.ts';
import type { RpcTls } from '../channel.ts';
import type { LinkTiming } from '../link-timing.ts';
import { type GrpcNodeCalls, openNodeCalls } from '../open-node-calls.ts';

export const testSecret = 's'.repeat(32);
export const quickTiming: LinkTiming = { beatMs: 100, silentBeats: 5, retryMs: { first: 20, last: 100 } };

export interface TestNode extends AsyncDisposable {
  readonly name: string;
  readonly life: Life;
  readonly nodes: NodeLeases;
  readonly calls: GrpcNodeCalls;
  /** What came over links of others, in order. */
  readonly frames: { readonly from: Life; readonly frame: LinkFrame }[];
  /** Is known to the others from now on, at this address instead of its own when it is given. */
  join(address?: string): Promise<void>;
  /** Without a word to the others. */
  close(): Promise<void>;
}

interface TestNodeOptions {
  readonly secret?: string;
  readonly timeoutMs?: number;
  readonly timing?: LinkTiming;
  readonly tls?: RpcTls;
  readonly log?: Logger;
  readonly handlers?: Partial<NodeHandlers>;
}

export function createTestCluster(): MemoryCluster {
  return new MemoryCluster({ beatMs: 20, leaseMs: 60_000 });
}

export async function startTestNode(
  cluster: MemoryCluster,
  name: string,
  {
    secret = testSecret,
    timeoutMs = 5_000,
    timing = quickTiming,
    tls,
    log = silentLogger,
    handlers = {},
  }: TestNodeOptions = {},
): Promise<TestNode> {
  const { nodes } = cluster.join(name).directory;
  const calls = await openNodeCalls({
    nodes,
    host: '127.0.0.1',
    port: 0,
    secret,
    tls,
    timeoutMs,
    clock: systemClock,
    log,
    timing,
  });
  calls.serve({ ping: () => ({ life: nodes.life, alive: true }), ...handlers });
  const frames: TestNode['frames'] = [];
  calls.events.on('frame', (frame) => frames.push(frame));
  const node: TestNode = {
    name,
    get life() {
      return nodes.life;
    },
    nodes,
    calls,
    frames,
    join: (address = `127.0.0.1:${calls.port}`) =>
      nodes.start(() => nodeInfo(name, { rpcAddress: address, pipeAddress: '127.0.0.1' })),
    async close() {
      cluster.kill(name);
      await calls.close();
    },
    [Symbol.asyncDispose]: () => node.close(),
  };
  return node;
}
