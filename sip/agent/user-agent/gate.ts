import { keyOfRequest } from '../dialogs/dialog.ts';
import { checkRequest } from '../messages/check-request.ts';
import type { MessageFault, SipMessage, SipRequest } from '../messages/message.ts';
import { serializeMessage } from '../messages/serialize-message.ts';
import type { Hop } from '../transactions/hop.ts';
import { makeStatelessResponse } from '../transactions/stateless-response.ts';
import type { Flow } from '../transports/flow.ts';
import { needsDialog, servedMethods, servedOptions } from './context.ts';
import type { Guard, Load } from './guard.ts';

/** What the gate asks of the agent behind it. */
export interface GateUser {
  /** A request that came before, or takes back what did. */
  knows(request: SipRequest): boolean;
  isInDialog(request: SipRequest): boolean;
  /** The NOTIFY that begins the dialog of a subscription of ours. */
  awaits(notify: SipRequest): boolean;
  load(): Load;
}

/** What every message that comes passes before anything is made of it: its form, and whether it may come. It counts them. */
export class Gate {
  readonly #guard: Guard;
  readonly #user: GateUser;
  readonly #messages = new Map<string, number>();
  readonly #faults = new Map<string, number>();
  readonly #dropped = new Map<string, number>();

  constructor(guard: Guard, user: GateUser) {
    this.#guard = guard;
    this.#user = user;
  }

  get counts() {
    return { messages: this.#messages, faults: this.#faults, dropped: this.#dropped };
  }

  sent(what: string): void {
    count(this.#messages, `out ${what}`);
  }

  dropped(what: string): void {
    count(this.#dropped, what);
  }

  /** False for a request that was refused or dropped here. */
  admits(message: SipMessage, hop: Hop, flow: Flow): boolean {
    // Others choose methods: those that are not served have one name together, or the counts would grow without bound.
    const method = message.kind === 'request' && !servedMethods.has(message.method) ? 'other' : undefined;
    count(this.#messages, `in ${method ?? (message.kind === 'request' ? message.method : message.status)}`);
    return message.kind === 'response' || this.#admits(message, hop, flow);
  }

  /** Bytes that were no message. */
  fault(fault: MessageFault, hop: Hop | undefined, flow: Flow): void {
    count(this.#faults, String(fault.answer?.status ?? 'unreadable'));
    this.#guard.offended(flow.remote);
    // Who is banned by now is not answered any more.
    if (!this.#guard.admits(flow.remote)) {
      flow.close();
      return;
    }
    if (fault.answer === undefined || hop === undefined) return;
    this.#answer(fault.answer.request, hop, fault.answer.status, { reason: fault.text });
  }

  #admits(request: SipRequest, hop: Hop, flow: Flow): boolean {
    const refusal = checkRequest(request, { methods: servedMethods, options: servedOptions });
    // What comes again, or takes back what was taken, is no new work: the answer stays the first one.
    if (refusal === undefined && this.#user.knows(request)) return true;
    const inDialog = this.#user.isInDialog(request);
    const judged = refusal ?? this.#guard.judge(request, flow.remote, inDialog, this.#user.load());
    if (judged === undefined) {
      if (inDialog || !this.#belongsToNothing(request)) return true;
      this.#answer(request, hop, 481, {});
      return false;
    }
    if (judged !== 'drop') {
      if (refusal !== undefined) {
        count(this.#faults, String(refusal.status));
        // To ask for what we do not have is no offence.
        if (refusal.status === 400) this.#guard.offended(flow.remote);
      }
      // An ACK is never answered.
      if (request.method !== 'ACK') {
        this.#answer(request, hop, judged.status, {
          ...(refusal && { reason: refusal.reason }),
          headers: judged.headers,
        });
      }
    }
    return false;
  }

  /** It is answered without a transaction: whoever makes up dialogs would have each of them kept for 32 s. */
  #belongsToNothing(request: SipRequest): boolean {
    const { method } = request;
    if (method === 'ACK' || (method === 'NOTIFY' && this.#user.awaits(request))) return false;
    return method === 'CANCEL' || needsDialog.has(method) || keyOfRequest(request) !== undefined;
  }

  #answer(
    request: SipRequest,
    hop: Hop,
    status: number,
    { reason, headers = [] }: { readonly reason?: string; readonly headers?: readonly (readonly [string, string])[] },
  ): void {
    const response = makeStatelessResponse(request, status, reason === undefined ? {} : { reason });
    for (const [name, value] of headers) response.headers.add(name, value);
    this.sent(String(status));
    hop.send(serializeMessage(response)).catch(() => {});
  }
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
