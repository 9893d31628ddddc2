import type { Timer } from '../../../core/clock.ts';
import { AcceptedInvite } from '../dialogs/accepted-invite.ts';
import { ReliableProvisionals } from '../dialogs/reliable-provisionals.ts';
import type { SessionTerms } from '../dialogs/session-timer.ts';
import { makeResponse } from '../messages/make-response.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { hasOption } from '../messages/option-tags.ts';
import { parseCSeq, parseRAck } from '../messages/parse-cseq.ts';
import { parseDeltaSeconds } from '../messages/parse-session-expires.ts';
import { makeCancel } from '../transactions/make-cancel.ts';
import type { ServerTransaction } from '../transactions/transaction.ts';
import type { Flow } from '../transports/flow.ts';
import { agreeOnTimer } from './agree-on-timer.ts';
import type { AgentContext } from './context.ts';
import { isSdp, type ResponseDraft } from './draft.ts';
import { makeAnswer } from './make-answer.ts';

export interface ServerInviteUser {
  /** Sent: a provisional answer with a tag, or the 2xx. */
  answered(response: SipResponse, terms: SessionTerms | undefined): void;
  /** The agent itself refused it while it rang. `cancel` says so, as its caller would. `refused` follows. */
  refusedHere(response: SipResponse, cancel: SipRequest): void;
  /** Refused or canceled: nothing comes of it. */
  refused(): void;
  /** The ACK of the 2xx. */
  acknowledged(ack: SipRequest): void;
  /** The 2xx was never acknowledged. */
  unacknowledged(): void;
  /** A 2xx of the application waited for a PRACK, and was never sent. */
  dropped(): void;
}

/** An INVITE that came, the first one or one within a dialog, from its first answer to the ACK. */
export class ServerInvite {
  readonly transaction: ServerTransaction;
  readonly #context: AgentContext;
  readonly #flow: Flow;
  readonly #toTag: string;
  readonly #user: ServerInviteUser;
  readonly #reliable: ReliableProvisionals;
  readonly #cseq: number;
  /** Runs as long as its caller wants it to ring (RFC 3261 section 13.3.1). */
  readonly #expiry: Timer | undefined;
  #accepted: AcceptedInvite | undefined;
  /** A 2xx that waits for a PRACK. */
  #held: SipResponse | undefined;
  #final = false;
  #offerAnswered = false;

