// Calls between people, as an application has them: to users, wherever they are signed in, to phone numbers and SIP addresses.
//
// A call is held in a room: `call.room` is it, with everything that rooms have. The SDK joins it when a call is started or
// accepted, publishes the microphone with the codec that the call wants, and leaves it when the call is over.

import type { CallInfo, CallLeg, CallSummary } from '../../../proto/gen/types.ts';
import type { Room, Unsubscribe } from '../api.ts';

export type { CallInfo, CallLeg, CallSummary };

/** Whom to ring: a user by its identity, a phone number as it is dialled, or a SIP address as in `sip:ann@example.org`. */
export type CallTarget = { readonly user: string } | { readonly number: string } | { readonly uri: string };

/** A microphone, or what opens one: it is asked for before anybody is told of the call. The SDK does not stop it. */
export type CallMicrophone = MediaStreamTrack | (() => MediaStreamTrack | Promise<MediaStreamTrack>);

export interface EnterCallOptions {
  /** Published in the call's room; without it the application publishes what it wants, or only listens. */
  readonly microphone?: CallMicrophone | undefined;
}

export interface StartCallOptions extends EnterCallOptions {
  readonly to: CallTarget | readonly CallTarget[];
  /** The room to hold it in, which may be joined already and is kept then. By default the call has one of its own. */
  readonly room?: string | undefined;
  /** How long it rings, in milliseconds; by default as the server is configured. */
  readonly ringMs?: number | undefined;
  /** Click to call: this phone rings first, and the others when it has answered. This client takes no part in the call. */
  readonly firstRing?: CallTarget | 'own-phones' | undefined;
  /** Shown to those who are rung. */
  readonly subject?: string | undefined;
  /** The caller shows a camera too. */
  readonly video?: boolean | undefined;
}

/** Of this client: `ended` when its own part is over, which may be before the call is over for others. */
export type CallState = CallInfo['state'];
/** `removed` by a moderator; `lost`: the connection was gone for too long. The others as the contract has them. */
export type CallEndReason = CallLeg['endReason'];

export interface CallEvents {
  /** Its state, its legs or what they do. */
  changed: Call;
  /** Its room was joined. Again with another one, when somebody handed this client on to another call. */
  entered: Room;
  /** For this client, and for good. `answered-elsewhere`: another device of the same user took it. */
  ended: { readonly reason: CallEndReason };
}

export interface Call {
  /** Another one after this client was handed on to another call. */
  readonly callId: string;
  readonly direction: 'incoming' | 'outgoing';
  readonly state: CallState;
  /** As the server told of it last. */
  readonly info: CallInfo;
  /** This client's own side; undefined: it has none, as with click to call. */
  readonly ownLeg: CallLeg | undefined;
  /** Everybody else's. */
  readonly otherLegs: readonly CallLeg[];
  /** The room of the call, while this client is in it. */
  readonly room: Room | undefined;
  /** On hold by either side: nothing is heard here, and nobody is sent anything that could be. */
  readonly held: boolean;
  /** Why it is over; empty: it is not. */
  readonly endReason: CallEndReason;
  /** When it stops to ring here, in milliseconds since 1970; undefined: it does not ring here. */
  readonly ringsUntilMs: number | undefined;
  on<Name extends keyof CallEvents>(name: Name, listener: (event: CallEvents[Name]) => void): Unsubscribe;

  /**
   * Takes a call that rings, or goes on here with one that was found. Resolves when its room is joined and the microphone is
   * heard. @throws {ParleyError} CALL_TAKEN (another device was faster), CALL_OVER, CALL_NOT_FOUND; what opening the
   * microphone fails with, before anything is accepted; what joining and publishing fail with, and then the call is ended.
   */
  accept(options?: EnterCallOptions): Promise<Room>;
  /** Refuses it for all devices of the user. `busy`: the caller is told so. */
  decline(options?: { busy?: boolean }): Promise<void>;
  /** Hangs up; before it was answered, stops ringing. `forAll`: the call is over for everybody. */
  end(options?: { forAll?: boolean }): Promise<void>;
  /** Hangs somebody else up. @throws {ParleyError} CALL_REFUSED, CALL_LEG_NOT_FOUND */
  endLeg(legId: string): Promise<void>;
  /** Rings further people, who come into the same room. `ringMs`: for how long; by default as the server is configured. */
  add(to: CallTarget | readonly CallTarget[], options?: { ringMs?: number }): Promise<void>;
  /**
   * Hands the other side on and leaves. To a target: blind, and the caller is rung again when nobody answers there. To
   * another call of this client: attended, both of its others meet.
   */
  transfer(to: CallTarget | Call): Promise<void>;
  /** Puts this client's own leg on hold, or that one. */
  hold(legId?: string): Promise<void>;
  resume(legId?: string): Promise<void>;
  /** Nobody hears a phone's leg until it is unmuted. */
  muteLeg(legId: string, muted: boolean): Promise<void>;
  /** Presses keys (0 to 9, *, #, A to D) towards a phone, or all phones of the call. `durationMs` is of each: 100 by default. */
  sendDigits(digits: string, options?: { legId?: string; durationMs?: number }): Promise<void>;
}

export interface CallsEvents {
  /** Somebody calls: it rings until it is accepted, declined, or `ended`. */
  incoming: Call;
  /**
   * A call of this user goes on that this client is not in, as after a reload of the page: `accept` goes on with it here.
   * `peerId` of its own leg is empty when no other device is in it now.
   */
  found: Call;
  /** Any of them changed. */
  changed: Call;
  ended: { readonly call: Call; readonly reason: CallEndReason };
}

export interface Calls {
  /** Those that ring here, or that this client has started, accepted or found, by their ids; until they end. */
  readonly current: ReadonlyMap<string, Call>;
  /** From the first listener on the client hears of calls, and asks after each connection for those that there are. */
  on<Name extends keyof CallsEvents>(name: Name, listener: (event: CallsEvents[Name]) => void): Unsubscribe;
  /**
   * Rings, and joins the call's room meanwhile. @throws {ParleyError} GRANT_MISSING, CALL_LIMIT, CALL_REFUSED, RATE_LIMITED;
   * what opening the microphone fails with, before anybody is rung; what joining fails with, and then nobody is rung any more.
   * A call that is over already, as nobody could be reached, is answered like any other: `endReason` says why.
   */
  start(options: StartCallOptions): Promise<Call>;
  /** The calls that the user had, the newest first; the next page begins at `nextPageToken`, which is empty on the last one. */
  list(options?: {
    pageToken?: string;
    pageSize?: number;
  }): Promise<{ calls: readonly CallSummary[]; nextPageToken: string }>;
}
