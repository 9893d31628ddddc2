import type { Dialog } from '../dialogs/dialog.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import type { Hop } from '../transactions/hop.ts';
import type { CallSubscriptions } from './call-subscriptions.ts';
import { ClientInvite } from './client-invite.ts';
import type { AgentContext } from './context.ts';
import { endAfter } from './end-reasons.ts';
import type { CallParts } from './first-answers.ts';
import type { OutgoingRequest } from './request-sender.ts';
import type { EndReason, ResponseUser } from './session-events.ts';

export interface RequestsWithinCallParts extends Pick<CallParts, 'offers' | 'refresh' | 'way'> {
  readonly subscriptions: CallSubscriptions;
}

export interface RequestsWithinCallUser {
  isEnded(): boolean;
  /** A BYE was answered, however. */
  left(): void;
  /** After such an answer there is no call any more. */
  failed(reason: EndReason): void;
}

/** Requests that the application sends in the dialog of a call, and what comes of them. */
export class RequestsWithinCall {
  readonly #context: AgentContext;
  readonly #parts: RequestsWithinCallParts;
  readonly #user: RequestsWithinCallUser;
  /** The last offer of ours within the call. */
  #reinvite: OutgoingRequest | undefined;
  /** The newest INVITE of the call, which is the one to be acknowledged: the first one, or one of these. */
  invite: ClientInvite | undefined;

  constructor(context: AgentContext, parts: RequestsWithinCallParts, user: RequestsWithinCallUser) {
    this.#context = context;
    this.#parts = parts;
    this.#user = user;
  }

  send(dialog: Dialog, request: SipRequest, user: ResponseUser): OutgoingRequest {
    const { subscriptions, way } = this.#parts;
    let client: ClientInvite | undefined;
    subscriptions.sent(request);
    const outgoing = this.#context.send(request, way.to(dialog, request), {
      sent: (sent) => {
        if (request.method === 'INVITE') client = new ClientInvite(sent.request);
        if (client !== undefined) this.invite = client;
        user.sent(sent);
      },
      response: (response, hop) => this.#hear(dialog, { request, client }, response, hop, user),
      ended: () => user.ended?.(),
    });
    if (request.method === 'INVITE') this.#reinvite = outgoing;
    return outgoing;
  }

  /** Who said that it works on an offer, and hangs up, may never answer. */
  takeBackOffer(): void {
    this.#reinvite?.cancel();
  }

  #hear(
    dialog: Dialog,
    { request, client }: { readonly request: SipRequest; readonly client: ClientInvite | undefined },
    response: SipResponse,
    hop: Hop | undefined,
    user: ResponseUser,
  ): void {
    const { offers, refresh, subscriptions, way } = this.#parts;
    const { method } = request;
    const { status } = response;
    const success = status >= 200 && status < 300;
    if (success && client !== undefined) {
      // Again: for its ACK was lost, or is not there yet.
      if (client.isCopy(response) || client.answered) return;
      client.answered = true;
      if (this.#user.isEnded()) client.hangUp(this.#context, response, way);
    }
    if (status >= 200) offers.answered(method, request.body.length > 0);
    if (success && !this.#user.isEnded() && (method === 'INVITE' || method === 'UPDATE')) {
      dialog.refreshTarget(response.headers);
      refresh.accepted(response);
    }
    user.response(response, hop);
    subscriptions.answered(request, response);
    if (status < 200 || this.#user.isEnded()) return;
    const reason = dialog.state === 'confirmed' ? endAfter(method, status) : undefined;
    if (method === 'BYE') this.#user.left();
    else if (reason !== undefined) this.#user.failed(reason);
  }
}
