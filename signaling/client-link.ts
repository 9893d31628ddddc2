import type { ErrorReason } from '../core/errors.ts';
import type { EventMessage } from '../core/event-message.ts';
import type { ConnectionId } from '../core/ids.ts';

/**
 * Port: one live connection to a client, as signaling sees it. The gateway implements it.
 * Nothing here throws, and after the connection is gone everything does nothing.
 */
export interface ClientLink {
  readonly id: ConnectionId;
  /** For logs: the client's address, behind trusted proxies the one that they name. */
  readonly remoteAddress: string;
  /** Queues an event behind everything that was queued before. Slow readers lose ephemeral events, then the connection. */
  send(event: EventMessage): void;
  /**
   * Queues records of a log, unless the reader is behind: then nothing was queued, and it is to be tried again after
   * `onDrained`. When the connection is gone, the answer is true.
   */
  offerLog(event: EventMessage): boolean;
  /**
   * Called once each time after offerLog answered false, as soon as little is unsent; never from within a call of the link.
   * One listener for all rooms that are followed over the link: see log/drain-waiters.ts.
   */
  onDrained: (() => void) | undefined;
  /** Sends what is queued, then closes the WebSocket with the reason's close code and the reason's name. */
  close(reason: ErrorReason): void;
}
