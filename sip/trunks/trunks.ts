import type { Clock } from '../../core/clock.ts';
import { Emitter, type ListenerErrorHandler } from '../../core/events.ts';
import type { PlanStep } from '../dial-plan/decision.ts';
import { NamedNumbers } from '../dial-plan/named-numbers.ts';
import type { PlanData, PlanUser } from '../dial-plan/plan-data.ts';
import type { SipCalls } from '../drachtio/sip-calls.ts';
import { SipFailure } from '../drachtio/sip-failure.ts';
import { AbsentTrunks } from './absent-trunks.ts';
import type { CallCounts } from './call-counts.ts';
import { type Standing, toStep } from './judge.ts';
import type { KeptLedger, LedgerState } from './ledger.ts';
import { createLocalDay } from './local-day.ts';
import { makeRoute } from './make-route.ts';
import { ProviderRegistration, type RegistrationState } from './provider-registration.ts';
import type { Choice, ChooseRequest, Route, TrunkCall, TrunkCalls } from './route.ts';
import { Trunk } from './trunk.ts';
import { sumOf, type TrunkShare } from './trunk-share.ts';

export interface TrunksOptions {
  readonly clock: Clock;
  readonly plan: PlanData;
  /** Of this node: a trunk may name the one that registers. */
  readonly node: string;
  readonly onListenerError: ListenerErrorHandler;
}

export interface TrunksEvents {
  /** Too many calls to expensive numbers: nothing goes out by it before it is opened. */
  closed: { readonly trunk: string; readonly because: string };
  opened: { readonly trunk: string };
  registrationChanged: { readonly trunk: string; readonly state: RegistrationState };
}

/** What operators are told of a trunk. */
export interface TrunkState extends LedgerState {
  readonly name: string;
  /** Now. */
  readonly calls: number;
  readonly counts: CallCounts;
  /** `because`: why it is dead; '' otherwise. */
  readonly targets: readonly { readonly uri: string; readonly dead: boolean; readonly because: string }[];
  readonly registration: RegistrationState | undefined;
}

/** What is sent by itself: probes and registrations. */
type SipSide = Pick<SipCalls, 'request' | 'register'>;

/** All trunks of the plan. */
export class Trunks implements TrunkCalls {
  readonly events: Emitter<TrunksEvents>;
  readonly #options: TrunksOptions;
  readonly #trunks = new Map<string, Trunk>();
  readonly #absent = new AbsentTrunks();
  readonly #registrations = new Map<string, ProviderRegistration>();
  #plan: PlanData;
  #users: ReadonlyMap<string, PlanUser> = new Map();
  #named: NamedNumbers;
  #localDay: (atMs: number) => string;
  #sip: SipSide | undefined;

  constructor(options: TrunksOptions) {
    this.#options = options;
    this.#plan = options.plan;
    this.#localDay = createLocalDay(options.plan.timeZone);
    this.#named = new NamedNumbers(options.plan);
    this.events = new Emitter(options.onListenerError);
    this.use(options.plan);
  }

