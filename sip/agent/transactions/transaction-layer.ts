import type { Clock } from '../../../core/clock.ts';
import type { SipMessage, SipRequest, SipResponse } from '../messages/message.ts';
import { formatVia } from '../messages/parse-via.ts';
import { serializeMessage } from '../messages/serialize-message.ts';
import type { Hop } from './hop.ts';
import { InviteClientTransaction } from './invite-client.ts';
import { InviteServerTransaction } from './invite-server.ts';
import { clientKey, createBranch, isSuccess, mergeKey, serverKey } from './keys.ts';
import { makeCancel } from './make-cancel.ts';
import { NonInviteClientTransaction } from './non-invite-client.ts';
import { NonInviteServerTransaction } from './non-invite-server.ts';
import { makeStatelessResponse } from './stateless-response.ts';
import { defaultTiming, type Timing } from './timing.ts';
import type { ClientTransaction, ClientUser, ServerTransaction, TransactionContext } from './transaction.ts';

/** Who gets what is no part of a transaction that is there: the core of RFC 3261 section 5. */
export interface TransactionUser {
  /** A new request but ACK and CANCEL. */
  request(transaction: ServerTransaction): void;
  /** `target` is what it means; undefined when there is none, which is 481. */
  cancel(transaction: ServerTransaction, target: ServerTransaction | undefined): void;
  /** The ACK of a 2xx, which is no part of a transaction. */
  ack(request: SipRequest, hop: Hop): void;
  /** A 2xx of an INVITE whose transaction has ended: another fork, late. */
  strayResponse(response: SipResponse, hop: Hop): void;
  /** A response leaves, which is no copy of one that did. */
  answered?(status: number): void;
}

export interface TransactionOptions {
  readonly clock: Clock;
  readonly user: TransactionUser;
  readonly timing?: Timing;
  /** Both kinds together. Beyond it requests are answered 503, and {@link TransactionLayer.send} throws. */
  readonly most?: number;
  /** Whether connections of this side are pinged, which requests over them say then. */
  readonly pings?: boolean;
}

export interface TransactionStats {
  readonly clients: number;
  readonly servers: number;
  /** By method, or by status of the response, since the start. */
  readonly retransmissions: ReadonlyMap<string, number>;
  /** Requests that were refused since there were too many transactions. */
  readonly refused: number;
  /** Responses that belong to nothing. */
  readonly strayResponses: number;
  /** Requests that came here twice, on two ways. */
  readonly merged: number;
}

/** What begins or renews a dialog or a registration (RFC 6223 sections 4.2 and 4.3). */
const keeping: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REGISTER']);

/** RFC 3261 section 17: finds what a message belongs to, and makes what it begins. */
export class TransactionLayer {
  readonly #user: TransactionUser;
  readonly #most: number;
  readonly #pings: boolean;
  readonly #context: TransactionContext;
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #servers = new Map<string, ServerTransaction>();
  /** Requests that came on one way, and may come on others. */
  readonly #first = new Set<string>();
  readonly #retransmissions = new Map<string, number>();
  #refused = 0;
  #strayResponses = 0;
  #merged = 0;

  constructor({ clock, user, timing = defaultTiming, most = 100_000, pings = false }: TransactionOptions) {
    this.#user = user;
    this.#most = most;
    this.#pings = pings;
    const retransmitted = (what: string) => {
      this.#retransmissions.set(what, (this.#retransmissions.get(what) ?? 0) + 1);
    };
    this.#context = { clock, timing, retransmitted, answered: (status) => user.answered?.(status) };
  }

