// NodeCalls over gRPC: one server, and for each other node a channel for calls and one for its link.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { Emitter } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import { nodeDescriptors } from '../../proto/gen/node-descriptors.ts';
import type { NodeMessages, NodeMethods } from '../../proto/gen/node-types.ts';
import { encodeNodeMessage, readNodeMessage } from '../../proto/node-messages.ts';
import type { Life, NodeLeases } from '../directory.ts';
import type { NodeCalls, NodeCallsEvents, NodeHandlers, NodeLink, NodeMethod } from '../node-calls.ts';
import { CallsToNode } from './calls-to-node.ts';
import type { RpcTls } from './channel.ts';
import { IncomingLinks } from './incoming-links.ts';
import { type LinkTiming, linkTiming } from './link-timing.ts';
import { NodeChannel } from './node-channel.ts';
import { NodeTokens } from './node-tokens.ts';
import { OutgoingLink } from './outgoing-link.ts';
import { unreachable } from './rpc-errors.ts';
import { RpcServer } from './rpc-server.ts';

/** Lives that ended, which may still call from a process that does not know. Beyond that the oldest is forgotten. */
const maxDead = 1_000;
/** Of this node, as others may know it still. */
const maxEarlier = 16;

export interface NodeCallsStats {
  /** Frames of links that were dropped: too many waited, too large, or no frames at all. */
  readonly droppedFrames: number;
  /** Times that a link was tried to open. */
  readonly triedLinks: number;
  /** Links that were up and broke. */
  readonly lostLinks: number;
  /** Calls and links of others that were refused because of their token. */
  readonly refusedCalls: number;
  /** Nodes that are not called for now, because they were silent. */
  readonly broken: readonly Life[];
}

export interface GrpcNodeCalls extends NodeCalls {
  stats(): NodeCallsStats;
}

interface OpenNodeCallsOptions {
  readonly nodes: NodeLeases;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly secret: string;
  readonly tls?: RpcTls | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of each call of this node: `ok`, or the reason of its failure. */
  readonly observeCall?: (method: NodeMethod, outcome: string, seconds: number) => void;
  readonly timing?: LinkTiming;
}

interface OtherNode {
  readonly calls: CallsToNode;
  link: OutgoingLink | undefined;
}

