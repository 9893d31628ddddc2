import { type MessageLimits, messageLimits } from '../messages/limits.ts';
import type { Endpoint, Protocol } from './endpoint.ts';

/** One socket that is listened on. */
export interface Listen {
  readonly protocol: Protocol;
  /** Of this host; `0.0.0.0` and `::` are all of them. */
  readonly address: string;
  /** 0 is any that is free. */
  readonly port: number;
  /** What others are told to send to, the first whose network has them. Without one: the address itself. */
  readonly advertise?: readonly Advertisement[];
  /** For TLS and WSS. */
  readonly tls?: TlsMaterial;
  /** For WS and WSS: which pages may connect, by `Origin`; undefined is any, and who sends none is let in. */
  readonly origins?: readonly string[];
}

export interface Advertisement {
  readonly address: string;
  readonly port?: number;
  /** For whom, as `10.0.0.0/8`; undefined is everybody. */
  readonly towards?: readonly string[];
}

/** PEM. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  /** Who signs the other sides; undefined is what the system trusts. */
  readonly ca?: string;
}

export interface TransportLimits {
  readonly messages: MessageLimits;
  /** Connections in all; beyond it a new one is closed. */
  readonly connections: number;
  /** Of one address. */
  readonly connectionsPerSource: number;
  /**
   * Bytes that wait to be written to one connection, {@link writeCostBytes} more for each write; beyond it the connection is closed, for
   * its other side does not read.
   */
  readonly writeQueueBytes: number;
  /** Without a byte in either direction. */
  readonly idleMs: number;
  /** For a connection to be there, its handshake included; and for the last bytes to leave when it ends. */
  readonly connectMs: number;
  /** From the first byte of a message to its last, and until there is a first one: who takes longer holds a place of others. */
  readonly messageMs: number;
  /** UDP: other sides that are remembered. */
  readonly udpFlows: number;
}

/** What a write costs that waits, besides its bytes, about: of answers with two bytes there would be half a million in a megabyte. */
export const writeCostBytes = 200;

export const transportLimits: TransportLimits = {
  messages: messageLimits,
  connections: 10_000,
  connectionsPerSource: 200,
  writeQueueBytes: 1_048_576,
  idleMs: 600_000,
  connectMs: 4_000,
  messageMs: 30_000,
  udpFlows: 65_536,
};

/** What is listened on, when it is: with the port that was free. */
export interface Listening extends Endpoint {
  readonly protocol: Protocol;
}
