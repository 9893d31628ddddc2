import type { HostPort } from '../messages/parse-host-port.ts';

/** One way to one other side: a connection, or a UDP socket and an address. What transactions know of the network. */
export interface Hop {
  /** Of the Via: `UDP`, `TCP`, `TLS`, `WS`, `WSS`. */
  readonly transport: string;
  /** Nothing is sent twice over it. */
  readonly reliable: boolean;
  /** A connection that this side opened: it looks after it (RFC 5626 section 4.4). */
  readonly ours?: boolean;
  /** What this side calls itself towards the other: for Via and Contact. */
  readonly sentBy: HostPort;
  /** @throws what the transport says: refused, closed, unreachable, queue full. */
  send(bytes: Uint8Array): Promise<void>;
}
