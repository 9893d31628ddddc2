import type { Clock } from '../../core/clock.ts';
import type { SipRequest } from '../agent/messages/message.ts';
import { tagOf } from '../agent/messages/parse-name-addr.ts';
import { readRequest } from './read-raw.ts';
import { SipFailure } from './sip-failure.ts';
import { closeSrf, createSrf, type SrfApp, type SrfRequest, type SrfResponse } from './srf.ts';
import { TlsRelay } from './tls-relay.ts';
import { type OutgoingRequest, type TransactHooks, type Transaction, transact, type Waiting } from './transact.ts';

export interface LinkOptions {
  /** Of the embedded agent, or of a drachtio-server. */
  readonly host: string;
  readonly port: number;
  /** By TLS, each time that it connects. `ca`: PEM of who signs the server; without one: whom the system trusts. */
  readonly tls?: { readonly ca?: string };
  readonly clock: Clock;
  readonly secret: string;
  /** Requests outside of calls that are wanted: `invite`, `register`, … */
  readonly verbs: readonly string[];
}

export type Receive = (message: SipRequest, request: SrfRequest, response: SrfResponse) => void;

export interface LinkUser {
  /** A request outside of any call that is known here. */
  readonly request: Receive;
  /** Every call is over, what waited has failed. It is tried to connect again. */
  readonly lost: () => void;
  /** TLS does not come about again. */
  readonly unreachable: (failure: SipFailure) => void;
}

interface Listener {
  readonly receive: Receive;
  readonly lost: () => void;
}

/** Calls that ring here and that nobody answers: of more, the oldest is not told how it ends. */
const mostRinging = 20_000;

/** The connection to the agent, and whose call a request belongs to. */
export class Link {
  readonly #srf: SrfApp;
  readonly #user: LinkUser;
  readonly #waiting: Waiting = new Set();
  /** As many as the agent has calls. */
  readonly #dialogs = new Map<string, Listener>();
  /** Calls that came and are not answered, which have no id yet. */
  readonly #ringing = new Map<string, Listener>();
  #relay: TlsRelay | undefined;
  #connected = false;
  #closed = false;
  /** It was connected once. */
  #opened = false;

  /** @throws {SipFailure} DISCONNECTED when it does not get in. */
  static async connect(options: LinkOptions, user: LinkUser): Promise<Link> {
    const link = new Link(options, user);
    try {
      await link.#open(options);
    } catch (error) {
      await link.close();
      throw error;
    }
    return link;
  }

  private constructor({ verbs }: LinkOptions, user: LinkUser) {
    this.#srf = createSrf();
    this.#user = user;
    this.#srf.use((request, response) => this.#receive(request, response));
    // Those that a drachtio server is asked for; all of them have come to the one before.
    for (const verb of verbs) this.#srf.use(verb.toLowerCase(), (_request, _response, next) => next());
    this.#srf.on('error', () => {});
    this.#srf.on('close', () => this.#lose());
  }

  get size(): { readonly calls: number; readonly waiting: number } {
    return { calls: this.#dialogs.size, waiting: this.#waiting.size };
  }

  transact(request: OutgoingRequest, hooks: TransactHooks = {}): Transaction {
    return transact(this.#srf, this.#waiting, request, hooks);
  }

  /** Settles as `promise` does, or fails when the connection is lost before. */
  async orLost<Value>(promise: Promise<Value>): Promise<Value> {
    let fail: (failure: SipFailure) => void = () => {};
    const lost = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    this.#waiting.add(fail);
    try {
      return await Promise.race([promise, lost]);
    } finally {
      this.#waiting.delete(fail);
    }
  }

  /** What comes within a call goes there from now on. */
  adopt(dialogId: string, receive: Receive, lost: () => void): void {
    this.#dialogs.set(dialogId, { receive, lost });
  }

  drop(dialogId: string): void {
    this.#dialogs.delete(dialogId);
  }

  /** What comes of a call that rings, before its answer is out, goes there until the function is called that it answers with. */
  ring(invite: SipRequest, receive: Receive, lost: () => void): () => void {
    const [key, listener] = [callerOf(invite), { receive, lost }];
    this.#ringing.set(key, listener);
    const [oldest] = this.#ringing.keys();
    if (this.#ringing.size > mostRinging && oldest !== undefined) this.#ringing.delete(oldest);
    return () => {
      if (this.#ringing.get(key) === listener) this.#ringing.delete(key);
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    closeSrf(this.#srf);
    this.#lose();
    await this.#relay?.close();
  }

  #open({ host, port, secret, tls, clock }: LinkOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (text: string) => reject(new SipFailure('DISCONNECTED', text));
      this.#srf.on('connect', (error) => {
        if (error) {
          // It would ask with the same secret for ever.
          closeSrf(this.#srf);
          fail('the agent refused the secret');
        } else {
          this.#connected = true;
          this.#opened = true;
          resolve();
        }
      });
      this.#srf.on('error', () => fail(`nobody listens at ${host}:${port}`));
      const connect = (at: { host: string; port: number }) => this.#srf.connect({ ...at, secret, enablePing: true });
      if (tls === undefined) connect({ host, port });
      else {
        const failed = (why: string) => {
          fail(why);
          if (this.#opened) this.#user.unreachable(new SipFailure('DISCONNECTED', why));
        };
        TlsRelay.open({ host, port, ...tls, clock, failed }).then(
          (relay) => {
            this.#relay = relay;
            connect({ host: '127.0.0.1', port: relay.port });
          },
          (error: unknown) => fail(`TLS to ${host}:${port}: ${error instanceof Error ? error.message : error}`),
        );
      }
    });
  }

  #receive(request: SrfRequest, response: SrfResponse): void {
    const message = readRequest(request.raw);
    const dialog = this.#dialogs.get(request.stackDialogId);
    if (message === undefined) {
      if (request.method !== 'ACK') response.send(400, undefined, {});
    } else if (dialog !== undefined) dialog.receive(message, request, response);
    // Of a reliable provisional answer: whoever sent it was told by drachtio-srf.
    else if (request.method === 'PRACK') response.send(200, undefined, {});
    else if (request.method !== 'ACK' && request.source === 'network') {
      const ringing = request.stackDialogId ? this.#ringing.get(callerOf(message)) : undefined;
      if (ringing !== undefined) ringing.receive(message, request, response);
      else if (request.stackDialogId) response.send(481, undefined, {});
      else this.#user.request(message, request, response);
    }
  }

  #lose(): void {
    const failure = new SipFailure('DISCONNECTED', 'the connection to the agent was lost');
    for (const fail of [...this.#waiting]) fail(failure);
    const calls = [...this.#dialogs.values(), ...this.#ringing.values()];
    this.#dialogs.clear();
    this.#ringing.clear();
    for (const { lost } of calls) lost();
    const was = this.#connected;
    this.#connected = false;
    if (was && !this.#closed) this.#user.lost();
  }
}

/** What tells a caller's calls apart before there is a dialog. */
function callerOf({ headers }: SipRequest): string {
  return `${headers.get('Call-ID')};${tagOf(headers.get('From'))}`;
}
