import type { Clock } from '../../../core/clock.ts';
import type { SipRequest } from '../messages/message.ts';
import { type Endpoint, Networks } from '../transports/endpoint.ts';
import type { Guard, Judgement, Load } from '../user-agent/guard.ts';
import type { DefenceOptions } from './defence-options.ts';
import { createRequestRules } from './request-rules.ts';
import { type Ask, type Rule, type RuleName, ruleNames } from './rule.ts';
import { createBanRule, createSourceRules } from './source-rules.ts';
import { Sources } from './sources.ts';

export interface DefenceStats {
  /** Whom each rule turned away, since the start. */
  readonly stopped: Readonly<Record<RuleName, number>>;
  readonly offences: Readonly<Record<Offence, number>>;
  readonly bans: number;
  readonly bannedNow: number;
  readonly sources: number;
}

export type Offence = 'malformed' | 'scanner' | 'credentials';

/** What one rule says of a request. */
export interface RuleFinding {
  readonly rule: RuleName;
  readonly stops: boolean;
  /** What would be answered; `'drop'` is nothing. Undefined when it lets it by. */
  readonly answer: number | 'drop' | undefined;
  readonly because: string;
}

const noLoad: Load = { calls: 0, dialogs: 0, transactions: 0 };

/**
 * Who may send what. Each rule is a reason of its own with a counter of its own, asked in their order; the first one that stops
 * a request is the answer. Nothing has a timer: what is over is seen to be when it is looked at.
 */
export class Defence implements Guard {
  readonly #clock: Clock;
  readonly #options: DefenceOptions;
  readonly #sources: Sources;
  readonly #isTrusted: (address: string) => boolean;
  readonly #ofSource: readonly Rule[];
  readonly #ofRequest: readonly Rule[];
  readonly #stopped: Record<RuleName, number>;
  readonly #offences: Record<Offence, number> = { malformed: 0, scanner: 0, credentials: 0 };
  #bans = 0;

  /** @throws {RangeError} that names what is no network. */
  constructor(options: DefenceOptions, clock: Clock) {
    this.#clock = clock;
    this.#options = options;
    this.#sources = new Sources(options);
    const trusted = new Networks(options.trusted);
    // Several rules ask of one message, and looking it up costs more than all of them.
    let asked = { address: '', is: false };
    this.#isTrusted = (address) => {
      if (asked.address !== address) asked = { address, is: trusted.has(address) };
      return asked.is;
    };
    this.#ofSource = createSourceRules(options, this.#sources, this.#isTrusted);
    this.#ofRequest = [
      createBanRule(options, this.#sources, this.#isTrusted),
      ...createRequestRules(options, this.#sources, this.#isTrusted, clock.monotonicMs()),
    ];
    this.#stopped = Object.fromEntries(ruleNames.map((name) => [name, 0])) as Record<RuleName, number>;
  }

  admits(remote: Endpoint): boolean {
    const ask: Ask = { remote, nowMs: this.#now(), request: undefined, inDialog: false, load: noLoad };
    return this.#ask(this.#ofSource, ask) === undefined;
  }

  judge(request: SipRequest, remote: Endpoint, inDialog: boolean, load: Load): Judgement | 'drop' | undefined {
    const rule = this.#ask(this.#ofRequest, { remote, nowMs: this.#now(), request, inDialog, load });
    if (rule?.name === 'scanner') this.offended(remote, 'scanner');
    return rule?.answer;
  }

  offended({ address }: Endpoint, what: Offence = 'malformed'): void {
    this.#offences[what] += 1;
    const { offences, withinMs, forMs } = this.#options.ban;
    if (offences === 0 || this.#isTrusted(address)) return;
    const nowMs = this.#now();
    const source = this.#sources.of(address, nowMs);
    if (source.bannedUntil > nowMs) return;
    if (nowMs - source.since > withinMs) {
      source.since = nowMs;
      source.offences = 0;
    }
    source.offences += 1;
    if (source.offences < offences) return;
    this.#bans += 1;
    this.#sources.ban(address, nowMs + forMs, nowMs);
  }

  /** What each rule would say, in the order in which they are asked. Nothing is counted. */
  explain(request: SipRequest, remote: Endpoint, inDialog: boolean, load: Load): readonly RuleFinding[] {
    const ask: Ask = { remote, nowMs: this.#now(), request, inDialog, load };
    const rules = [...this.#ofSource, ...this.#ofRequest.filter(({ name }) => name !== 'ban')];
    return rules.map((rule) => {
      const stops = rule.stops(ask);
      const { answer } = rule;
      const said = answer === 'drop' ? answer : answer.status;
      return { rule: rule.name, stops, answer: stops ? said : undefined, because: rule.because(ask) };
    });
  }

  get stats(): DefenceStats {
    this.#now();
    return {
      stopped: this.#stopped,
      offences: this.#offences,
      bans: this.#bans,
      bannedNow: this.#sources.bannedNow,
      sources: this.#sources.size,
    };
  }

  #ask(rules: readonly Rule[], ask: Ask): Rule | undefined {
    for (const rule of rules) {
      if (rule.stops(ask)) {
        this.#stopped[rule.name] += 1;
        return rule;
      }
      rule.passed?.(ask);
    }
    return undefined;
  }

  #now(): number {
    const nowMs = this.#clock.monotonicMs();
    this.#sources.expire(nowMs);
    return nowMs;
  }
}
