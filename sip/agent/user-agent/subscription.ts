import type { Timer } from '../../../core/clock.ts';
import { Dialog } from '../dialogs/dialog.ts';
import { noBody, type SipRequest, type SipResponse } from '../messages/message.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import { parseDeltaSeconds } from '../messages/parse-session-expires.ts';
import { SipHeaders } from '../messages/sip-headers.ts';
import type { Hop } from '../transactions/hop.ts';
import { patience } from '../transactions/timing.ts';
import type { AgentContext } from './context.ts';
import type { RequestDraft, ResponseDraft } from './draft.ts';
import { buildInDialog, failHere, refuse, silent } from './in-dialog.ts';
import { makeAnswer } from './make-answer.ts';
import type { OutgoingRequest } from './request-sender.ts';
import { Session, type SessionUser } from './session.ts';
import type { EndReason, Incoming, ResponseUser } from './session-events.ts';
import { isWithoutSubscription, parseSubscriptionState, reasonOfLast, usualSeconds } from './subscription-state.ts';
import { type FirstWay, WayToPeer } from './way-to-peer.ts';

/**
 * The dialog of a SUBSCRIBE, or of a REFER outside of a call (RFC 6665, RFC 3515): who came is notified by us, who we asked notifies
 * us. It ends with the last NOTIFY, and without one when its time is over.
 */
export class Subscription extends Session {
  readonly #context: AgentContext;
  readonly #user: SessionUser;
  readonly #localTag: string;
  /** What it began with. */
  #request: SipRequest;
  readonly #way: WayToPeer;
  #first: Incoming | undefined;
  #dialog: Dialog | undefined;
  #timer: Timer | undefined;
  #seconds: number | undefined;
  #over = false;

  private constructor(
    context: AgentContext,
    user: SessionUser,
    about: {
      readonly role: 'uac' | 'uas';
      readonly request: SipRequest;
      readonly tag: string;
      readonly way?: FirstWay;
    },
  ) {
    const { role, request, tag, way } = about;
    const { headers } = request;
    super({ role, callId: headers.get('Call-ID') ?? '', inviterTag: tagOf(headers.get('From')) ?? '' });
    this.#context = context;
    this.#user = user;
    this.#request = request;
    this.#localTag = tag;
    this.#way = new WayToPeer(way);
  }

