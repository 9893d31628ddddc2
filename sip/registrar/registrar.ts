import { randomBytes } from 'node:crypto';
import type { Clock, Timer } from '../../core/clock.ts';
import { Emitter, type ListenerErrorHandler } from '../../core/events.ts';
import { parseCSeq } from '../agent/messages/parse-cseq.ts';
import { formatNameAddr, parseNameAddr } from '../agent/messages/parse-name-addr.ts';
import { formatHostPort, parseUri } from '../agent/messages/parse-uri.ts';
import { byFlowOnly } from '../agent/user-agent/contact-flows.ts';
import type { Logins } from '../dial-plan/logins.ts';
import { normalise } from '../dial-plan/numbers.ts';
import type { PlanData, PlanUser } from '../dial-plan/plan-data.ts';
import type { IncomingRequest } from '../drachtio/sip-calls.ts';
import { SipFailure } from '../drachtio/sip-failure.ts';
import type { SrfHeaders } from '../drachtio/srf.ts';
import { type Binding, isSameBinding, type WantedBinding } from './bindings.ts';
import { readRegister } from './read-register.ts';
import type { Phones, RegistrarEvents, Registration } from './registration.ts';

export interface RegistrarOptions {
  readonly clock: Clock;
  readonly logins: Logins;
  readonly plan: PlanData;
  /** The agent is a drachtio-server elsewhere, which does not remember by which flow a phone came. */
  readonly remoteAgent?: boolean;
  /** A proxy of ours stands at this address: it may say by which way its phones are called. */
  readonly isProxy?: (address: string) => boolean;
  /** Where others look for the phones of a user; until when each is there, in milliseconds since 1970. Empty: there are none any more. */
  readonly publish?: (identity: string, contacts: readonly { readonly untilMs: number }[]) => void;
  readonly onListenerError: ListenerErrorHandler;
}

interface Entry {
  readonly binding: Binding;
  readonly registration: Registration;
  readonly timer: Timer;
}

/** Path of one phone, in all its hops. */
const longestPath = 2_048;

/** Keeps where the phones of users are (RFC 3261 section 10.3). */
export class Registrar implements Phones {
  readonly events: Emitter<RegistrarEvents>;
  readonly #options: RegistrarOptions;
  /** By identity; of each, the one that was heard of longest ago first. */
  readonly #users = new Map<string, Entry[]>();
  /** Whose phone it is, by its id. */
  readonly #owners = new Map<string, string>();
  #plan: PlanData;
  #closed = false;

  constructor(options: RegistrarOptions) {
    this.#options = options;
    this.#plan = options.plan;
    this.events = new Emitter(options.onListenerError);
  }

