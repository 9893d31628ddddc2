// Port: one subprotocol of /ws. All of them carry the same calls, answers and events.

import type { AppError } from '../../core/errors.ts';
import type { EventCodec, Frame } from '../../core/event-message.ts';
import type { ProtocolName } from './gateway-stats.ts';

/** Chosen by the client; what it is, is the subprotocol's business. */
export type CallId = string | number;

/** What a client's message says. */
export type ClientMessage =
  | { readonly kind: 'call'; readonly id: CallId; readonly method: string; readonly params: unknown }
  /** Wants no answer. No method of the contract makes sense like that, so nothing is done. */
  | { readonly kind: 'notification' }
  /** `answer` says what is wrong. */
  | { readonly kind: 'malformed'; readonly answer: Frame };

export interface RpcCodec extends EventCodec {
  readonly protocol: ProtocolName;
  readonly isBinary: boolean;
  /** As the client offers it. */
  readonly subprotocol: string;
  /** Never throws, whatever the bytes are. */
  decode(data: ArrayBuffer, isBinary: boolean): ClientMessage;
  /** @throws {Error} when the result is not what the contract says. */
  encodeResult(id: CallId, method: string, result: object): Frame;
  encodeError(id: CallId, error: AppError): Frame;
  /** An error that belongs to no call. */
  encodeProblem(error: AppError): Frame;
}

/** Names of methods are short; a longer one is not repeated in errors and logs. */
export const maxMethodLength = 64;
