import type { CallInfo, CallLeg, MethodName, Methods } from '../../../proto/gen/types.ts';
import type { Room, Unsubscribe } from '../api.ts';
import { requireBoolean, requireText, requireWholeIfGiven } from '../arguments.ts';
import { Emitter } from '../emitter.ts';
import { sdkError } from '../errors.ts';
import type { Session } from '../session.ts';
import { toTarget, toTargets } from './call-targets.ts';
import type {
  Call,
  CallEndReason,
  CallEvents,
  CallMicrophone,
  CallState,
  CallTarget,
  EnterCallOptions,
} from './calls-api.ts';

/** A room that calls are held in: it follows what the call wants of this client's media. */
export interface CallRoom extends Room {
  /** What the microphone is published with; empty: as this client likes. */
  audioCodec: string;
  /** Nothing is heard here, and nothing that could be heard is sent. */
  held: boolean;
}

export interface CallRooms {
  find(name: string): CallRoom | undefined;
  join(name: string): Promise<CallRoom>;
}

export interface RunningCallParts {
  readonly session: Pick<Session, 'call'>;
  readonly rooms: CallRooms;
  readonly identity: () => string | undefined;
  readonly info: CallInfo;
  /** Undefined: this client has none, or the one of its user. */
  readonly ownLegId: string | undefined;
  /** Started for others to speak, as by click to call. */
  readonly withoutOwnLeg?: boolean | undefined;
  readonly ringsUntilMs: number | undefined;
  onChanged(call: RunningCall): void;
  /** For this client. Said once. */
  onEnded(call: RunningCall, reason: CallEndReason): void;
}

/** A call as this client has it, from its first ring to the end of its own part in it. */
export class RunningCall implements Call {
  readonly direction: Call['direction'];
  readonly #parts: RunningCallParts;
  readonly #emitter = new Emitter<CallEvents>();
  readonly #ownLegId: string | undefined;
  #info: CallInfo;
  #state: CallState;
  #endReason: CallEndReason = '';
  #ringsUntilMs: number | undefined;
  #room: CallRoom | undefined;
  /** The room was joined for this call, and is left with it. */
  #joinedForIt = false;
  #entering: Promise<Room> | undefined;
  /** What was given to be published. */
  #microphone: MediaStreamTrack | undefined;

  constructor(parts: RunningCallParts) {
    const { info, ownLegId, withoutOwnLeg = false } = parts;
    this.#parts = parts;
    this.#info = info;
    // One that is over already is told to have ended as any other.
    this.#state = info.state === 'accepted' ? 'accepted' : 'ringing';
    this.#ringsUntilMs = parts.ringsUntilMs;
    const own = withoutOwnLeg ? undefined : info.legs.find((leg) => leg.legId === ownLegId || this.#isOfUser(leg));
    this.#ownLegId = ownLegId ?? own?.legId;
    this.direction = withoutOwnLeg || this.#ownLegId === info.legs[0]?.legId ? 'outgoing' : 'incoming';
  }

  get callId(): string {
    return this.#info.callId;
  }

  get state(): CallState {
    return this.#state;
  }

  get info(): CallInfo {
    return this.#info;
  }

  get ownLeg(): CallLeg | undefined {
    return this.#info.legs.find(({ legId }) => legId === this.#ownLegId);
  }

  get otherLegs(): readonly CallLeg[] {
    return this.#info.legs.filter(({ legId }) => legId !== this.#ownLegId);
  }

  get room(): Room | undefined {
    return this.#room;
  }

  get held(): boolean {
    return this.ownLeg?.held ?? false;
  }

  get endReason(): CallEndReason {
    return this.#endReason;
  }

  get ringsUntilMs(): number | undefined {
    return this.#ringsUntilMs;
  }

  on<Name extends keyof CallEvents>(name: Name, listener: (event: CallEvents[Name]) => void): Unsubscribe {
    return this.#emitter.on(name, listener);
  }

  accept({ microphone }: EnterCallOptions = {}): Promise<Room> {
    if (this.#room) return Promise.resolve(this.#room);
    this.#entering ??= this.#accept(microphone).finally(() => {
      this.#entering = undefined;
    });
    return this.#entering;
  }

  async decline({ busy = false }: { busy?: boolean } = {}): Promise<void> {
    requireBoolean('busy', busy);
    await this.#call('call.decline', { callId: this.callId, reason: busy ? 'busy' : 'declined' });
  }

  async end({ forAll = false }: { forAll?: boolean } = {}): Promise<void> {
    requireBoolean('forAll', forAll);
    await this.#call('call.end', { callId: this.callId, forAll });
  }

  async endLeg(legId: string): Promise<void> {
    requireText('legId', legId);
    await this.#call('call.end', { callId: this.callId, legId });
  }

  async add(to: CallTarget | readonly CallTarget[], { ringMs }: { ringMs?: number } = {}): Promise<void> {
    requireWholeIfGiven('ringMs', ringMs);
    await this.#follow('call.add', { callId: this.callId, to: toTargets(to), ringMs });
  }

  async transfer(to: CallTarget | Call): Promise<void> {
    const whereTo = 'callId' in to ? { toCallId: to.callId } : { to: toTarget(to) };
    await this.#follow('call.transfer', { callId: this.callId, ...whereTo });
  }

