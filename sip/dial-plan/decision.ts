import type { GrantName } from '../../signaling/token-verifier.ts';
import type { SipHeaders } from '../agent/messages/sip-headers.ts';
import type { Source } from '../drachtio/incoming-call.ts';

/** Who calls, as far as it is known for sure. */
export type CallerKind =
  /** A phone of a user, by its password. */
  | { readonly kind: 'user'; readonly identity: string }
  /** By its address, its password or both. */
  | { readonly kind: 'trunk'; readonly trunk: string }
  /** Anybody; only where the plan lets guests in. */
  | { readonly kind: 'guest' };

/** A call that came, as the plan is asked about it. */
export interface DialRequest {
  readonly from: CallerKind;
  /** Of the Request-URI: `100`, `+4930123456`, `support`; not yet normalised. */
  readonly called: string;
  /** What the caller says who it is: the user of P-Asserted-Identity (of a trunk) or From; '' for one that does not say. */
  readonly caller: string;
  /** Of the same header field; '' without one. */
  readonly callerName: string;
  readonly headers: SipHeaders;
  readonly source: Source;
}

/** Who the phone is in a room, and to whom it rings. */
export interface PhoneCaller {
  /** Of a user: theirs. Of others `phone:+4930123456`, or `phone:` and random letters without a number. */
  readonly identity: string;
  readonly name: string;
  /** In E.164 where its trunk says how to read it; '' when it is hidden. */
  readonly number: string;
  /** Chosen header fields and fixed values of the rule and of the user: attributes of the peer. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Where a caller with this PIN goes. */
export interface PinRoom {
  readonly pin: string;
  readonly room: string;
  readonly entrance: Entrance;
}

/** What the caller of a room may do there. */
export interface Entrance {
  readonly can: readonly GrantName[];
  readonly muted: boolean;
}

export type Destination =
  | { readonly kind: 'room'; readonly room: string; readonly entrance: Entrance }
  | { readonly kind: 'user'; readonly identity: string; readonly ringSeconds: number }
  /** `early`: it is asked for before the call is answered, which costs the caller nothing. */
  | { readonly kind: 'pin'; readonly rooms: readonly PinRoom[]; readonly early: boolean }
  /** Dials out: {@link Trunks.choose} says how. `trunks`: in this order; empty: all that may be used. */
  | { readonly kind: 'number'; readonly number: string; readonly trunks: readonly string[] }
  | { readonly kind: 'reject'; readonly status: number; readonly reason: string };

/** One thing that was asked, and what came of it. */
export interface PlanStep {
  /** `number`, `rule support`, `users`, `trunk provider`, … */
  readonly what: string;
  readonly outcome: 'matched' | 'passed' | 'refused' | 'noted';
  readonly because: string;
}

export interface Decision {
  readonly to: Destination;
  /** The name of the rule; '' where none matched. */
  readonly rule: string;
  /** Normalised. */
  readonly called: string;
  readonly caller: PhoneCaller;
  /** In the order in which they were asked. */
  readonly steps: readonly PlanStep[];
}

/** Decides what a call leads to. Nothing is counted, nothing is sent. */
export interface DialPlan {
  decide(request: DialRequest): Decision;
}
