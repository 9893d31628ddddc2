import type { Random } from '../../../../test/support/random.ts';
import { oneOf } from '../../../../test/support/random.ts';
import type { SipRequest, SipResponse } from '../../messages/message.ts';
import { makeCancel } from '../../transactions/make-cancel.ts';
import { Session } from '../session.ts';
import type { EndReason } from '../session-events.ts';
import { draft, offer, type PhoneStage } from './stage.ts';

type Field = readonly [string, string];

const outside = ['SUBSCRIBE', 'REFER', 'OPTIONS', 'REGISTER', 'MESSAGE', 'NOTIFY', 'BYE', 'PUBLISH'];
const inside = ['BYE', 'INVITE', 'UPDATE', 'PRACK', 'REFER', 'SUBSCRIBE', 'NOTIFY', 'INFO'];
const statuses = [100, 180, 183, 200, 200, 200, 202, 302, 401, 408, 422, 481, 486, 487, 491, 500, 503, 600];
const statusesOfOurs = [100, 180, 183, 200, 200, 200, 202, 404, 486, 503];
const reasons: readonly EndReason[] = ['APPLICATION_GONE', 'SHUTDOWN', 'DIALOG_GONE', 'NO_ANSWER'];

/** A phone and an application that do whatever comes to mind, sensible or not, of what they can do by what they heard. */
export class RandomCall {
  readonly #stage: PhoneStage;
  readonly #random: Random;
  readonly #requests: SipRequest[] = [];
  /** Both those that the phone heard and those that it said: dialogs come of both. */
  readonly #responses: SipResponse[] = [];
  readonly #invites: SipRequest[] = [];
  readonly #sessions = new Set<Session>();

  /** Each looks for what it needs, and does nothing without it. */
  readonly acts: Readonly<Record<string, () => unknown>> = {
    phoneInvites: () => this.#phoneInvites(),
    phoneAsks: () => this.#phoneAsks(),
    phoneCancels: () => this.#phoneCancels(),
    phoneAcknowledges: () => this.#phoneSaysWithin('ACK'),
    phoneSaysWithin: () => this.#phoneSaysWithin(this.#one(inside)),
    phoneAnswers: () => this.#phoneAnswers(),
    phoneDisconnects: () => this.#maybe(0.1) && this.#stage.phone.flow?.close(),
    weCall: () => this.#weCall(),
    weAsk: () => this.#weAsk(),
    weRespond: () => this.#weRespond(),
    weSayWithin: () => this.#weSayWithin(),
    weAcknowledge: () => this.#withOne(this.#sessions, (session) => this.#stage.us.acknowledge(session)),
    weCancel: () => this.#withOne(this.#sessions, (session) => session.cancel()),
    weEnd: () => this.#maybe(0.3) && this.#withOne(this.#sessions, (session) => session.end(this.#one(reasons))),
    wait: () => this.#stage.pass(this.#one([1, 100, 600, 3_000, 10_000, 33_000, 50_000])),
  };

  constructor(stage: PhoneStage, random: Random) {
    this.#stage = stage;
    this.#random = random;
  }

  /** Time for what was said to arrive, or not enough of it. */
  async settle(): Promise<void> {
    await this.#stage.pass(this.#one([0, 10, 60]));
    this.#collect();
  }

  endAll(): void {
    this.#collect();
    for (const session of this.#sessions) session.end('APPLICATION_GONE');
  }

  #collect(): void {
    for (const message of this.#stage.phone.heard.splice(0)) {
      if (message.kind === 'request') this.#requests.push(message);
      else this.#responses.push(message);
    }
    for (const { session } of this.#stage.us.incoming) if (session !== undefined) this.#sessions.add(session);
  }

  #phoneInvites(): Promise<void> {
    const invite = this.#stage.phone.make('INVITE', this.#fields(), this.#body());
    this.#invites.push(invite);
    return this.#stage.phone.say(invite);
  }

  #phoneAsks(): Promise<void> {
    const fields: Field[] = [...this.#fields(), ['Event', 'presence'], ...this.#sometimes(0.5, referTo)];
    return this.#stage.phone.say(this.#stage.phone.make(this.#one(outside), fields));
  }

