import type { SipRequest, SipResponse } from '../messages/message.ts';
import type { Hop } from '../transactions/hop.ts';
import type { ServerTransaction } from '../transactions/transaction.ts';
import type { Flow } from '../transports/flow.ts';
import type { SentRequest } from './request-sender.ts';

/** Why the agent itself ended a call. */
export type EndReason =
  | 'ACK_TIMEOUT'
  | 'SESSION_EXPIRED'
  /** The other side knows nothing of the call: 481. */
  | 'DIALOG_GONE'
  /** A request within the call was not answered: 408. */
  | 'NO_ANSWER'
  | 'APPLICATION_GONE'
  | 'SHUTDOWN';

/** A request that came and wants an answer of the application. */
export interface Incoming {
  readonly transaction: ServerTransaction;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly bytes: number;
}

/** Whoever made a request is told of its answers. */
export interface ResponseUser {
  sent(sent: SentRequest): void;
  response(response: SipResponse, hop: Hop | undefined): void;
  ended?(): void;
}
