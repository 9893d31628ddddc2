// A dial plan as it was written, checked and with its defaults.

import type { GrantName } from '../../signaling/token-verifier.ts';
import type { DigestAlgorithm } from '../agent/digest/algorithms.ts';
import type { TrunkMedia } from '../trunks/route.ts';
import type { NumberFormat, NumberRules } from './numbers.ts';
import type { Pattern } from './pattern.ts';

export interface PlanData {
  /** Of the digests of users and trunks. */
  readonly realm: string;
  /** In the order in which they are asked for. */
  readonly algorithms: readonly DigestAlgorithm[];
  /** Calls of nobody that is known are let in, where a rule takes them. */
  readonly guests: boolean;
  /** How users dial. */
  readonly numbers: NumberRules;
  /** Go out whatever the limits of trunks say: `112`. */
  readonly emergency: readonly string[];
  /** When a day ends for minutes, spend and closed trunks: an IANA name. */
  readonly timeZone: string;
  readonly registration: RegistrationRules;
  /** Of calls of users and guests. */
  readonly media: TrunkMedia;
  readonly users: readonly PlanUser[];
  readonly trunks: readonly TrunkData[];
  /** The first that matches holds. */
  readonly rules: readonly PlanRule[];
}

export interface RegistrationRules {
  readonly minSeconds: number;
  readonly maxSeconds: number;
  /** For phones that do not say. */
  readonly defaultSeconds: number;
  /** Phones of one user: of more, the one that was heard of longest ago is forgotten. */
  readonly phonesPerUser: number;
  /** Of all users together: further ones get 503. */
  readonly phones: number;
}

export type UserSecret =
  | { readonly password: string }
  /** H(A1) by algorithm. */
  | { readonly hashes: Readonly<Partial<Record<DigestAlgorithm, string>>> };

export interface PlanUser {
  /** As in tokens of browsers: the same person. */
  readonly identity: string;
  readonly name: string;
  /** The name in digests; the identity by default. */
  readonly login: string;
  readonly secret: UserSecret;
  /** By which others call them, as they are dialled after normalising: `100`, `+4930123456`. */
  readonly numbers: readonly string[];
  /** Shown to those whom they call by a trunk; '' leaves it to the trunk. */
  readonly callerId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface RuleConditions {
  readonly called: readonly string[];
  readonly calledPrefix: readonly string[];
  readonly calledPattern: readonly Pattern[];
  readonly callerPrefix: readonly string[];
  /** Empty: whoever it is. */
  readonly from: readonly ('user' | 'trunk' | 'guest')[];
  readonly trunk: readonly string[];
  readonly user: readonly string[];
  /** Names with the value, or its beginning with `*` behind it. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface RuleEntrance {
  readonly can: readonly GrantName[];
  readonly muted: boolean;
}

/** Texts may have `{called}`, `{caller}`, `{rest}`, `{user}`, `{trunk}` and `{header.X-Name}` in them. */
export type RuleTarget =
  | { readonly kind: 'room'; readonly room: string; readonly entrance: RuleEntrance }
  | { readonly kind: 'user'; readonly identity: string; readonly ringSeconds: number }
  | {
      readonly kind: 'pin';
      readonly rooms: readonly { readonly pin: string; readonly room: string; readonly entrance: RuleEntrance }[];
      readonly early: boolean;
    }
  | { readonly kind: 'number'; readonly number: string; readonly trunks: readonly string[] }
  | { readonly kind: 'reject'; readonly status: number; readonly reason: string };

export interface PlanRule {
  readonly name: string;
  readonly when: RuleConditions;
  readonly to: RuleTarget;
  readonly attributes: ReadonlyMap<string, string>;
  /** Header fields that become attributes. */
  readonly headers: readonly string[];
}

export interface TrunkData {
  readonly name: string;
  readonly inbound: TrunkInbound | undefined;
  readonly outbound: TrunkOutbound | undefined;
  readonly register: TrunkRegistration | undefined;
  readonly numbers: TrunkNumbers;
  readonly limits: TrunkLimits;
  /** Money a minute by prefix, the longest that fits. */
  readonly prices: ReadonlyMap<string, number>;
  readonly fraud: FraudRules;
  readonly media: TrunkMedia;
}

export interface TrunkInbound {
  /** CIDR blocks. With a login too, both are needed. */
  readonly addresses: readonly string[];
  readonly login: string;
  readonly secret: UserSecret | undefined;
  /** Which header field says who was called. */
  readonly calledFrom: 'request' | 'to' | 'p-called-party-id';
}

export interface TrunkOutbound {
  /** SIP URIs, tried in this order. */
  readonly targets: readonly string[];
  readonly user: string;
  readonly password: string;
  /** Shown to whom users without a number of their own call. */
  readonly callerId: string;
  /** The domain of From; `localhost` is the agent's own address. */
  readonly domain: string;
  readonly headers: ReadonlyMap<string, string>;
  /** Between two OPTIONS to each target; 0 sends none. */
  readonly probeSeconds: number;
  /** How long a target that did not answer comes last, unless a probe is answered before. */
  readonly deadSeconds: number;
}

export interface TrunkRegistration {
  readonly registrar: string;
  readonly address: string;
  readonly user: string;
  readonly password: string;
  /** The user of our Contact: what the provider calls. */
  readonly contact: string;
  readonly seconds: number;
  /** Where it goes if not where `registrar` says; ''. */
  readonly proxy: string;
  /** The node that registers; '' is each of them. */
  readonly node: string;
}

export interface TrunkNumbers extends NumberRules {
  /** Numbers of theirs are `4930…`. */
  readonly withoutPlus: boolean;
  readonly outgoing: NumberFormat;
  /** In front of every number that goes out. */
  readonly prefix: string;
}

/** 0 and '' are no limit. */
export interface TrunkLimits {
  /** At once, both ways together. */
  readonly calls: number;
  readonly callsPerSecond: number;
  /** Prefixes of what may be called; empty: everything. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly minutesPerDay: number;
  readonly spendPerDay: number;
}

/** A burst of calls to expensive numbers closes the trunk. */
export interface FraudRules {
  readonly prefixes: readonly string[];
  /** Numbers of this price or more are expensive; 0: only those of `prefixes`. */
  readonly pricePerMinute: number;
  /** So many calls to them … */
  readonly calls: number;
  /** … or so much money for them … */
  readonly spend: number;
  /** … within so many minutes. */
  readonly withinMinutes: number;
  readonly opens: 'by-operator' | 'next-day';
}
