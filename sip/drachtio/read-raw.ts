import type { SipRequest, SipResponse } from '../agent/messages/message.ts';
import { parseMessage } from '../agent/messages/parse-message.ts';

// drachtio-srf joins fields of one name with commas, challenges too, and knows few compact forms: its messages are read again.

export function readRequest(raw: string): SipRequest | undefined {
  const message = parseMessage(Buffer.from(raw));
  return message.kind === 'request' ? message : undefined;
}

export function readResponse(raw: string): SipResponse | undefined {
  const message = parseMessage(Buffer.from(raw));
  return message.kind === 'response' ? message : undefined;
}

export function bodyText({ body }: { readonly body: Uint8Array }): string {
  return Buffer.from(body).toString('utf8');
}

/** Of a Reason header: what it says in words, or all of it (RFC 3326). */
export function reasonText(reason: string | undefined): string {
  return /text="((?:[^"\\]|\\.)*)"/.exec(reason ?? '')?.[1] ?? reason ?? '';
}
