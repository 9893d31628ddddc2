import type { Dialog } from '../dialogs/dialog.ts';
import { noBody, type SipRequest } from '../messages/message.ts';
import { SipHeaders } from '../messages/sip-headers.ts';
import type { Flow } from '../transports/flow.ts';
import type { ClientInvite } from './client-invite.ts';
import { type AgentContext, allow } from './context.ts';
import { addDraft, contentType, type RequestDraft } from './draft.ts';
import { localResponse } from './local-response.ts';
import { makeAnswer } from './make-answer.ts';
import type { Incoming, ResponseUser } from './session-events.ts';

/** Whose Contact tells where we are from now on (RFC 3261 section 12.2, RFC 3311, RFC 6665 section 4.1.2.1). */
const refreshing: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'REFER', 'SUBSCRIBE', 'NOTIFY']);

/** A whole request within a dialog but for its Via. `flow`: the way that the other side is heard on. */
export function buildInDialog(
  context: AgentContext,
  dialog: Dialog,
  flow: Flow | undefined,
  { method, headers, body }: RequestDraft,
): SipRequest {
  const request = dialog.makeRequest(method);
  if (context.product !== '') request.headers.add('User-Agent', context.product);
  if (refreshing.has(method)) request.headers.add('Contact', context.contact(flow));
  if (method === 'INVITE' || method === 'UPDATE') {
    request.headers.add('Allow', allow);
    request.headers.add('Supported', 'timer');
  }
  addDraft(request.headers, headers);
  const type = contentType(headers, body);
  if (type !== undefined) request.headers.set('Content-Type', type);
  return { ...request, body };
}

/** The ACK of a 2xx but for its Via; it has the number of its INVITE, and its credentials. */
export function buildAck(
  dialog: Dialog,
  { cseq, credentials }: Pick<ClientInvite, 'cseq' | 'credentials'>,
  { headers, body }: Pick<RequestDraft, 'headers' | 'body'>,
): SipRequest {
  const ack = dialog.makeRequest('ACK', cseq);
  for (const [name, value] of credentials) ack.headers.add(name, value);
  addDraft(ack.headers, headers);
  const type = contentType(headers, body);
  if (type !== undefined) ack.headers.set('Content-Type', type);
  return { ...ack, body };
}

/** The agent's own answer. */
export function refuse(
  context: AgentContext,
  { transaction, request, flow }: Incoming,
  toTag: string,
  status: number,
  extra: readonly (readonly [string, string])[] = [],
): void {
  transaction.serve(nobody);
  const draft = { status, headers: SipHeaders.of(extra), body: noBody };
  transaction.respond(makeAnswer(context, request, flow, draft, toTag));
}

/** A request of the application that never leaves. */
export function failHere(request: SipRequest, status: number, user: ResponseUser): void {
  user.sent({ request, hop: undefined });
  user.response(localResponse(request, status), undefined);
  user.ended?.();
}

/** Serves a transaction whose end interests nobody. */
export const nobody = { failed: () => {}, ended: () => {} };

/** Of a request whose answers interest nobody. */
export const silent = { sent: () => {}, response: () => {}, ended: () => {} };
