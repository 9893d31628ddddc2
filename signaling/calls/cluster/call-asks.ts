import type { Life } from '../../../cluster/directory.ts';
import type { CallInfo, CallLeg, LegQuality } from '../../../proto/gen/types.ts';
import type { LeaveReason } from '../../peer.ts';
import type { Press } from '../../phones/passed-keys.ts';
import type { PhoneJoin, PhoneLeft, PhoneState } from '../../phones/phone-desk.ts';
import type { GrantName } from '../../token-verifier.ts';
import type { BrowserPresence } from '../browser-presence.ts';
import type { CallMethod, RequestOf } from '../call-methods.ts';
import type { LegLeft } from '../call-presence.ts';
import type { LegName } from '../leg.ts';
import type { RingTarget } from '../ring-target.ts';
import type { AnsweredPhone, RingEnd, RingFailure, RingRequest } from '../telephony.ts';

/** A session of the asking node. */
export interface CallerElsewhere {
  readonly sessionId: string;
  readonly identity: string;
  readonly name: string;
  /** What that node takes for the call's room. */
  readonly room: string;
  /** There. */
  readonly grants: readonly GrantName[];
  /** Its peer there, if it is in it. */
  readonly peerId?: string | undefined;
}

/** Who has two calls: a person, or one leg of it that is a phone's. */
export type Transferor = { readonly identity: string } | { readonly legId: string };

/** A leg that goes on in a call of another node. */
export interface HandedLeg {
  readonly legId: string;
  readonly target: RingTarget;
  readonly identity: string;
  readonly name: string;
  readonly ofUser: boolean;
  readonly via: CallLeg['via'];
  readonly sessionId: string | undefined;
  readonly answeredAtMs: number | undefined;
  readonly device: AnsweredPhone | undefined;
  readonly state: Required<PhoneState>;
  /** The node that has its phone. */
  readonly life: Life;
}

/** What a node asks another one that has a call; each is answered. */
export interface CallAsks {
  carryOut: {
    content: { readonly method: CallMethod; readonly request: RequestOf<CallMethod>; readonly caller: CallerElsewhere };
    answer: CallInfo | undefined;
  };
  /** Of somebody who has a session there; empty: it has gone meanwhile. */
  nameOf: { content: { readonly identity: string }; answer: string };
  /** Of somebody's sessions there. */
  browsersOf: { content: { readonly identity: string }; answer: BrowserPresence };
  current: { content: { readonly identity: string }; answer: readonly CallInfo[] };
  /** Those whom somebody has in a call there, for a call of the asking node. Refused with CALL_REFUSED, CALL_OVER, CALL_NOT_FOUND. */
  handOver: {
    content: { readonly callId: string; readonly by: Transferor; readonly identities: readonly string[] };
    answer: readonly HandedLeg[];
  };
  /** Undefined: it is too late. Asked again, it is answered the same. */
  answered: { content: { readonly of: LegName; readonly phone: AnsweredPhone }; answer: PhoneJoin | undefined };
  /** Refused with CALL_OVER where it is too late. */
  joined: { content: { readonly of: LegName; readonly peerId: string }; answer: undefined };
}

/** What becomes of a transfer that a phone asked for. */
export type TransferNews = { readonly ringing: true } | { readonly done: true } | { readonly failed: string };

/** What is to become of a phone; one of them. */
export interface PhoneWish {
  readonly hold?: boolean;
  readonly mute?: boolean;
  readonly digits?: { readonly digits: string; readonly durationMs: number };
  readonly move?: PhoneJoin;
  readonly end?: PhoneLeft;
}

/** What nodes tell each other. */
export interface CallTells {
  /** Rings the phones of a user there. */
  ring: { readonly user: string; readonly request: RingRequest };
  stopRinging: { readonly of: LegName; readonly reason: RingEnd };
  rings: { readonly of: LegName };
  ringFailed: { readonly of: LegName; readonly reason: RingFailure };
  state: { readonly of: LegName; readonly state: PhoneState };
  quality: { readonly of: LegName; readonly quality: LegQuality };
  pressed: { readonly of: LegName; readonly press: Press };
  left: { readonly of: LegName; readonly reason: LegLeft };
  transfer: { readonly of: LegName; readonly to: RingTarget | LegName };
  transferTold: { readonly of: LegName; readonly news: TransferNews };
  wish: { readonly of: LegName; readonly wish: PhoneWish };
  /** A browser came into a room in which there is a call of that node, or (`left`) went. */
  browser: {
    readonly room: string;
    readonly peerId: string;
    readonly identity: string;
    readonly sessionId: string;
    readonly left?: LeaveReason;
  };
  takeOut: { readonly room: string; readonly peerId: string };
}
