import { type Client, connectivityState } from '@grpc/grpc-js';
import type { Clock } from '../../core/clock.ts';
import { openChannel, type RpcTls } from './channel.ts';

/** How long one that is being connected is waited for, over however many tries to use it. */
const maxConnectMs = 30_000;

interface NodeChannelParts {
  /** `host:port` */
  readonly address: string;
  readonly tls: RpcTls | undefined;
  readonly clock: Clock;
}

/**
 * A channel to one node, and another one after it was of no use. gRPC keeps the socket of a channel that is thrown away while
 * a process that is stopped has accepted it and says nothing: such a channel is kept for a while, since it would work as soon
 * as the process goes on, and a new one would wait in the same way.
 */
export class NodeChannel {
  readonly #parts: NodeChannelParts;
  #channel: Client | undefined;
  #openedAtMs = 0;

  constructor(parts: NodeChannelParts) {
    this.#parts = parts;
  }

  get(): Client {
    if (this.#channel === undefined) {
      const { address, tls, clock } = this.#parts;
      this.#channel = openChannel(address, tls);
      this.#openedAtMs = clock.monotonicMs();
    }
    return this.#channel;
  }

  /** Nothing came back over it. */
  discard(): void {
    const isYoung = this.#parts.clock.monotonicMs() - this.#openedAtMs < maxConnectMs;
    const state = this.#channel?.getChannel().getConnectivityState(false);
    if (state === connectivityState.CONNECTING && isYoung) return;
    this.close();
  }

  /** What is under way ends at its deadline. */
  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }
}