  /** Another plan: calls go on, and of a trunk that keeps its name, or has it again, all that was counted stays. */
  use(plan: PlanData): void {
    this.#plan = plan;
    this.#users = new Map(plan.users.map((user) => [user.identity, user]));
    this.#localDay = createLocalDay(plan.timeZone);
    this.#named = new NamedNumbers(plan);
    const names = new Set(plan.trunks.map(({ name }) => name));
    for (const [name, trunk] of this.#trunks) {
      if (names.has(name)) continue;
      trunk.health.close();
      this.#trunks.delete(name);
      this.#absent.add(name, trunk);
    }
    for (const data of plan.trunks) {
      const known = this.#trunks.get(data.name) ?? this.#absent.take(data.name);
      known?.use(data);
      this.#trunks.set(data.name, known ?? this.#create(data));
    }
    this.#pruneAbsent();
    if (this.#sip !== undefined) this.start(this.#sip);
  }

  /** From here targets are probed, and providers are told where this server is. */
  start(sip: SipSide): void {
    this.#sip = sip;
    const probe = async (uri: string) => {
      try {
        await sip.request({ method: 'OPTIONS', uri, headers: { Accept: 'application/sdp' } });
        return undefined;
      } catch (error) {
        if (!(error instanceof SipFailure) || error.reason !== 'REFUSED') throw error;
        // Whoever says 404 or 405 is there.
        return error.status === 408 || error.status === 503 ? error.message : undefined;
      }
    };
    for (const trunk of this.#trunks.values()) trunk.health.start(probe);
    this.#registerAll(sip);
  }

  choose({ number, trunks: wanted = [], identity }: ChooseRequest): Choice {
    const caller = identity === undefined ? undefined : this.#users.get(identity);
    const standing = this.#standingOf(number);
    const names = wanted.length > 0 ? wanted : this.#plan.trunks.map(({ name }) => name);
    const steps: PlanStep[] = [];
    const [living, dead]: [Route[], Route[]] = [[], []];
    const refusals: { status: 403 | 503; because: string }[] = [];
    for (const name of names) {
      const trunk = this.#trunks.get(name);
      const outbound = trunk?.data.outbound;
      if (trunk === undefined || outbound === undefined) {
        const because = trunk === undefined ? 'the plan has no such trunk' : 'no calls go out by it';
        if (trunk === undefined || wanted.length > 0) steps.push({ what: `trunk ${name}`, outcome: 'passed', because });
        continue;
      }
      const judgement = trunk.judge(number, standing);
      steps.push(toStep(name, judgement));
      if (judgement.refusal !== undefined) {
        // No call begins then that could close it.
        if (judgement.isFraud) trunk.close(judgement.because);
        trunk.refused();
        refusals.push({ status: judgement.refusal, because: judgement.because });
        continue;
      }
      for (const target of outbound.targets) {
        const isDead = trunk.health.isDead(target);
        (isDead ? dead : living).push(makeRoute(trunk.data, outbound, target, number, caller));
        const because = isDead ? 'it did not answer lately: it comes last' : 'it is tried';
        steps.push({ what: `target ${target}`, outcome: isDead ? 'noted' : 'matched', because });
      }
    }
    const routes = [...living, ...dead];
    return { routes, steps, refusal: routes.length > 0 ? undefined : refusalOf(refusals) };
  }

  begin({ trunk, number, proxy }: Route, cut: (reason: string) => void): TrunkCall | undefined {
    return this.#trunks.get(trunk)?.begin(number, this.#standingOf(number), proxy, cut);
  }

  beginIncoming(trunk: string): TrunkCall | undefined {
    return this.#trunks.get(trunk)?.beginIncoming();
  }

  /** By an operator, after fraud. Whether there is such a trunk. */
  open(name: string): boolean {
    const trunk = this.#trunks.get(name);
    if (trunk === undefined) return false;
    // The clock of the node that closed it may be ahead.
    this.#open(name, trunk, Math.max(this.#options.clock.nowMs(), trunk.ledger.closed?.atMs ?? 0));
    return true;
  }

  /** What this node tells the others. */
  get shares(): readonly TrunkShare[] {
    return this.#all.map(([name, trunk]) => {
      const { day, minutes, micros, closed } = trunk.today;
      const { calls, ledger, burst } = trunk;
      const { openedMs } = ledger;
      return { name, day, calls, minutes, micros, burst, openedMs, ...(closed && { closed }) };
    });
  }

  /** What the others told, all together. */
  countElsewhere(shares: readonly TrunkShare[]): void {
    for (const [name, trunk] of this.#all) {
      const { day } = trunk.today;
      const others = shares.filter((share) => share.name === name);
      const openedMs = Math.max(0, ...others.map((share) => share.openedMs));
      if (openedMs > trunk.ledger.openedMs) this.#open(name, trunk, openedMs);
      const ofToday = others.filter((share) => share.day === day);
      trunk.ledger.countElsewhere(sumOf(ofToday, trunk.ledger.openedMs));
      const closed = others.find((share) => (share.closed?.atMs ?? 0) > trunk.ledger.openedMs)?.closed;
      const isOver = trunk.data.fraud.opens === 'next-day' && closed?.day !== day;
      if (closed !== undefined && !isOver) trunk.close(closed.because, closed.atMs);
    }
  }

