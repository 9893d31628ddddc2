// A phone in a room: a peer whose owner speaks to the phone, and not over a connection of ours.

import type { Clock } from '../../core/clock.ts';
import { toAppError } from '../../core/errors.ts';
import { Emitter, type Unsubscribe } from '../../core/events.ts';
import type { PeerId, RoomId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { RoomMedia } from '../../media/media.ts';
import type { CallLeg, LegQuality, PhoneInfo, ProducerInfo } from '../../proto/gen/types.ts';
import { endReasonOf } from '../calls/call-presence.ts';
import type { CallRecords } from '../calls/call-records.ts';
import type { EndReason, LegName } from '../calls/leg.ts';
import type { LegNews } from '../calls/leg-news.ts';
import type { LegPhone } from '../calls/leg-phone.ts';
import type { RingTarget } from '../calls/ring-target.ts';
import type { Visit } from '../calls/visits.ts';
import type { LeaveReason, Peer, PeerOwner, Wish } from '../peer.ts';
import { raiseHand } from '../raised-hands.ts';
import type { LoadedRoom } from '../rooms.ts';
import type {
  PhoneEnd,
  PhoneJoin,
  PhoneLeft,
  PhonePeer,
  PhonePeerEvents,
  PhoneState,
  TransferHandlers,
} from './phone-desk.ts';
import { stateOf } from './phone-state.ts';

export interface PhoneMemberParts {
  /** @throws {AppError} by rejection: STORE_UNAVAILABLE and its like. */
  readonly load: (join: PhoneJoin) => Promise<LoadedRoom>;
  /** In the turn in which it was loaded. @throws {AppError} ROOM_FULL and its like. */
  readonly enter: (member: PhoneMember, join: PhoneJoin, loaded: LoadedRoom) => Peer;
  readonly legs: LegNews;
  readonly records: Pick<CallRecords, 'visitBegan' | 'visited'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onLeft: (member: PhoneMember) => void;
}

export class PhoneMember implements PhonePeer, PeerOwner, LegPhone {
  readonly events: Emitter<PhonePeerEvents>;
  readonly #parts: PhoneMemberParts;
  #peer: Peer;
  #state: PhoneInfo;
  #leg: LegName | undefined;
  #left = false;
  #endReason: CallLeg['endReason'] = '';
  /** Why it is taken out; undefined: by whoever speaks to it, or by the room. */
  #ending: PhoneLeft | undefined;
  /** It went by itself, and why. */
  #ownEnd: PhoneEnd | undefined;
  /** Newest: how well it was heard. */
  #quality: LegQuality | undefined;
  /** In a room without a call. */
  readonly #visit: Visit | undefined;
  /** What its call takes it for since it was asked to hold or go on, until it tells how it is. */
  #heldInCall: boolean | undefined;
  #mute = { muted: false, locked: false };
  #unsubscribe: Unsubscribe = () => {};

  /** @throws {AppError} ROOM_FULL and its like. */
  private constructor(join: PhoneJoin, loaded: LoadedRoom, parts: PhoneMemberParts) {
    this.#parts = parts;
    this.#state = stateOf(join);
    this.#leg = legOf(join);
    this.events = new Emitter((error, event) => parts.log.error({ err: error, event }, 'a phone was not told'));
    this.#peer = parts.enter(this, join, loaded);
    this.#follow();
    if (join.callId === undefined) this.#visit = this.#begin(join);
  }

  /** @throws {AppError} by rejection: see PhoneDesk.join. */
  static async join(join: PhoneJoin, parts: PhoneMemberParts): Promise<PhoneMember> {
    const leg = legOf(join);
    try {
      const member = new PhoneMember(join, await parts.load(join), parts);
      if (!member.state.ringing) await member.#comeToCall();
      return member;
    } catch (error) {
      // Of one that rings, whoever rings it tells what became of it.
      if (leg !== undefined && !join.ringing) parts.legs.left(leg, 'failed');
      throw error;
    }
  }

  get peerId(): PeerId {
    return this.#peer.id;
  }

  get room(): RoomId {
    return this.#peer.room.name;
  }

  get media(): RoomMedia {
    return this.#peer.room.media;
  }

  get identity(): string {
    return this.#peer.identity;
  }

  get state(): PhoneInfo {
    return this.#state;
  }

  get leg(): LegName | undefined {
    return this.#leg;
  }

  get handRaised(): boolean {
    return this.#peer.handRaised;
  }

  get phoneEnd(): NonNullable<PeerOwner['phoneEnd']> {
    return { quality: this.#quality, endReason: this.#endReason };
  }

  get left(): boolean {
    return this.#left;
  }

  get passesAllKeys(): boolean {
    // Whoever is muted would have no key to speak again.
    if (this.#leg === undefined || this.#state.muted) return false;
    const { members } = this.#peer.room.roster;
    return members.length === 2 && members.every(({ kind }) => kind === 'phone');
  }

  setState(state: PhoneState): void {
    if (this.#left) return;
    const { held, muted, codec, encrypted } = { ...this.#state, ...state };
    // A hold that failed changes nothing here, and its call believes in it.
    const isNews = state.held !== undefined && this.#heldInCall !== undefined && this.#heldInCall !== held;
    if (state.held !== undefined) this.#heldInCall = undefined;
    if (!this.#show({ ...this.#state, held, muted, codec, encrypted }) && !isNews) return;
    if (this.#leg !== undefined && !this.#state.ringing)
      this.#parts.legs.changed(this.#leg, { held, muted, codec, encrypted });
  }

  async answer(): Promise<void> {
    if (this.#left || !this.#state.ringing) return;
    this.#show({ ...this.#state, ringing: false });
    await this.#comeToCall();
  }

  raiseHand(raised: boolean): void {
    raiseHand(this.#peer, raised);
  }

  digit(digit: string, durationMs: number): void {
    if (this.#left) return;
    const { room, id: peerId } = this.#peer;
    const pressed = { room: room.name, peerId, digit, durationMs: Math.round(durationMs) };
    room.broadcast('phoneDigit', pressed);
    room.ties.tell({ digit: pressed });
    if (this.#leg !== undefined) this.#parts.legs.pressed(this.#leg, { digit, durationMs });
  }

  report(quality: LegQuality): void {
    if (this.#left) return;
    this.#quality = quality;
    if (this.#leg !== undefined) this.#parts.legs.reported(this.#leg, quality);
  }

  transfer(to: RingTarget | PhonePeer, told: TransferHandlers): void {
    const other = to instanceof PhoneMember ? to.leg : 'peerId' in to ? undefined : to;
    if (this.#leg === undefined || other === undefined || this.#left) {
      queueMicrotask(() => told.failed('CALL_NOT_FOUND'));
      return;
    }
    this.#parts.legs.transfer(this.#leg, other, told);
  }

  leave(reason: PhoneEnd): void {
    if (this.#left) return;
    this.#ownEnd = reason;
    this.#peer.room.leave(this.#peer, reason === 'no-media' || reason === 'media-lost' ? 'lost' : reason);
  }

  // What moderators want of it.
  wished({ unmute, lowerHand, volumeDb }: Wish): void {
    if (unmute !== undefined) this.events.emit('unmuteRequested', {});
    if (lowerHand) this.events.emit('handLowered', {});
    if (volumeDb !== undefined) this.events.emit('volumeWanted', { db: volumeDb });
  }

  // What its call wants of it.
  hold(hold: boolean): void {
    this.#heldInCall = hold;
    this.events.emit('holdWanted', { hold });
  }

  mute(muted: boolean): void {
    this.events.emit('muteWanted', { muted });
  }

  sendDigits(digits: string, durationMs: number): void {
    this.events.emit('digitsWanted', { digits, durationMs });
  }

  end(reason: PhoneLeft): void {
    this.#ending = reason;
    this.#peer.room.leave(this.#peer, 'closed');
  }

  move(join: PhoneJoin): void {
    if (this.#left) return;
    this.#move(join).catch((thrown: unknown) => {
      this.#parts.log.warn({ err: toAppError(thrown), room: join.room }, 'a phone could not be moved to another room');
      if (!this.#left) this.end('hung-up');
    });
  }

  peerLeft(peer: Peer, reason: LeaveReason): void {
    if (peer !== this.#peer || this.#left) return;
    this.#left = true;
    const endReason = this.#endReasonOf(reason);
    this.#endReason = endReason;
    this.#unsubscribe();
    this.#parts.onLeft(this);
    if (this.#visit !== undefined) this.#end(this.#visit, endReason);
    // Of one that rings, whoever rings it tells what became of it.
    const isKnown = !this.#state.ringing || this.#ownEnd === undefined;
    if (this.#leg !== undefined && isKnown) this.#parts.legs.left(this.#leg, this.#ownEnd ?? reason);
    if (this.#ownEnd === undefined) this.events.emit('left', { reason: this.#ending ?? reason });
  }

  #begin({ identity, name }: PhoneJoin): Visit {
    const { number, trunk } = this.#state;
    const startedAtMs = this.#parts.clock.nowMs();
    const visit = { peerId: this.peerId, room: this.room, identity, name, number, trunk, startedAtMs };
    this.#parts.records.visitBegan(visit);
    return visit;
  }

  #endReasonOf(reason: LeaveReason): EndReason {
    if (this.#ownEnd !== undefined) return endReasonOf[this.#ownEnd];
    const ending = this.#ending;
    return ending === 'hung-up' || ending === 'transferred' ? ending : endReasonOf[reason];
  }

  #end(visit: Visit, endReason: EndReason): void {
    const endedAtMs = this.#parts.clock.nowMs();
    const how = { phone: this.#state, quality: this.#quality };
    this.#parts.records.visited(visit, { ...how, endedAtMs, endReason });
  }

  /** It is heard where it was until it can come in elsewhere. */
  async #move(join: PhoneJoin): Promise<void> {
    const { load, enter } = this.#parts;
    const loaded = await load(join);
    if (this.#left) return;
    const before = this.#peer;
    const { held, muted, codec, encrypted } = this.#state;
    this.#state = { ...stateOf(join), held, muted, codec, encrypted };
    this.#peer = enter(this, join, loaded);
    before.room.leave(before, 'left');
    this.#leg = legOf(join);
    this.#follow();
    this.events.emit('moved', {});
    await this.#tellLeg();
  }

  /** Answers whether anything is another now. */
  #show(state: PhoneInfo): boolean {
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return false;
    this.#state = state;
    this.#peer.phone = state;
    this.#peer.room.announceChange(this.#peer);
    return true;
  }

  async #comeToCall(): Promise<void> {
    try {
      await this.#tellLeg();
    } catch (error) {
      this.leave('left');
      throw error;
    }
  }

  async #tellLeg(): Promise<void> {
    const leg = this.#leg;
    if (leg === undefined) return;
    const { legs } = this.#parts;
    await legs.joined(leg, this.peerId, this);
    const { held, muted, codec, encrypted } = this.#state;
    if (codec !== '' || held || muted) legs.changed(leg, { held, muted, codec, encrypted });
  }

  /** What moderators do to its track is done by the room's media; it is told to say so. */
  #follow(): void {
    this.#unsubscribe();
    this.#mute = { muted: false, locked: false };
    const look = (of: { readonly peerId: PeerId; readonly producer: ProducerInfo }) => {
      const { muted, locked } = of.producer;
      if (of.peerId !== this.peerId || (muted === this.#mute.muted && locked === this.#mute.locked)) return;
      this.#mute = { muted, locked };
      this.events.emit('mutedByModerator', { muted, locked });
    };
    const { events } = this.media;
    const ends = [events.on('producerAdded', look), events.on('producerChanged', look)];
    this.#unsubscribe = () => {
      for (const end of ends) end();
    };
  }
}

const legOf = ({ callId, legId }: PhoneJoin): LegName | undefined =>
  callId === undefined || legId === undefined ? undefined : { callId, legId };