  /**
   * Sends a request with a Via of its own on top.
   * @throws {RangeError} with too many transactions.
   */
  send(request: SipRequest, hop: Hop, user: ClientUser): ClientTransaction {
    if (this.#size >= this.#most) throw new RangeError('too many transactions');
    const parameters = new Map([
      ['branch', createBranch()],
      ['rport', ''],
    ]);
    const headers = request.headers.copy();
    // Whether the other side answers pings there (RFC 6223 section 4.1).
    if (this.#pings && hop.ours && keeping.has(request.method)) parameters.set('keep', '');
    headers.prepend('Via', formatVia({ transport: hop.transport, ...hop.sentBy, parameters }));
    return this.#begin({ ...request, headers }, hop, user);
  }

  /** Takes back a request that had a provisional answer; before one it must not be sent (section 9.1). */
  cancel(invite: ClientTransaction, user: ClientUser, extra?: Iterable<readonly [string, string]>): ClientTransaction {
    return this.#begin(makeCancel(invite.request, extra), invite.hop, user);
  }

  receive(message: SipMessage, hop: Hop): void {
    if (message.kind === 'response') this.#receiveResponse(message, hop);
    else if (message.method === 'ACK') this.#receiveAck(message, hop);
    else this.#receiveRequest(message, hop);
  }

  /** Whether a request comes again, or is the ACK or CANCEL of one that is there. */
  knows(request: SipRequest): boolean {
    const isOfInvite = request.method === 'ACK' || request.method === 'CANCEL';
    const key = isOfInvite ? serverKey(request, 'INVITE') : serverKey(request);
    return key !== undefined && this.#servers.has(key);
  }

  get servers(): number {
    return this.#servers.size;
  }

  get stats(): TransactionStats {
    return {
      clients: this.#clients.size,
      servers: this.#servers.size,
      retransmissions: this.#retransmissions,
      refused: this.#refused,
      strayResponses: this.#strayResponses,
      merged: this.#merged,
    };
  }

  /** Ends all, and tells their users that they ended. */
  close(): void {
    for (const transaction of [...this.#clients.values(), ...this.#servers.values()]) transaction.terminate();
  }

  /** {@link send} would throw. */
  get full(): boolean {
    return this.#size >= this.#most;
  }

  get #size(): number {
    return this.#clients.size + this.#servers.size;
  }

  #begin(request: SipRequest, hop: Hop, user: ClientUser): ClientTransaction {
    const key = clientKey(request) ?? '';
    const watched: ClientUser = {
      response: (response) => user.response(response),
      timedOut: () => user.timedOut(),
      transportFailed: (error) => user.transportFailed(error),
      ended: () => {
        this.#clients.delete(key);
        user.ended();
      },
    };
    const Transaction = request.method === 'INVITE' ? InviteClientTransaction : NonInviteClientTransaction;
    const transaction = new Transaction(key, request, hop, watched, this.#context);
    this.#clients.set(key, transaction);
    return transaction;
  }

  #receiveResponse(response: SipResponse, hop: Hop): void {
    // One that is to go further is not for us (section 8.1.3.3).
    const key = response.headers.count('Via') > 1 ? undefined : clientKey(response);
    const transaction = key === undefined ? undefined : this.#clients.get(key);
    if (transaction !== undefined) {
      transaction.receive(response);
      return;
    }
    this.#strayResponses += 1;
    if (key?.endsWith(' INVITE') && isSuccess(response)) this.#user.strayResponse(response, hop);
  }

  #receiveAck(ack: SipRequest, hop: Hop): void {
    const transaction = this.#servers.get(serverKey(ack, 'INVITE') ?? '');
    // In the state Accepted it is for whoever sent the 2xx (RFC 6026 section 7.1).
    if (transaction === undefined || transaction.state === 'accepted') this.#user.ack(ack, hop);
    else transaction.receive(ack);
  }

  #receiveRequest(request: SipRequest, hop: Hop): void {
    const key = serverKey(request);
    // Without a Via that can be read there is nowhere to answer to.
    if (key === undefined) return;
    const there = this.#servers.get(key);
    const merge = mergeKey(request);
    if (there !== undefined) {
      there.receive(request);
    } else if (this.#size >= this.#most) {
      this.#refused += 1;
      this.#answerStateless(request, hop, 503, [['Retry-After', '10']]);
    } else if (merge !== undefined && this.#first.has(merge)) {
      this.#merged += 1;
      this.#answerStateless(request, hop, 482);
    } else {
      const transaction = this.#serve(key, merge, request, hop);
      // Of what it cancels it has the branch, so that it is found as if it were that request (section 9.2).
      if (request.method !== 'CANCEL') this.#user.request(transaction);
      else this.#user.cancel(transaction, this.#servers.get(serverKey(request, 'INVITE') ?? ''));
    }
  }

  #serve(key: string, merge: string | undefined, request: SipRequest, hop: Hop): ServerTransaction {
    const Transaction = request.method === 'INVITE' ? InviteServerTransaction : NonInviteServerTransaction;
    const transaction = new Transaction(key, request, hop, this.#context, () => {
      this.#servers.delete(key);
      if (merge !== undefined) this.#first.delete(merge);
    });
    this.#servers.set(key, transaction);
    if (merge !== undefined) this.#first.add(merge);
    return transaction;
  }

  #answerStateless(request: SipRequest, hop: Hop, status: number, extra: readonly [string, string][] = []): void {
    const response = makeStatelessResponse(request, status);
    for (const [name, value] of extra) response.headers.add(name, value);
    this.#context.answered(status);
    hop.send(serializeMessage(response)).catch(() => {});
  }
}
