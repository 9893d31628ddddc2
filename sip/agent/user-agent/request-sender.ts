import type { Clock, Timer } from '../../../core/clock.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import { parseDeltaSeconds } from '../messages/parse-session-expires.ts';
import type { Hop } from '../transactions/hop.ts';
import { makeCancel } from '../transactions/make-cancel.ts';
import { patience, type Timing } from '../transactions/timing.ts';
import type { ClientTransaction } from '../transactions/transaction.ts';
import type { TransactionLayer } from '../transactions/transaction-layer.ts';
import type { Flow } from '../transports/flow.ts';
import { TransportError, type TransportFault } from '../transports/transport-error.ts';
import type { Target } from '../transports/transports.ts';
import { localResponse } from './local-response.ts';
import type { Ways } from './ways.ts';

/** A request as it went out; without a hop it never did, and why is in its answer. */
export interface SentRequest {
  readonly request: SipRequest;
  readonly hop: Hop | undefined;
}

export interface SenderUser {
  /** Before any answer. Again for each further target. */
  sent(sent: SentRequest): void;
  /** From the network, or made here when it cannot be had: 408 and 503 (section 8.1.3.1), 416, 487. Then `hop` is undefined. */
  response(response: SipResponse, hop: Hop | undefined): void;
  /** Nothing comes any more. */
  ended(): void;
}

export interface SenderContext {
  readonly clock: Clock;
  readonly timing: Timing;
  readonly ways: Ways;
  readonly transactions: TransactionLayer;
  /** Writes what depends on the way: Contact, and who we are towards there. */
  prepare(request: SipRequest, hop: Hop): SipRequest;
}

/** `full`: of transactions, which is no fault of a target. */
type Outcome =
  | 'done'
  | 'timedOut'
  | 'givenUp'
  | 'full'
  | { readonly failed: unknown }
  | { readonly refused: SipResponse };

/** One request to one other side, over as many of its addresses as it takes (RFC 3263 section 4.3). */
export class OutgoingRequest {
  readonly #context: SenderContext;
  readonly #request: SipRequest;
  readonly #user: SenderUser;
  #transaction: ClientTransaction | undefined;
  #provisional = false;
  #final = false;
  #canceled: Iterable<readonly [string, string]> | undefined;
  #open = 0;
  #running = true;
  #ended = false;
  /** Runs from the CANCEL until a final answer. */
  #patience: Timer | undefined;
  /** Runs as long as an INVITE says that it holds (RFC 3261 section 13.2.1), within a call for so long from the first provisional answer. */
  #expiry: Timer | undefined;

