import type { SipRequest } from '../messages/message.ts';
import type { Endpoint } from '../transports/endpoint.ts';
import type { Judgement, Load } from '../user-agent/guard.ts';

/** What a rule looks at. */
export interface Ask {
  readonly remote: Endpoint;
  readonly nowMs: number;
  /** Undefined before anything was read. */
  readonly request: SipRequest | undefined;
  readonly inDialog: boolean;
  readonly load: Load;
}

export const ruleNames = [
  'allow',
  'deny',
  'ban',
  'flood',
  'scanner',
  'rate',
  'transactions',
  'dialogs',
  'calls',
  'callsPerSecond',
] as const;
export type RuleName = (typeof ruleNames)[number];

/** One reason to turn somebody away. */
export interface Rule {
  readonly name: RuleName;
  /** Looks, and changes nothing. */
  stops(ask: Ask): boolean;
  /** Told of each that it let by. */
  passed?(ask: Ask): void;
  /** What who is stopped gets; `'drop'` is nothing at all. */
  readonly answer: Judgement | 'drop';
  /** For people: why it stops this one, or why it does not. No content of the message but its User-Agent. */
  because(ask: Ask): string;
}
