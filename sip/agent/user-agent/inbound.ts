import { keyOfRequest } from '../dialogs/dialog.ts';
import { isTooShort } from '../dialogs/session-timer.ts';
import { makeResponse } from '../messages/make-response.ts';
import type { SipMessage, SipRequest } from '../messages/message.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import type { Hop } from '../transactions/hop.ts';
import type { ServerTransaction } from '../transactions/transaction.ts';
import type { TransactionLayer } from '../transactions/transaction-layer.ts';
import type { Flow } from '../transports/flow.ts';
import type { ContactFlows } from './contact-flows.ts';
import { type AgentContext, needsDialog } from './context.ts';
import type { KnownDialog } from './dialog-table.ts';
import { nobody } from './in-dialog.ts';
import { InviteSession } from './invite-session.ts';
import type { Session } from './session.ts';
import type { Incoming } from './session-events.ts';
import type { Sessions } from './sessions.ts';
import { Subscription } from './subscription.ts';
import { createTag } from './tags.ts';
import type { UserAgentUser } from './user-agent-user.ts';

/** What a node that is being replaced takes no more. */
const drained: ReadonlySet<string> = new Set(['INVITE', 'OPTIONS', 'REGISTER', 'SUBSCRIBE']);
/** What begins a subscription (RFC 6665, RFC 3515). */
export const subscribing: ReadonlySet<string> = new Set(['SUBSCRIBE', 'REFER']);

export interface InboundParts {
  readonly user: UserAgentUser;
  readonly context: AgentContext;
  readonly sessions: Sessions;
  readonly contacts: Pick<ContactFlows, 'admits'>;
}

/** Requests that came, behind the gate: what they belong to, what they begin, and what they are refused with. */
export class Inbound {
  readonly #parts: InboundParts;
  /** INVITEs that came, for CANCEL: as long as their transactions are there. */
  readonly #invites = new WeakMap<
    ServerTransaction,
    { readonly incoming: Incoming; readonly session: InviteSession }
  >();
  /** Of the message that is being handled, which transactions pass on in the same turn. */
  #arriving: { readonly flow: Flow; readonly bytes: number } | undefined;
  draining = false;

  constructor(parts: InboundParts) {
    this.#parts = parts;
  }

  /** A message for the transactions, which hand on what is new of it: {@link begin}, {@link cancel}, {@link acknowledge}. */
  receive(transactions: TransactionLayer, message: SipMessage, hop: Hop, way: { flow: Flow; bytes: number }): void {
    this.#arriving = way;
    try {
      transactions.receive(message, hop);
    } finally {
      this.#arriving = undefined;
    }
  }

  begin(transaction: ServerTransaction): void {
    const { user, context, sessions, contacts } = this.#parts;
    const incoming = this.#incoming(transaction);
    const { request } = transaction;
    const known = sessions.of(request);
    if (known !== undefined) this.#receiveInDialog(known, incoming);
    else if (keyOfRequest(request) !== undefined || needsDialog.has(request.method)) refuse(transaction, 481);
    else if (this.draining && drained.has(request.method)) refuse(transaction, 503, [['Retry-After', '60']]);
    else if (!contacts.admits(request, incoming.flow)) refuse(transaction, 503, [['Retry-After', '60']]);
    else if (request.method === 'INVITE') this.#ring(incoming);
    else if (subscribing.has(request.method)) {
      this.#hand(incoming, Subscription.incoming(context, sessions.user, incoming, createTag()));
    } else {
      transaction.serve(nobody);
      user.request(incoming, undefined);
    }
  }

  cancel(transaction: ServerTransaction, target: ServerTransaction | undefined): void {
    transaction.serve(nobody);
    const known = target === undefined ? undefined : this.#invites.get(target);
    const status = target === undefined ? 481 : 200;
    const toTag = tagOf(target?.answer?.headers.get('To')) ?? createTag();
    transaction.respond(makeResponse(transaction.request, status, { toTag }));
    if (target === undefined || known === undefined || !known.session.receiveCancel(target)) return;
    this.#parts.user.canceled(transaction.request, known.incoming, known.session);
  }

  acknowledge(ack: SipRequest): void {
    const session = this.#parts.sessions.dialogs.of(ack)?.session;
    if (this.#arriving !== undefined && session instanceof InviteSession) session.receiveAck(ack, this.#arriving.flow);
  }

  #receiveInDialog({ dialog, session }: KnownDialog, incoming: Incoming): void {
    if (session instanceof InviteSession) this.#invites.set(incoming.transaction, { incoming, session });
    session.receive(dialog, incoming);
  }

  #ring(incoming: Incoming): void {
    const { context, sessions } = this.#parts;
    const { transaction, request } = incoming;
    if (isTooShort(request.headers, context.sessionTimer)) {
      refuse(transaction, 422, [['Min-SE', String(context.sessionTimer.least)]]);
      return;
    }
    const replaces = sessions.dialogs.refusalOf(request.headers);
    if (replaces !== undefined) {
      refuse(transaction, replaces);
      return;
    }
    const session = InviteSession.incoming(context, sessions.user, incoming, createTag());
    this.#invites.set(transaction, { incoming, session });
    this.#hand(incoming, session);
  }

  #hand(incoming: Incoming, session: Session): void {
    this.#parts.sessions.add(session);
    this.#parts.user.request(incoming, session);
  }

  #incoming(transaction: ServerTransaction): Incoming {
    if (this.#arriving === undefined) throw new Error('a request from nowhere');
    return { transaction, request: transaction.request, ...this.#arriving };
  }
}

function refuse(
  transaction: ServerTransaction,
  status: number,
  extra: readonly (readonly [string, string])[] = [],
): void {
  transaction.serve(nobody);
  const response = makeResponse(transaction.request, status, { toTag: createTag() });
  for (const [name, value] of extra) response.headers.add(name, value);
  transaction.respond(response);
}