  /** Phones, and users who have any. */
  get stats(): { readonly phones: number; readonly users: number } {
    return { phones: this.#owners.size, users: this.#users.size };
  }

  /** Users who may have phones. */
  get identities(): readonly string[] {
    return this.#plan.users.map(({ identity }) => identity);
  }

  /** Of all users, by their names. */
  get registrations(): readonly Registration[] {
    return [...this.#users.keys()].sort().flatMap((identity) => this.contactsOf(identity));
  }

  /** Phones of users that are in no plan any more are forgotten. */
  use(plan: PlanData): void {
    this.#plan = plan;
    const known = new Set(plan.users.map(({ identity }) => identity));
    for (const identity of [...this.#users.keys()]) if (!known.has(identity)) this.#clear(identity);
  }

  contactsOf(identity: string): readonly Registration[] {
    const registrations = (this.#users.get(identity) ?? []).map(({ registration }) => registration);
    return registrations.sort((one, other) => other.q - one.q);
  }

  /** Its flow failed (430, RFC 5626 section 5.3), or nobody is there any more: it is not called again before it registers anew. */
  forget(id: string): void {
    const identity = this.#owners.get(id);
    const entry = this.#users.get(identity ?? '')?.find(({ binding }) => binding.id === id);
    if (identity === undefined || entry === undefined) return;
    this.#drop(identity, entry, 'gone');
    this.#publish(identity);
  }

  /** Answers a REGISTER. Never rejects. */
  async handle(request: IncomingRequest): Promise<void> {
    try {
      await this.#handle(request);
    } catch (error) {
      // The connection to the agent was lost meanwhile: the phone asks again.
      if (!(error instanceof SipFailure)) this.#options.onListenerError(error, 'register');
    }
  }

  close(): void {
    this.#closed = true;
    for (const entries of this.#users.values()) for (const { timer } of entries) timer.cancel();
    this.#users.clear();
    this.#owners.clear();
  }

  async #handle(request: IncomingRequest): Promise<void> {
    const verdict = await this.#options.logins.check(request);
    if (this.#closed) return;
    if (verdict.owner === undefined) request.answer(verdict.status, { headers: verdict.headers });
    else if (verdict.owner.kind === 'user' && this.#isOwn(request, verdict.owner.user)) {
      this.#register(request, verdict.owner.user);
    } else request.answer(403, { reason: 'Not Your Address' });
  }

  /** Nobody registers for somebody else (section 10.3, step 4): To is the user, by login, identity or number. */
  #isOwn({ headers }: IncomingRequest, { login, identity, numbers }: PlanUser): boolean {
    const uri = parseUri(parseNameAddr(headers.get('To') ?? '')?.uri ?? '');
    const name = uri?.scheme === 'sip' || uri?.scheme === 'sips' ? uri.user : uri?.scheme === 'tel' ? uri.number : '';
    if (name === undefined || name === '') return false;
    const number = normalise(name, this.#plan.numbers);
    return name === login || name === identity || numbers.some((own) => normalise(own, this.#plan.numbers) === number);
  }

  #register(request: IncomingRequest, { identity }: PlanUser): void {
    const { headers } = request;
    const rules = this.#plan.registration;
    const wanted = readRegister(headers, rules);
    if (wanted.kind === 'refused') {
      const more: SrfHeaders = wanted.status === 423 ? { 'Min-Expires': String(rules.minSeconds) } : {};
      request.answer(wanted.status, { headers: more, reason: wanted.reason });
      return;
    }
    const entries = this.#users.get(identity) ?? [];
    const touched =
      wanted.kind === 'ask' ? [] : wanted.kind === 'clear' ? entries : this.#find(entries, wanted.bindings);
    const [callId, sequence] = [headers.get('Call-ID') ?? '', parseCSeq(headers.get('CSeq') ?? '')?.number ?? 0];
    // It overtook another one of the same phone: what that one said holds (section 10.3, steps 6 and 7).
    if (touched.some(({ binding }) => binding.callId === callId && sequence <= binding.sequence)) {
      request.answer(500, { headers: { 'Retry-After': '1' }, reason: 'Out Of Order' });
      return;
    }
    const path = headers.all('Path').join(', ');
    if (path.length > longestPath) {
      request.answer(400, { reason: 'Path Too Long' });
      return;
    }
    // Others would have us call where they like: at a provider, who knows us by our address.
    const isProxied = path !== '' || headers.count('Via') > 1;
    if (isProxied && this.#options.isProxy?.(request.source.address) !== true) {
      request.answer(403, { reason: 'Not By This Proxy' });
      return;
    }
    if (wanted.kind === 'clear') this.#clear(identity);
    if (wanted.kind === 'bind') {
      const coming = wanted.bindings.filter(({ seconds }) => seconds > 0).length;
      if (this.#owners.size + coming - touched.length > rules.phones) {
        request.answer(503, { headers: { 'Retry-After': '60' }, reason: 'Too Many Phones' });
        return;
      }
      for (const binding of wanted.bindings) this.#bind(identity, binding, request, { callId, sequence, path });
      this.#publish(identity);
    }
    request.answer(200, { headers: this.#answerOf(identity, path) });
  }

  #find(entries: readonly Entry[], wanted: readonly WantedBinding[]): readonly Entry[] {
    return entries.filter(({ binding }) => wanted.some((one) => isSameBinding(one, binding)));
  }

  #bind(
    identity: string,
    { seconds, ...wanted }: WantedBinding,
    request: IncomingRequest,
    of: { readonly callId: string; readonly sequence: number; readonly path: string },
  ): void {
    const { clock, remoteAgent = false } = this.#options;
    const entries = this.#users.get(identity) ?? [];
    const known = entries.find(({ binding }) => isSameBinding(wanted, binding));
    if (seconds === 0) {
      if (known !== undefined) this.#drop(identity, known, 'gone');
      return;
    }
    const id = known?.binding.id ?? randomBytes(9).toString('base64url');
    const untilMs = clock.nowMs() + seconds * 1_000;
    const { source, headers } = request;
    const { address, port, protocol } = source;
    const way = `sip:${formatHostPort({ host: address, port })};transport=${protocol.toLowerCase()}`;
    const registration: Registration = {
      id,
      identity,
      uri: wanted.uri,
      // A proxy leads to its phones itself.
      proxy: of.path !== '' ? undefined : remoteAgent ? way : byFlowOnly(wanted.uri, source),
      headers: of.path === '' ? {} : { Route: of.path },
      q: wanted.q,
      userAgent: (headers.get('User-Agent') ?? '').slice(0, 128),
      from: formatHostPort({ host: address, port }),
      protocol: protocol.toLowerCase(),
      untilMs,
    };
    const entry: Entry = {
      binding: { ...wanted, id, callId: of.callId, sequence: of.sequence, untilMs },
      registration,
      timer: clock.after(seconds * 1_000, () => {
        this.#drop(identity, entry, 'expired');
        this.#publish(identity);
      }),
    };
    known?.timer.cancel();
    const others = entries.filter((one) => one !== known);
    this.#users.set(identity, [...others, entry]);
    this.#owners.set(id, identity);
    if (known === undefined) this.events.emit('came', { registration });
    // Phones that change their address with each start leave what they were behind.
    const [oldest] = others;
    if (oldest !== undefined && others.length >= this.#plan.registration.phonesPerUser) {
      this.#drop(identity, oldest, 'gone');
    }
  }

  #clear(identity: string): void {
    for (const entry of this.#users.get(identity) ?? []) this.#drop(identity, entry, 'gone');
    this.#publish(identity);
  }

  #drop(identity: string, entry: Entry, why: 'expired' | 'gone'): void {
    entry.timer.cancel();
    const left = (this.#users.get(identity) ?? []).filter((one) => one !== entry);
    if (left.length === 0) this.#users.delete(identity);
    else this.#users.set(identity, left);
    this.#owners.delete(entry.binding.id);
    this.events.emit('left', { registration: entry.registration, why });
  }

  #publish(identity: string): void {
    const contacts = (this.#users.get(identity) ?? []).map(({ binding: { untilMs } }) => ({ untilMs }));
    this.#options.publish?.(identity, contacts);
  }

  /** All that is bound (section 10.3, step 8), and the Path back (RFC 3327 section 5.3). */
  #answerOf(identity: string, path: string): SrfHeaders {
    const nowMs = this.#options.clock.nowMs();
    const contacts = (this.#users.get(identity) ?? []).map(({ binding: { uri, parameters, untilMs } }) => {
      const seconds = String(Math.max(Math.ceil((untilMs - nowMs) / 1_000), 0));
      return formatNameAddr({ displayName: '', uri, parameters: new Map(parameters).set('expires', seconds) });
    });
    return {
      ...(contacts.length > 0 && { Contact: contacts.join(', ') }),
      ...(path !== '' && { Path: path, Supported: 'path' }),
      Date: new Date(nowMs).toUTCString(),
    };
  }
}
