import type { Listening } from '../../core/events.ts';
import type { SrfHeaders } from '../drachtio/srf.ts';

/** One phone of a user, for as long as it is registered. */
export interface Registration {
  /** Stays the same while it refreshes. */
  readonly id: string;
  readonly identity: string;
  /** Where it is called: the Request-URI. */
  readonly uri: string;
  /** Where it goes: by the flow that the phone registered over; undefined where Route leads. */
  readonly proxy: string | undefined;
  /** Route, where it registered through a proxy (RFC 3327). */
  readonly headers: SrfHeaders;
  /** 0 to 1: the highest rings first (RFC 3261 section 20.10). */
  readonly q: number;
  readonly userAgent: string;
  /** Where its REGISTER came from, as `203.0.113.7:5060`. */
  readonly from: string;
  readonly protocol: string;
  /** Milliseconds since 1970. */
  readonly untilMs: number;
}

export interface RegistrarEvents {
  came: { readonly registration: Registration };
  /** `expired`: nothing was heard of it in time. `gone`: it, another phone with `Contact: *`, or the plan took it away. */
  left: { readonly registration: Registration; readonly why: 'expired' | 'gone' };
}

/** Where the phones of users are. */
export interface Phones {
  /** The highest q first; those with the same q ring at once. Empty: none is registered here. */
  contactsOf(identity: string): readonly Registration[];
  /** Its connection is gone (430), by which alone it could be called: it is not, before it registers anew. */
  forget(id: string): void;
  readonly events: Listening<RegistrarEvents>;
}