  #phoneCancels(): unknown {
    return this.#withOne(this.#invites, (invite) => this.#stage.phone.say(makeCancel(invite)));
  }

  #phoneSaysWithin(method: string): unknown {
    const making = this.#responses.filter(
      ({ headers, status }) => status > 100 && / (INVITE|SUBSCRIBE|REFER)$/.test(headers.get('CSeq') ?? ''),
    );
    return this.#withOne(making, (response) => {
      const rack = `${response.headers.get('RSeq') ?? 1} ${response.headers.get('CSeq')}`;
      const fields = [...this.#fields(), ...this.#subscriptionFields(), referTo, ['RAck', rack]] as Field[];
      const request = this.#stage.phone.within(response, method, fields, this.#body());
      if (method === 'INVITE') this.#invites.push(request);
      return this.#stage.phone.say(request);
    });
  }

  #phoneAnswers(): unknown {
    const answerable = this.#requests.filter(({ method }) => method !== 'ACK');
    return this.#withOne(answerable, (request) => {
      const reliable: Field[] = [['Require', '100rel'], this.#rseq()];
      const fields: Field[] = [
        ...this.#fields(),
        ...(this.#maybe(0.3) ? reliable : []),
        ...this.#sometimes(0.2, ['Min-SE', this.#one(['90', '200'])]),
        ...this.#sometimes(0.1, ['Record-Route', '<sip:192.0.2.9;lr>']),
        ...this.#sometimes(0.1, ['Refer-Sub', 'false']),
      ];
      const from = { tag: this.#one(['peer', 'peer', 'two', 'three']), body: this.#body() };
      const answer = this.#stage.phone.answer(request, this.#one(statuses), fields, from);
      this.#responses.push(answer);
      return this.#stage.phone.say(answer);
    });
  }

  #weCall(): void {
    const uri = `sip:phone@192.0.2.9${this.#one(['', ';transport=tcp', ';transport=ws'])}`;
    this.#sessions.add(this.#stage.us.call(uri, this.#fields()));
  }

  #weAsk(): void {
    const method = this.#one(['OPTIONS', 'SUBSCRIBE', 'REFER', 'MESSAGE']);
    const made = this.#stage.us.request(method, 'sip:phone@192.0.2.9', [['Event', 'presence'], referTo]);
    if (made instanceof Session) this.#sessions.add(made);
  }

  #weRespond(): void {
    this.#withOne(this.#stage.us.incoming, ({ incoming, session }) => {
      const { headers, body } = draft('', this.#sometimes(0.4, ['Require', '100rel']), this.#body());
      this.#stage.us.agent.respond(incoming, session, { status: this.#one(statusesOfOurs), headers, body });
    });
  }

  #weSayWithin(): void {
    this.#withOne(this.#sessions, (session) => {
      const fields: Field[] = [...this.#subscriptionFields(), ['RAck', `${Math.floor(this.#random() * 4)} 1 INVITE`]];
      this.#stage.us.within(session, this.#one(inside), fields, this.#body());
    });
  }

  #fields(): Field[] {
    return [
      ...this.#sometimes(0.4, ['Supported', '100rel, timer']),
      ...this.#sometimes(0.2, ['Session-Expires', this.#one(['90', '1800;refresher=uas', '90;refresher=uac', '0'])]),
      ...this.#sometimes(0.15, ['Expires', this.#one(['0', '1', '3', '60'])]),
      ...this.#sometimes(0.3, ['Allow', 'INVITE, UPDATE']),
    ];
  }

  #subscriptionFields(): Field[] {
    const state = this.#one(['active', 'active;expires=5', 'terminated', 'pending']);
    return [
      ['Event', this.#one(['refer', 'presence', 'refer;id=5'])],
      ...this.#sometimes(0.8, ['Subscription-State', state]),
    ];
  }

  #rseq(): Field {
    return ['RSeq', String(Math.floor(this.#random() * 4))];
  }

  #body(): string {
    return this.#maybe(0.5) ? offer : '';
  }

  #maybe(chance: number): boolean {
    return this.#random() < chance;
  }

  #sometimes(chance: number, field: Field): Field[] {
    return this.#maybe(chance) ? [field] : [];
  }

  #one<Value>(values: readonly Value[]): Value {
    return oneOf(this.#random, values);
  }

  #withOne<Value>(values: Iterable<Value>, use: (value: Value) => unknown): unknown {
    const known = [...values];
    return known.length === 0 ? undefined : use(this.#one(known));
  }
}

const referTo: Field = ['Refer-To', '<sip:x@y.example>'];