  hold(legId = ''): Promise<void> {
    return this.#hold(legId, true);
  }

  resume(legId = ''): Promise<void> {
    return this.#hold(legId, false);
  }

  async muteLeg(legId: string, muted: boolean): Promise<void> {
    requireText('legId', legId);
    requireBoolean('muted', muted);
    await this.#follow('call.mute', { callId: this.callId, legId, muted });
  }

  async sendDigits(
    digits: string,
    { legId = '', durationMs = 0 }: { legId?: string; durationMs?: number } = {},
  ): Promise<void> {
    requireText('digits', digits);
    requireWholeIfGiven('durationMs', durationMs);
    await this.#call('call.sendDigits', { callId: this.callId, legId, digits, durationMs });
  }

  /** Joins the room of a call that was started here, while it rings. */
  async enter(track: MediaStreamTrack | undefined): Promise<Room> {
    this.#microphone = track;
    try {
      const room = await this.#join();
      if (track && !room.localTracks.has('microphone')) await room.publish(track, { source: 'microphone' });
      this.#emitter.emit('entered', room);
      return room;
    } catch (error) {
      // Nobody waits for one who cannot come.
      if (this.#state !== 'ended') await this.end().catch(() => {});
      throw error;
    }
  }

  /** Somebody handed this side on: it goes on in another call, with another room. */
  movedTo(info: CallInfo): void {
    const room = this.#room;
    const joinedForIt = this.#joinedForIt;
    this.#room = undefined;
    if (room && joinedForIt) void room.leave();
    this.updated(info);
    const track = this.#microphone?.readyState === 'live' ? this.#microphone : undefined;
    this.enter(track).catch(() => {});
  }

  /** What the server says of it, in the order in which it does. */
  updated(info: CallInfo): void {
    if (this.#state === 'ended') return;
    this.#info = info;
    const own = this.ownLeg;
    if (info.state === 'ended' || own?.state === 'ended') {
      const reason = own?.endReason || info.endReason;
      this.ended(info, reason === '' ? 'hung-up' : (reason as CallEndReason));
      return;
    }
    this.#state = info.state;
    if (own?.state === 'accepted') this.#ringsUntilMs = undefined;
    this.#applyToRoom();
    this.#changed();
  }

  ended(info: CallInfo, reason: CallEndReason): void {
    if (this.#state === 'ended') return;
    this.#info = info;
    this.#state = 'ended';
    this.#endReason = reason;
    this.#ringsUntilMs = undefined;
    this.#leaveRoom();
    this.#changed();
    this.#emitter.emit('ended', { reason });
    this.#parts.onEnded(this, reason);
  }

  async #accept(microphone: CallMicrophone | undefined): Promise<Room> {
    const track = await openMicrophone(microphone);
    // One that was found is taken already: whoever comes into its room as this user has its leg.
    if (this.ownLeg?.state !== 'accepted') await this.#follow('call.accept', { callId: this.callId });
    return this.enter(track);
  }

  async #join(): Promise<CallRoom> {
    const { rooms } = this.#parts;
    const { room: name } = this.#info;
    const present = rooms.find(name);
    const room = present ?? (await rooms.join(name));
    if (this.#state === 'ended') {
      if (!present) await room.leave();
      throw sdkError('CALL_OVER');
    }
    this.#room = room;
    this.#joinedForIt = present === undefined;
    const forget = room.on('left', () => {
      forget();
      this.#room = undefined;
    });
    this.#applyToRoom();
    return room;
  }

  #applyToRoom(): void {
    if (!this.#room) return;
    this.#room.audioCodec = this.#info.audioCodec;
    this.#room.held = this.held;
  }

  #leaveRoom(): void {
    const room = this.#room;
    this.#room = undefined;
    if (!room) return;
    room.audioCodec = '';
    room.held = false;
    if (this.#joinedForIt) void room.leave();
  }

  async #hold(legId: string, hold: boolean): Promise<void> {
    await this.#follow('call.hold', { callId: this.callId, legId, hold });
  }

  #call<M extends MethodName>(method: M, params: Methods[M]['init']): Promise<Methods[M]['response']> {
    if (this.#state === 'ended') return Promise.reject(sdkError('CALL_OVER'));
    return this.#parts.session.call(method, params);
  }

  /** A call whose answer says how this call is now. */
  async #follow<M extends 'call.accept' | 'call.add' | 'call.transfer' | 'call.hold' | 'call.mute'>(
    method: M,
    params: Methods[M]['init'],
  ): Promise<void> {
    if (this.#state === 'ended') throw sdkError('CALL_OVER');
    await this.#parts.session.call(method, params, { apply: (info) => this.updated(info) });
  }

  #isOfUser({ kind, identity, state }: CallLeg): boolean {
    return kind === 'user' && state !== 'ended' && identity === this.#parts.identity();
  }

  #changed(): void {
    this.#emitter.emit('changed', this);
    this.#parts.onChanged(this);
  }
}

/** @throws what opening it fails with, and TRACK_ENDED. */
export async function openMicrophone(microphone: CallMicrophone | undefined): Promise<MediaStreamTrack | undefined> {
  const track = typeof microphone === 'function' ? await microphone() : microphone;
  if (track?.readyState === 'ended') throw sdkError('TRACK_ENDED');
  return track;
}