/** @throws {Error} when the address cannot be listened on. */
export async function openNodeCalls(options: OpenNodeCallsOptions): Promise<GrpcNodeCalls> {
  const { clock, log, nodes, tls, observeCall = () => {}, timing = linkTiming } = options;
  const tokens = new NodeTokens({ secret: options.secret, clock });
  const others = new Map<Life, OtherNode>();
  const dead = new Set<Life>();
  /** Lives that this node had before. */
  const earlier: Life[] = [];
  const counts = { tried: 0, dropped: 0, lost: 0, refused: 0 };
  const events = new Emitter<NodeCallsEvents>((error, event) =>
    log.error({ err: error, event }, 'a listener of calls between nodes failed'),
  );
  const links = new IncomingLinks({
    clock,
    timing,
    onFrame: (from, frame) => events.emit('frame', { from, frame }),
    onGarbage: (from) => {
      counts.dropped += 1;
      log.warn({ from }, 'a frame of another node could not be read');
    },
  });
  let handlers: Partial<NodeHandlers> = {};
  let closed = false;

  const server = new RpcServer({
    host: options.host,
    port: options.port,
    tls,
    log,
    verify(token, path, body) {
      try {
        const isPing = path === nodeDescriptors.methods.ping.path;
        // Who cannot reach what the nodes share asks just that: whether the others can. It may have been buried for it, and it
        // does not hear of another life of this node.
        const from = isPing
          ? verifyOfAnyLife(token, { path, body })
          : tokens.verify(token, { to: nodes.life, path, body });
        if (dead.has(from) && !isPing)
          throw new AppError('NODE_TOKEN_REFUSED', { problem: 'the node was taken for dead' });
        return from;
      } catch (error) {
        counts.refused += 1;
        throw error;
      }
    },
    handlers: () => handlers,
    onLink: (from, call) => links.take(from, call),
  });
  await server.listen();

  /** @throws {AppError} NODE_TOKEN_REFUSED */
  function verifyOfAnyLife(token: unknown, call: { readonly path: string; readonly body: Uint8Array }): Life {
    for (const to of earlier) {
      try {
        return tokens.verify(token, { ...call, to });
      } catch {
        // Of another life, perhaps.
      }
    }
    return tokens.verify(token, { ...call, to: nodes.life });
  }

  /** Undefined: nobody knows where it is. */
  function find(to: Life): OtherNode | undefined {
    const known = others.get(to);
    if (known || closed) return known;
    const address = nodes.others.get(to)?.rpcAddress;
    if (!address) return undefined;
    const channel = new NodeChannel({ address, tls, clock });
    const other = { calls: new CallsToNode({ channel, timeoutMs: options.timeoutMs }), link: undefined };
    others.set(to, other);
    return other;
  }

  function openLink(to: Life, address: string): OutgoingLink {
    return new OutgoingLink({
      to,
      timing,
      clock,
      log,
      counts,
      channel: new NodeChannel({ address, tls, clock }),
      sign: (path) => tokens.sign(nodes.life, { to, path, body: Buffer.alloc(0) }),
    });
  }

  function forget(life: Life): void {
    const other = others.get(life);
    others.delete(life);
    other?.calls.close();
    other?.link?.close();
    links.end(life);
    dead.add(life);
    for (const oldest of dead) {
      if (dead.size <= maxDead) break;
      dead.delete(oldest);
    }
  }

  const stopListening = [
    nodes.events.on('died', ({ life }) => forget(life)),
    nodes.events.on('reborn', ({ before }) => {
      earlier.push(before);
      if (earlier.length > maxEarlier) earlier.shift();
      for (const { link } of others.values()) link?.reset();
    }),
  ];

  async function send<Method extends NodeMethod>(
    to: Life,
    method: Method,
    request: NodeMethods[Method]['request'],
  ): Promise<NodeMethods[Method]['response']> {
    const { path, request: requestName, response } = nodeDescriptors.methods[method];
    const other = find(to);
    if (other === undefined) throw unreachable();
    const body = Buffer.from(encodeNodeMessage(requestName, request as NodeMessages[typeof requestName]));
    const answer = await other.calls.call(path, body, tokens.sign(nodes.life, { to, path, body }));
    return readNodeMessage(response, answer) as NodeMethods[Method]['response'];
  }

  return {
    events,
    get port() {
      return server.port;
    },
    async call(to, method, request) {
      const startMs = clock.monotonicMs();
      let outcome = 'ok';
      try {
        return await send(to, method, request);
      } catch (error) {
        outcome = error instanceof AppError ? error.reason : 'INTERNAL';
        throw error;
      } finally {
        observeCall(method, outcome, (clock.monotonicMs() - startMs) / 1000);
      }
    },
    link(to) {
      const other = find(to);
      const address = nodes.others.get(to)?.rpcAddress;
      if (other === undefined || !address) return other?.link ?? createDeadLink(to);
      other.link ??= openLink(to, address);
      return other.link;
    },
    serve(given) {
      handlers = { ...handlers, ...given };
    },
    stats: () => ({
      droppedFrames: counts.dropped,
      triedLinks: counts.tried,
      lostLinks: counts.lost,
      refusedCalls: counts.refused,
      broken: [...others].filter(([, { calls }]) => calls.isBroken).map(([life]) => life),
    }),
    async close() {
      closed = true;
      for (const stop of stopListening) stop();
      for (const { calls, link } of others.values()) {
        calls.close();
        link?.close();
      }
      others.clear();
      links.close();
      server.close();
    },
  };
}

/** To a node that nobody knows. */
function createDeadLink(to: Life): NodeLink {
  return { to, state: 'down', events: new Emitter(() => {}), send: () => false };
}
