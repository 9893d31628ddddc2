import type { Credentials } from '../agent/digest/digest-client.ts';
import type { PlanStep } from '../dial-plan/decision.ts';
import type { SrfHeaders } from '../drachtio/srf.ts';

/** How media of a trunk's calls is treated. */
export interface TrunkMedia {
  readonly codecs: readonly ('opus' | 'G722' | 'PCMU' | 'PCMA')[];
  readonly srtp: 'never' | 'optional' | 'required';
  readonly inBandDtmf: boolean;
  readonly levelControl: boolean;
  readonly noiseGate: boolean;
  readonly comfortNoise: boolean;
}

/** One way to a number: a target of a trunk. They are tried in their order. */
export interface Route {
  readonly trunk: string;
  /** In E.164 where it is one: what limits and prices are counted by. */
  readonly number: string;
  /** The Request-URI, with the number as the trunk wants it. */
  readonly uri: string;
  /** Where it goes: the target, as the plan has it. */
  readonly proxy: string;
  /** From, P-Asserted-Identity and those of the plan. */
  readonly headers: SrfHeaders;
  readonly credentials: Credentials | undefined;
  readonly media: TrunkMedia;
}

export interface Choice {
  /** Empty: nothing leads there, and `refusal` says why. */
  readonly routes: readonly Route[];
  /** 404: no trunk takes it. 403: forbidden. 503: limits, or nobody answers. */
  readonly refusal: { readonly status: 403 | 404 | 503; readonly reason: string } | undefined;
  readonly steps: readonly PlanStep[];
}

/** What a call asks of the trunks. */
export interface ChooseRequest {
  /** In E.164, or as it was dialled. */
  readonly number: string;
  /** In this order; empty: all that may be dialled out by, in the order of the plan. */
  readonly trunks?: readonly string[];
  /** Who calls, where it is a user: their own number is shown. */
  readonly identity?: string;
}

/** A call by a trunk, which its limits are counted by. Each one has to end. */
export interface TrunkCall {
  /** From here it costs. */
  answered(): void;
  /**
   * The target did not take it; 0 for one that could not be reached. A time-out, 408 and 503 make it dead for a while. `because`: in
   * words, for an operator.
   */
  failed(status: number, because?: string): void;
  /** It is over, answered or not. Again: nothing happens. */
  ended(): void;
}

export interface TrunkCalls {
  /** The ways to a number by the limits of now, and why not those that are missing. No limit is used up by it. */
  choose(request: ChooseRequest): Choice;
  /**
   * Counts a call that is placed by a route, for each route that is tried. Undefined: the limits do not let it, by what happened since it was chosen.
   * @param cut the call has to be ended now: the minutes or the money of the day are used up, or the trunk was closed.
   */
  begin(route: Route, cut: (reason: string) => void): TrunkCall | undefined;
  /** Counts a call that came by a trunk. Undefined: it has too many (503). */
  beginIncoming(trunk: string): TrunkCall | undefined;
}
