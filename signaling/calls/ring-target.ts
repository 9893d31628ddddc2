// Whom a call is for, and whom it is from, as phones and people both know it.

/** All phones of a user; a number, by the trunks; or a SIP address. */
export type RingTarget = { readonly user: string } | { readonly number: string } | { readonly uri: string };

/** Who is heard of at the phone that rings. */
export interface CallerId {
  /** Of a user. */
  readonly identity?: string | undefined;
  readonly name: string;
  /** As the network told it; empty where there is none. */
  readonly number: string;
}
