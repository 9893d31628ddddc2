import type { SipHeaders } from './sip-headers.ts';

/** RFC 3261 section 7.1. */
export interface SipRequest {
  readonly kind: 'request';
  /** Upper case or not, as it came: methods are case-sensitive. */
  readonly method: string;
  /** The Request-URI as it is written; `parse-uri.ts` reads it. */
  readonly uri: string;
  readonly headers: SipHeaders;
  readonly body: Uint8Array;
}

/** RFC 3261 section 7.2. */
export interface SipResponse {
  readonly kind: 'response';
  /** 100 to 699. */
  readonly status: number;
  readonly reason: string;
  readonly headers: SipHeaders;
  readonly body: Uint8Array;
}

export type SipMessage = SipRequest | SipResponse;

export const noBody: Uint8Array = new Uint8Array(0);

/**
 * Bytes that are no message, or a request that has to be refused before anything looks at it.
 * `answer` is there when enough of a request was read to answer it (RFC 3261 section 8.2.6: Via, From, To, Call-ID, CSeq);
 * without it there is nothing to do but to drop the bytes.
 */
export interface MessageFault {
  readonly kind: 'fault';
  /** What was wrong, in words that hold nothing of the message: for the log and the reason phrase. */
  readonly text: string;
  readonly answer?: { readonly status: 400 | 413 | 414 | 505; readonly request: SipRequest };
}
