import { AppError } from '../../core/errors.ts';
import type { NodeMethods } from '../../proto/gen/node-types.ts';
import type { Life } from '../directory.ts';
import type { NodeCalls, NodeHandlers, NodeMethod } from '../node-calls.ts';
import type { MemoryCluster } from './memory-cluster.ts';

type Calls = Pick<NodeCalls, 'call' | 'serve'>;

/** From node to node past what they share: a node that is cut off from that is reached all the same. */
export class MemoryNodeCalls implements Calls {
  readonly #cluster: MemoryCluster;
  readonly #life: () => Life;
  #handlers: Partial<NodeHandlers> = {};

  constructor(cluster: MemoryCluster, life: () => Life) {
    this.#cluster = cluster;
    this.#life = life;
  }

  async call<Method extends NodeMethod>(
    to: Life,
    method: Method,
    request: NodeMethods[Method]['request'],
  ): Promise<NodeMethods[Method]['response']> {
    const handler = this.#cluster.callsOf(to)?.handlerOf(method);
    const fault = this.#cluster.faultOf(this.#cluster.leases.get(to)?.node ?? '', request);
    if (handler === undefined || fault === 'unsent') throw new AppError('NODE_UNREACHABLE');
    try {
      const answer = await handler(request, this.#life());
      if (fault === undefined) return answer;
    } catch (thrown) {
      throw thrown instanceof AppError ? thrown : new AppError('INTERNAL');
    }
    throw new AppError('NODE_UNREACHABLE');
  }

  serve(handlers: Partial<NodeHandlers>): void {
    this.#handlers = { ...this.#handlers, ...handlers };
  }

  handlerOf<Method extends NodeMethod>(method: Method): Partial<NodeHandlers>[Method] {
    return this.#handlers[method];
  }
}