  #open(name: string, { ledger }: Trunk, atMs: number): void {
    const wasClosed = ledger.closed !== undefined;
    // One that was closed after it was opened elsewhere stays closed.
    if (ledger.closed !== undefined && ledger.closed.atMs > atMs) return;
    ledger.open(atMs);
    if (wasClosed) this.events.emit('opened', { trunk: name });
  }

  get states(): readonly TrunkState[] {
    return [...this.#trunks].map(([name, trunk]) => ({
      name,
      calls: trunk.calls,
      counts: trunk.counts,
      ...trunk.today,
      targets: (trunk.data.outbound?.targets ?? []).map((uri) => {
        const because = trunk.health.whyDead(uri);
        return { uri, dead: because !== undefined, because: because ?? '' };
      }),
      registration: this.#registrations.get(name)?.state,
    }));
  }

  /** What has to be known after a restart. */
  get kept(): ReadonlyMap<string, KeptLedger> {
    this.#pruneAbsent();
    const present = [...this.#trunks].map(([name, trunk]) => [name, trunk.kept] as const);
    return new Map([...this.#absent.ledgers, ...present]);
  }

  /** What was counted before this process began. */
  restore(states: ReadonlyMap<string, KeptLedger>): void {
    for (const [name, state] of states) {
      const trunk = this.#trunks.get(name);
      if (trunk === undefined) this.#absent.restore(name, state);
      else trunk.ledger.restore(state);
    }
  }

  /** Calls are not ended. */
  async close(): Promise<void> {
    for (const trunk of this.#trunks.values()) trunk.health.close();
    await Promise.all([...this.#registrations.values()].map((registration) => registration.close()));
    this.#registrations.clear();
  }

  /** Also those that the plan does not have now: other nodes may have them. */
  get #all(): readonly (readonly [string, Trunk])[] {
    return [...this.#trunks, ...this.#absent.trunks];
  }

  #pruneAbsent(): void {
    const nowMs = this.#options.clock.nowMs();
    this.#absent.prune(nowMs, this.#localDay(nowMs));
  }

  #create(data: PlanData['trunks'][number]): Trunk {
    const trunk = new Trunk(data, {
      clock: this.#options.clock,
      localDay: (atMs) => this.#localDay(atMs),
      closed: (name, because) => this.events.emit('closed', { trunk: name, because }),
    });
    const ledger = this.#absent.takeLedger(data.name);
    if (ledger !== undefined) trunk.ledger.restore(ledger);
    return trunk;
  }

  #registerAll(sip: SipSide): void {
    const { clock, node } = this.#options;
    for (const [name, registration] of this.#registrations) {
      const data = this.#trunks.get(name)?.data.register;
      if (JSON.stringify(data) === JSON.stringify(registration.data)) continue;
      this.#registrations.delete(name);
      void registration.close();
    }
    for (const [name, { data }] of this.#trunks) {
      const { register } = data;
      if (register === undefined || this.#registrations.has(name)) continue;
      if (register.node !== '' && register.node !== node) continue;
      const changed = (state: RegistrationState) => this.events.emit('registrationChanged', { trunk: name, state });
      this.#registrations.set(name, new ProviderRegistration(register, { clock, sip, changed }));
    }
  }

  #standingOf(number: string): Standing {
    return { emergency: this.#plan.emergency.includes(number), named: this.#named.has(number) };
  }
}

/** What never goes is said before what does not go now, if nothing else was tried. */
function refusalOf(refusals: readonly { status: 403 | 503; because: string }[]): Choice['refusal'] {
  const [first] = refusals;
  if (first === undefined) return { status: 404, reason: 'no trunk leads there' };
  const { status, because } = refusals.find((one) => one.status === 503) ?? first;
  return { status, reason: because };
}
