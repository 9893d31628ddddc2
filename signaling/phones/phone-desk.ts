// The port by which phones come into rooms: for whoever speaks to the phones, and knows nothing of sessions and rosters.

import type { Listening } from '../../core/events.ts';
import type { PeerId, RoomId } from '../../core/ids.ts';
import type { RoomMedia } from '../../media/media.ts';
import type { LegQuality, PhoneInfo } from '../../proto/gen/types.ts';
import type { CallerId, RingTarget } from '../calls/ring-target.ts';
import type { Grants } from '../grants.ts';
import type { LeaveReason } from '../peer.ts';

export interface PhoneDesk {
  /**
   * A phone becomes a peer of a room, which is opened where it is not.
   * @throws {AppError} ROOM_FULL, IDENTITY_REMOVED, TOO_MANY_PEERS_OF_IDENTITY, TOO_MANY_ROOMS, E2EE_REFUSES, STORE_UNAVAILABLE,
   * SERVER_DRAINING, CALL_OVER where its call ended meanwhile
   */
  join(request: PhoneJoin): Promise<PhonePeer>;
}

export interface PhoneJoin {
  readonly room: RoomId;
  /** Who it is in the room: the user, or the phone as the dial plan names it, as in `tel:+4930123`. */
  readonly identity: string;
  readonly name: string;
  readonly number: string;
  /** Empty: a phone of this server. */
  readonly trunk: string;
  /** At most 16, each of at most 256 bytes; what is longer is cut, what is more is left out. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  /** What it may do there: `join`, `publish:audio` and `subscribe` by default. */
  readonly grants?: Grants | undefined;
  /** Its voice starts muted, until it or a moderator ends that. */
  readonly muted?: boolean | undefined;
  /** Of a call's leg. */
  readonly callId?: string | undefined;
  /** It is heard and hears, but was not answered yet: its call knows nothing of it, unless others than it end its stay. */
  readonly ringing?: boolean | undefined;
  readonly legId?: string | undefined;
}

/** A phone in a room, until it has left. Where it is moved to another room, it stays the same object. */
export interface PhonePeer {
  readonly peerId: PeerId;
  readonly room: RoomId;
  readonly media: RoomMedia;
  readonly identity: string;
  readonly state: PhoneInfo;
  readonly handRaised: boolean;
  readonly left: boolean;
  /** It speaks to one other phone alone, in a call: every key is for that one, and none for a menu of ours. */
  readonly passesAllKeys: boolean;
  readonly events: Listening<PhonePeerEvents>;
  /** Told to everybody in the room, where it changes anything. After it has left, nothing. */
  setState(state: PhoneState): void;
  /** It was picked up, after it joined as one that rings. @throws {AppError} by rejection: CALL_OVER; it has left then. */
  answer(): Promise<void>;
  raiseHand(raised: boolean): void;
  /**
   * A key of it, as a room event, which is kept nowhere; in a call it is pressed at the other phones as well. Not to be called for the
   * digits of a PIN.
   */
  digit(digit: string, durationMs: number): void;
  /** How well it was heard so far, for the record of its call: the newest counts. After it has left, nothing. */
  report(quality: LegQuality): void;
  /**
   * As REFER asks (RFC 3515): whoever is on the other side goes on with another, and this one leaves. To a phone that is in another
   * call: both meet in this one's room.
   * What cannot be, as for one that is in no call, is told as `failed`.
   */
  transfer(to: RingTarget | PhonePeer, told: TransferHandlers): void;
  /** Nothing where it has left already. No event follows. */
  leave(reason: PhoneEnd): void;
}

/** What changed; what is left out stays. */
export type PhoneState = Partial<Pick<PhoneInfo, 'held' | 'muted' | 'codec' | 'encrypted'>>;

/**
 * `left`: it has hung up. `lost`: its connection is gone. `no-media`: nothing came from it for too long. `media-lost`: what spoke to it
 * here is gone. `closed`: the server ends it.
 */
export type PhoneEnd = Extract<LeaveReason, 'left' | 'lost' | 'closed'> | 'no-media' | 'media-lost';

export interface PhonePeerEvents {
  /** It is to be muted or not, by the API. What a moderator does to its track is done by the room's media. */
  muteWanted: { readonly muted: boolean };
  /** A moderator muted its track or ended that; locked: its keypad cannot end it. */
  mutedByModerator: { readonly muted: boolean; readonly locked: boolean };
  /** A moderator asks it to unmute: say so. */
  unmuteRequested: Record<never, never>;
  /** A moderator took its hand down. */
  handLowered: Record<never, never>;
  /** It was put on hold, or is to go on. */
  holdWanted: { readonly hold: boolean };
  digitsWanted: { readonly digits: string; readonly durationMs: number };
  /** What it hears, -18 to 12 dB. */
  volumeWanted: { readonly db: number };
  /** It is in another room now: `room`, `media` and `peerId` are other ones. */
  moved: Record<never, never>;
  /** It is out, and not by its own `leave`: hang up. */
  left: { readonly reason: PhoneLeft };
}

/** `hung-up`: the call is over. `transferred`: the others go on without it. */
export type PhoneLeft = LeaveReason | 'hung-up' | 'transferred';

/** What becomes of a transfer; REFER's NOTIFYs tell it (RFC 3515, section 2.4.5). */
export interface TransferHandlers {
  ringing(): void;
  /** It went through; the transferring phone is told `left` next. */
  done(): void;
  failed(reason: string): void;
}

/** For calls that come from phones to users. */
export interface PhoneCalls {
  /**
   * Rings whom a phone calls. Answers at once; news come by `told`, never in the same turn.
   * @throws {AppError} CALL_LIMIT, SERVER_DRAINING, E2EE_REFUSES
   */
  startFromPhone(request: PhoneCallRequest, told: PhoneCallHandlers): PhoneCall;
}

export interface PhoneCallRequest {
  readonly caller: CallerId & {
    /** Who it is in the room. */
    readonly identity: string;
    readonly trunk: string;
    readonly attributes?: Readonly<Record<string, string>> | undefined;
  };
  readonly to: RingTarget;
  readonly ringMs?: number | undefined;
}

export interface PhoneCallHandlers {
  ringing(): void;
  /** Somebody answered: answer the phone and let it join with this. */
  accepted(join: PhoneJoin): void;
  failed(reason: string): void;
}

export interface PhoneCall {
  readonly callId: string;
  /** It hung up before it was answered. Idempotent. */
  cancel(): void;
}
