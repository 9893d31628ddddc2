import type { Clock } from '../../../core/clock.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import type { Hop } from './hop.ts';
import type { Timing } from './timing.ts';

/** What transactions have in common with whoever keeps them. */
export interface TransactionContext {
  readonly clock: Clock;
  readonly timing: Timing;
  /** A message was sent again. */
  retransmitted(method: string): void;
  /** A response leaves for the first time. */
  answered(status: number): void;
}

/** Who made a request: the transaction user of RFC 3261 section 5. After `ended` nothing is said any more. */
export interface ClientUser {
  /** Provisional ones, then one final; of an INVITE each 2xx, of each fork (RFC 6026). */
  response(response: SipResponse): void;
  /** No final answer in 64 × T1: like a 408 (section 8.1.3.1). */
  timedOut(): void;
  /** It could not be sent: like a 503. */
  transportFailed(error: unknown): void;
  ended(): void;
}

export interface ClientTransaction {
  readonly key: string;
  /** As it was sent, with its Via. */
  readonly request: SipRequest;
  readonly hop: Hop;
  readonly state: 'calling' | 'trying' | 'proceeding' | 'completed' | 'accepted' | 'terminated';
  receive(response: SipResponse): void;
  /** Gives up at once and tells nobody. */
  terminate(): void;
}

/** Who serves a request. */
export interface ServerUser {
  /** The final answer was not acknowledged in 64 × T1, or could not be sent. */
  failed(error: unknown): void;
  /** The ACK of a final answer that is no 2xx. */
  acknowledged?(ack: SipRequest): void;
  ended(): void;
}

export interface ServerTransaction {
  readonly key: string;
  readonly request: SipRequest;
  readonly hop: Hop;
  readonly state: 'trying' | 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated';
  /** The newest answer; undefined before the first. */
  readonly answer: SipResponse | undefined;
  /** Whoever serves it, says so before it answers. */
  serve(user: ServerUser): void;
  /** False when there was a final answer already: a second one is never sent, but for 2xx of an INVITE, again. */
  respond(response: SipResponse): boolean;
  /** The request again, or its ACK. */
  receive(request: SipRequest): void;
  terminate(): void;
}