  constructor(
    context: AgentContext,
    transaction: ServerTransaction,
    flow: Flow,
    toTag: string,
    user: ServerInviteUser,
  ) {
    this.transaction = transaction;
    this.#context = context;
    this.#flow = flow;
    this.#toTag = toTag;
    this.#user = user;
    this.#cseq = parseCSeq(transaction.request.headers.get('CSeq') ?? '')?.number ?? 0;
    this.#reliable = new ReliableProvisionals(context, {
      send: (response) => void transaction.respond(response),
      unacknowledged: () => {
        if (this.#final) return;
        const held = this.#held !== undefined;
        if (held) this.respondWith(504);
        else this.refuse(504, noPrack);
        if (held) user.dropped();
      },
    });
    const seconds = parseDeltaSeconds(transaction.request.headers.get('Expires') ?? '');
    if (seconds !== undefined) {
      this.#expiry = context.clock.after(seconds * 1_000, () => {
        // What was accepted and waits for a PRACK, is no invitation any more.
        if (this.#held === undefined) this.refuse(487, expired);
      });
    }
    transaction.serve({
      // A refusal that was not acknowledged is over all the same.
      failed: () => {},
      ended: () => {
        if (!this.#final) this.#end();
      },
    });
  }

  /** No final answer was given yet. */
  get open(): boolean {
    return !this.#final;
  }

  /** The 2xx is sent, its ACK is not here. */
  get unacknowledged(): boolean {
    return this.#accepted !== undefined;
  }

  /** Its offer was answered by a reliable provisional answer, so that UPDATE may offer again (RFC 3311 section 5.1). */
  get offerAnswered(): boolean {
    return this.#offerAnswered && !this.#reliable.pending;
  }

  /** The whole answer as it goes out; undefined when there was a final one already, or too many wait for a PRACK. */
  respond(draft: ResponseDraft): SipResponse | undefined {
    if (this.#final || this.#held !== undefined) return undefined;
    const { request } = this.transaction;
    const response = makeAnswer(this.#context, request, this.#flow, draft, this.#toTag);
    if (response.status < 200) return this.#provisional(response, draft) ? response : undefined;
    if (response.status < 300 && this.#reliable.pending) this.#held = response;
    else this.#finish(response);
    return response;
  }

  /** An answer with nothing but what each has. */
  respondWith(status: number): void {
    if (this.#final) return;
    this.#finish(makeResponse(this.transaction.request, status, { toTag: this.#toTag }));
  }

  /** By the agent itself. `reason` for whoever lets it ring (RFC 3326). */
  refuse(status: number, reason: string): void {
    if (this.#final) return;
    const { request } = this.transaction;
    const response = makeResponse(request, status, { toTag: this.#toTag });
    this.#finish(response, () => this.#user.refusedHere(response, makeCancel(request, [['Reason', reason]])));
  }

  /** False for a PRACK that means nothing of it. */
  acknowledgeProvisional(prack: SipRequest): boolean {
    const rack = parseRAck(prack.headers.get('RAck') ?? '');
    if (rack === undefined || !this.#reliable.acknowledge(rack, { number: this.#cseq })) return false;
    const held = this.#held;
    if (held !== undefined && !this.#reliable.pending) {
      this.#held = undefined;
      this.#finish(held);
    }
    return true;
  }

  /** False for the ACK of another INVITE. A copy of one that was here is absorbed. */
  acknowledge(ack: SipRequest): boolean {
    if (parseCSeq(ack.headers.get('CSeq') ?? '')?.number !== this.#cseq) return false;
    const accepted = this.#accepted;
    this.#accepted = undefined;
    accepted?.stop();
    if (accepted !== undefined) this.#user.acknowledged(ack);
    return true;
  }

  /** The call is over: nothing is sent again. */
  stop(): void {
    this.#accepted?.stop();
    this.#accepted = undefined;
    this.#reliable.stop();
    this.#expiry?.cancel();
  }

  #provisional(response: SipResponse, draft: ResponseDraft): boolean {
    const { headers } = this.transaction.request;
    const required = hasOption(headers, 'Require', '100rel');
    const understands = required || hasOption(headers, 'Supported', '100rel');
    const asked = hasOption(draft.headers, 'Require', '100rel');
    const reliable = response.status > 100 && understands && (asked || required);
    // Whoever does not understand it would refuse what requires it (RFC 3262 section 3).
    if (!reliable) response.headers.remove('Require');
    if (!reliable) this.transaction.respond(response);
    else if (!this.#reliable.send(response)) return false;
    else if (isSdp(response.headers, response.body)) this.#offerAnswered = true;
    if (response.status > 100) this.#user.answered(response, undefined);
    return true;
  }

  #finish(response: SipResponse, tell?: () => void): void {
    this.#final = true;
    this.#reliable.stop();
    this.#expiry?.cancel();
    const success = response.status < 300;
    const terms = success ? agreeOnTimer(this.transaction.request, response, this.#context.sessionTimer) : undefined;
    this.transaction.respond(response);
    if (!success) {
      tell?.();
      this.#user.refused();
      return;
    }
    const { clock, timing } = this.#context;
    this.#accepted = new AcceptedInvite(
      { response, cseq: this.#cseq, clock, timing },
      {
        sendAgain: () => void this.transaction.respond(response),
        unacknowledged: () => {
          this.#accepted = undefined;
          this.#user.unacknowledged();
        },
      },
    );
    this.#user.answered(response, terms);
  }

  #end(): void {
    this.#final = true;
    this.#expiry?.cancel();
    this.#reliable.stop();
    this.#user.refused();
  }
}

const noPrack = 'SIP ;cause=504 ;text="Provisional answer not acknowledged"';
const expired = 'SIP ;cause=487 ;text="Invitation expired"';