  /** `to`: an open flow, or the URI of the next hop. Nothing is thrown: what fails is an answer. */
  constructor(context: SenderContext, request: SipRequest, to: Flow | string, user: SenderUser) {
    this.#context = context;
    this.#request = request;
    this.#user = user;
    const seconds = request.method === 'INVITE' ? parseDeltaSeconds(request.headers.get('Expires') ?? '') : undefined;
    if (seconds !== undefined) this.#expiry = context.clock.after(seconds * 1_000, () => void this.cancel(expired));
    // Nobody is told of anything before whoever made it has it.
    Promise.resolve()
      .then(() => this.#run(to))
      // A bug of a listener would leave the caller without an answer.
      .catch(() => this.#answer(500))
      .finally(() => {
        this.#running = false;
        this.#endWhenDone();
      });
  }

  /** The transaction under way, whose request CANCEL repeats. */
  get transaction(): ClientTransaction | undefined {
    return this.#transaction;
  }

  /**
   * Takes the INVITE back (section 9.1): now, at the first provisional answer, or before it was sent. What comes is an answer as
   * any: 487, or 2xx when they crossed. The CANCEL as it goes out; undefined before there is anything to take back, and after.
   */
  cancel(extra: Iterable<readonly [string, string]> = []): SipRequest | undefined {
    if (this.#final || this.#canceled !== undefined) return undefined;
    this.#canceled = extra;
    if (this.#provisional) this.#sendCancel(extra);
    return this.#transaction && makeCancel(this.#transaction.request, extra);
  }

  async #run(to: Flow | string): Promise<void> {
    if (typeof to !== 'string') {
      // What was reached over it can be reached no other way (RFC 5626 section 5.3).
      if (!to.open) this.#answer(430);
      else if (this.#canceled !== undefined) this.#answer(487);
      else this.#settle(await this.#attempt(to), undefined);
      return;
    }
    const found = await this.#context.ways.find(to);
    if ('because' in found) return this.#answer(found.status, found.because);
    for (const [at, target] of found.entries()) {
      if (this.#canceled !== undefined) return this.#answer(487);
      const outcome = await this.#reach(target);
      const last = at === found.length - 1;
      if (this.#settle(outcome, target, last)) return;
    }
  }

  async #reach(target: Target): Promise<Outcome> {
    let hop: Hop;
    try {
      hop = await this.#context.ways.hopTo(target, this.#request);
    } catch (failed) {
      return { failed };
    }
    // Taken back while a connection was made.
    if (this.#canceled !== undefined) return 'givenUp';
    return this.#attempt(hop);
  }

  #attempt(hop: Hop): Promise<Outcome> {
    return new Promise((resolve) => {
      const { transactions, prepare } = this.#context;
      if (transactions.full) return resolve('full');
      this.#open += 1;
      this.#transaction = transactions.send(prepare(this.#request, hop), hop, {
        response: (response) => {
          // A 503 may be of this one server only: the next target is tried before anybody hears of it.
          if (response.status === 503) resolve({ refused: response });
          else this.#hear(response, hop, resolve);
        },
        timedOut: () => resolve('timedOut'),
        transportFailed: (failed) => resolve({ failed }),
        ended: () => {
          this.#open -= 1;
          // Without an answer it was given up here.
          resolve('givenUp');
          this.#endWhenDone();
        },
      });
      this.#user.sent({ request: this.#transaction.request, hop });
    });
  }

  #hear(response: SipResponse, hop: Hop, resolve: (outcome: Outcome) => void): void {
    if (response.status < 200) {
      const first = !this.#provisional;
      this.#provisional = true;
      if (first && this.#canceled !== undefined) this.#sendCancel(this.#canceled);
      else if (first) this.#expectAnswer();
    } else {
      this.#finish();
      resolve('done');
    }
    this.#user.response(response, hop);
  }

  /** Within a call nobody is rung: whoever says that it works on an offer has no reason to do so for long. */
  #expectAnswer(): void {
    const { clock, timing } = this.#context;
    const { method, headers } = this.#request;
    if (method !== 'INVITE' || tagOf(headers.get('To')) === undefined) return;
    this.#expiry ??= clock.after(patience(timing), () => void this.cancel(unanswered));
  }

  /** Whether that was all; otherwise the next target is tried. */
  #settle(outcome: Outcome, target: Target | undefined, last = true): boolean {
    const { dead } = this.#context.ways;
    if (outcome === 'done') {
      if (target !== undefined) dead.revive(target);
      return true;
    }
    if (outcome === 'givenUp' || outcome === 'full') {
      this.#answer(this.#canceled === undefined ? 503 : 487);
      return true;
    }
    const { refused, failed } = toObject(outcome);
    if (target !== undefined) {
      const seconds = parseDeltaSeconds(refused?.headers.get('Retry-After') ?? '');
      if (seconds === undefined) dead.mark(target);
      else dead.mark(target, Math.min(seconds, 3_600) * 1_000);
    }
    // Who rang already is not left for another one.
    if (!last && !this.#provisional && this.#canceled === undefined) return false;
    if (refused !== undefined) {
      this.#finish();
      this.#user.response(refused, this.#transaction?.hop);
    } else {
      const isLate = outcome === 'timedOut';
      this.#answer(isLate ? 408 : 503, isLate ? 'it does not answer' : wordsFor(failed));
    }
    return true;
  }

  #answer(status: number, cause?: string): void {
    if (this.#final) return;
    this.#finish();
    if (this.#transaction === undefined) this.#user.sent({ request: this.#request, hop: undefined });
    this.#user.response(localResponse(this.#transaction?.request ?? this.#request, status, cause), undefined);
  }

  #sendCancel(extra: Iterable<readonly [string, string]>): void {
    const { transactions, clock, timing } = this.#context;
    if (this.#transaction === undefined || this.#final) return;
    const invite = this.#transaction;
    // Who does not answer by then never will: some forget the INVITE at its CANCEL (section 9.1).
    this.#patience = clock.after(patience(timing), () => {
      this.#answer(487);
      invite.terminate();
    });
    this.#open += 1;
    transactions.cancel(
      invite,
      {
        response: () => {},
        timedOut: () => {},
        transportFailed: () => {},
        ended: () => {
          this.#open -= 1;
          this.#endWhenDone();
        },
      },
      extra,
    );
  }

  #finish(): void {
    this.#final = true;
    this.#patience?.cancel();
    this.#expiry?.cancel();
  }

  #endWhenDone(): void {
    if (this.#running || this.#open > 0 || this.#ended) return;
    this.#ended = true;
    this.#patience?.cancel();
    this.#user.ended();
  }
}

const unanswered = [['Reason', 'SIP ;cause=408 ;text="Offer not answered"']] as const;
const expired = [['Reason', 'SIP ;cause=487 ;text="Invitation expired"']] as const;

const faults: Readonly<Record<TransportFault, string>> = {
  REFUSED: 'nobody listens there',
  TIMEOUT: 'no connection comes about in time',
  UNREACHABLE: 'no way leads to its address',
  TLS: 'TLS fails, as for its certificate',
  NO_TRANSPORT: 'sip.listen has no socket for its transport',
  TOO_LARGE: 'the request is too long for a datagram',
  QUEUE_FULL: 'too much waits to be sent there',
  CLOSED: 'the connection was closed',
};

function wordsFor(failed: unknown): string {
  return faults[failed instanceof TransportError ? failed.code : 'CLOSED'];
}

function toObject(outcome: Outcome): { readonly refused?: SipResponse; readonly failed?: unknown } {
  return typeof outcome === 'object' ? outcome : {};
}