  static incoming(context: AgentContext, user: SessionUser, incoming: Incoming, toTag: string): Subscription {
    const { request, flow, transaction } = incoming;
    const subscription = new Subscription(context, user, { role: 'uas', request, tag: toTag });
    subscription.#first = incoming;
    subscription.#way.heard(request, flow);
    const ended = () => {
      if (subscription.#dialog === undefined) subscription.#close();
    };
    transaction.serve({ failed: () => {}, ended });
    return subscription;
  }

  static outgoing(
    context: AgentContext,
    user: SessionUser,
    request: SipRequest,
    way: FirstWay,
    responseUser: ResponseUser,
  ): Subscription {
    const tag = tagOf(request.headers.get('From')) ?? '';
    const subscription = new Subscription(context, user, { role: 'uac', request, tag, way });
    context.send(request, way.to, {
      sent: (sent) => {
        subscription.#request = sent.request;
        responseUser.sent(sent);
      },
      response: (response, hop) => {
        responseUser.response(response, hop);
        subscription.#hearFirst(response, hop);
      },
      ended: () => responseUser.ended?.(),
    });
    return subscription;
  }

  get dialog(): Dialog | undefined {
    return this.#dialog;
  }

  get state(): 'early' | 'confirmed' | 'over' {
    if (this.#over) return 'over';
    return this.#dialog === undefined ? 'early' : 'confirmed';
  }

  /**
   * A NOTIFY of what we subscribed to may come before the 2xx, and makes the dialog then (RFC 6665 section 4.1.2.4). Undefined for one
   * of another notifier: a subscription that forked has one here.
   */
  adopt(notify: SipRequest): Dialog | undefined {
    if (this.#dialog !== undefined || this.#over || this.role === 'uas') return undefined;
    return this.#begin(Dialog.asSubscriber(this.#request, notify));
  }

  receive(dialog: Dialog, incoming: Incoming): void {
    const { request, flow } = incoming;
    this.#way.heard(request, flow);
    if (!dialog.admits(request)) {
      refuse(this.#context, incoming, this.#localTag, 500, [['Retry-After', '1']]);
      return;
    }
    if (request.method === 'INVITE') {
      // A call has a dialog of its own here; any other refusal might end this one (RFC 5057 section 5.3).
      refuse(this.#context, incoming, this.#localTag, 603);
      return;
    }
    if (request.method === 'SUBSCRIBE' || request.method === 'NOTIFY') dialog.refreshTarget(request.headers);
    this.#user.request(incoming, this);
    if (request.method !== 'NOTIFY' || this.role === 'uas') return;
    const { state, seconds } = parseSubscriptionState(request.headers);
    if (state === 'terminated') this.#close();
    else this.#expectNotify(seconds ?? this.#seconds);
  }

  respond(incoming: Incoming, draft: ResponseDraft): SipResponse | undefined {
    const { request, transaction, flow } = incoming;
    const { method, headers } = request;
    const response = makeAnswer(this.#context, request, flow, draft, this.#localTag);
    const success = draft.status >= 200 && draft.status < 300;
    const subscribes = method === 'SUBSCRIBE' || (method === 'REFER' && incoming === this.#first);
    if (success && method === 'SUBSCRIBE' && !response.headers.has('Expires')) {
      // Who asks for longer gets what is usual (RFC 6665 section 4.2.1.1).
      const asked = parseDeltaSeconds(headers.get('Expires') ?? '') ?? usualSeconds(method);
      response.headers.add('Expires', String(Math.min(asked, usualSeconds(method))));
    }
    if (!transaction.respond(response)) return undefined;
    if (!subscribes || this.#over || draft.status < 200) return response;
    if (success) {
      if (this.#dialog === undefined) this.#begin(Dialog.asServer(request, response));
      if (isWithoutSubscription(response)) this.#close();
      else this.#grant(expiresOf(response) ?? usualSeconds(method));
    } else if (this.#dialog === undefined) {
      this.#close();
    }
    return response;
  }

  request(draft: RequestDraft, user: ResponseUser): OutgoingRequest | undefined {
    const dialog = this.#dialog;
    if (dialog === undefined || this.#over) return undefined;
    const request = buildInDialog(this.#context, dialog, this.#way.flow, draft);
    const { method, headers } = request;
    if (method === 'BYE' || method === 'INVITE') {
      failHere(request, 481, user);
      return undefined;
    }
    const event = this.#request.headers.get('Event') ?? (this.#request.method === 'REFER' ? 'refer' : undefined);
    if ((method === 'NOTIFY' || method === 'SUBSCRIBE') && event !== undefined && !headers.has('Event')) {
      headers.add('Event', event);
    }
    if (method === 'NOTIFY' && !headers.has('Subscription-State')) headers.add('Subscription-State', 'active');
    const last = method === 'NOTIFY' && parseSubscriptionState(headers).state === 'terminated';
    return this.#context.send(request, this.#way.to(dialog, request), {
      sent: (sent) => user.sent(sent),
      response: (response, hop) => {
        user.response(response, hop);
        this.#hear(method, last, response);
      },
      ended: () => user.ended?.(),
    });
  }

  /** Tells the other side, which may ask for it anew. */
  end(reason: EndReason): void {
    const dialog = this.#dialog;
    if (this.#over) return;
    if (dialog === undefined && this.#first !== undefined) {
      refuse(this.#context, this.#first, this.#localTag, 503);
    } else if (dialog !== undefined && this.role === 'uas') {
      this.#sayLast(dialog, reasonOfLast(reason));
    } else if (dialog !== undefined && this.#request.method === 'SUBSCRIBE') {
      const event = this.#request.headers.get('Event') ?? '';
      this.#say(dialog, 'SUBSCRIBE', [
        ['Event', event],
        ['Expires', '0'],
      ]);
    }
    this.#close();
  }

  #hearFirst(response: SipResponse, hop: Hop | undefined): void {
    const { status } = response;
    if (status < 200 || this.#over) return;
    if (status >= 300 || isWithoutSubscription(response)) {
      this.#close();
      return;
    }
    const notified = this.#dialog !== undefined;
    this.#seconds = expiresOf(response);
    if (notified) return;
    this.#way.answered(hop);
    this.#begin(Dialog.asClient(this.#request, response));
    // The first NOTIFY comes at once (timer N, RFC 6665 section 4.1.2).
    this.#after(patience(this.#context.timing), () => this.#close());
  }

  #hear(method: string, last: boolean, response: SipResponse): void {
    const { status } = response;
    if (status < 200 || this.#over) return;
    if (last || status === 481 || status === 408) this.#close();
    else if (method === 'SUBSCRIBE' && status < 300) {
      this.#seconds = expiresOf(response);
      this.#expectNotify(this.#seconds);
    }
  }

  /** As notifier: when its time is over, it is told so (section 4.2.1.4). To a fetch, and to the end, the application says it. */
  #grant(seconds: number): void {
    const ms = seconds === 0 ? patience(this.#context.timing) : seconds * 1_000;
    this.#after(ms, () => {
      if (this.#dialog !== undefined) this.#sayLast(this.#dialog, 'timeout');
      this.#close();
    });
  }

  /** As subscriber: without a refresh it is over, and its last NOTIFY may be lost (section 4.1.2.2). */
  #expectNotify(seconds = usualSeconds(this.#request.method)): void {
    this.#after(seconds * 1_000 + patience(this.#context.timing), () => this.#close());
  }

  #after(ms: number, then: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#over ? undefined : this.#context.clock.after(ms, then);
  }

  #sayLast(dialog: Dialog, reason: string): void {
    this.#say(dialog, 'NOTIFY', [
      ['Event', this.#request.headers.get('Event') ?? 'refer'],
      ['Subscription-State', `terminated;reason=${reason}`],
    ]);
  }

  #say(dialog: Dialog, method: string, fields: readonly (readonly [string, string])[]): void {
    const draft = { method, headers: SipHeaders.of(fields), body: noBody };
    const request = buildInDialog(this.#context, dialog, this.#way.flow, draft);
    this.#context.send(request, this.#way.to(dialog, request), silent);
  }

  #begin(dialog: Dialog): Dialog {
    this.#dialog = dialog;
    this.#user.dialogAdded(dialog, this);
    return dialog;
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.isEnded = true;
    this.#timer?.cancel();
    if (this.#dialog !== undefined) {
      this.#dialog.state = 'terminated';
      this.#user.dialogRemoved(this.#dialog, this);
    }
    this.#user.over(this);
  }
}

function expiresOf({ headers }: SipResponse): number | undefined {
  return parseDeltaSeconds(headers.get('Expires') ?? '');
}
