import type { SipHeaders } from '../messages/sip-headers.ts';

/** What an application says of an answer; the rest is of the request and of the agent. */
export interface ResponseDraft {
  readonly status: number;
  readonly reason?: string;
  readonly headers: SipHeaders;
  readonly body: Uint8Array;
}

/** What an application says of a request. */
export interface RequestDraft {
  readonly method: string;
  readonly headers: SipHeaders;
  readonly body: Uint8Array;
}

/** Written by the agent, whatever an application says (drachtio does the same). */
const ours: ReadonlySet<string> = new Set([
  'Via',
  'Route',
  'Record-Route',
  'RSeq',
  'Content-Length',
  'Max-Forwards',
  'From',
  'To',
  'Call-ID',
  'CSeq',
]);

/** Adds what an application may say: each of its values in place of ours. `but` are names that the caller deals with. */
export function addDraft(to: SipHeaders, draft: SipHeaders, but: readonly string[] = []): void {
  const seen = new Set<string>();
  for (const [name, value] of draft) {
    if (ours.has(name) || but.includes(name)) continue;
    if (!seen.has(name)) to.remove(name);
    seen.add(name);
    to.add(name, value);
  }
}

/** A body says what it is: SDP is told by its first line, anything else has to be named (undefined then). */
export function contentType(headers: SipHeaders, body: Uint8Array): string | undefined {
  const said = headers.get('Content-Type');
  if (said !== undefined || body.length === 0) return said;
  return Buffer.from(body.subarray(0, 4)).toString('latin1').startsWith('v=0') ? 'application/sdp' : undefined;
}

/** Whether a body is an offer or answer of media. */
export function isSdp(headers: SipHeaders, body: Uint8Array): boolean {
  return body.length > 0 && /^application\/sdp\b/i.test(contentType(headers, body) ?? '');
}
