// Rooms and calls as phones meet them, without sessions and rosters.

import { AppError } from '../../../core/errors.ts';
import { Emitter } from '../../../core/events.ts';
import { createPeerId, parseRoomId, type RoomId } from '../../../core/ids.ts';
import type { LegQuality, PhoneInfo } from '../../../proto/gen/types.ts';
import type { RingTarget } from '../../../signaling/calls/ring-target.ts';
import type {
  PhoneCall,
  PhoneCallHandlers,
  PhoneCallRequest,
  PhoneCalls,
  PhoneDesk,
  PhoneEnd,
  PhoneJoin,
  PhonePeer,
  PhonePeerEvents,
  PhoneState,
  TransferHandlers,
} from '../../../signaling/phones/phone-desk.ts';

export class MemoryPhoneDesk implements PhoneDesk, PhoneCalls {
  readonly peers: MemoryPhonePeer[] = [];
  readonly calls: MemoryPhoneCall[] = [];
  /** Rooms take no more than this many phones. */
  mostPeers = 10;

  async join(request: PhoneJoin): Promise<MemoryPhonePeer> {
    const inRoom = this.peers.filter(({ room, left }) => room === request.room && !left);
    if (inRoom.length >= this.mostPeers) throw new AppError('ROOM_FULL', { room: request.room, limit: this.mostPeers });
    const peer = new MemoryPhonePeer(request);
    this.peers.push(peer);
    return peer;
  }

  startFromPhone(request: PhoneCallRequest, told: PhoneCallHandlers): PhoneCall {
    const call = new MemoryPhoneCall(`call-${this.calls.length}`, request, told);
    this.calls.push(call);
    return call;
  }
}

export class MemoryPhoneCall implements PhoneCall {
  readonly callId: string;
  readonly request: PhoneCallRequest;
  readonly told: PhoneCallHandlers;
  canceled = false;

  constructor(callId: string, request: PhoneCallRequest, told: PhoneCallHandlers) {
    this.callId = callId;
    this.request = request;
    this.told = told;
  }

  /** Somebody picks up: who called goes into a room of the call's own. */
  accept(): void {
    const { identity, name, number, trunk } = this.request.caller;
    this.told.accepted({ room: roomOf(this.callId), identity, name, number, trunk, callId: this.callId });
  }

  cancel(): void {
    this.canceled = true;
  }
}

/** Everything that was told of it stands here in its order. */
export class MemoryPhonePeer implements PhonePeer {
  readonly peerId = createPeerId();
  readonly events = new Emitter<PhonePeerEvents>((error) => {
    throw error;
  });
  readonly request: PhoneJoin;
  readonly room: RoomId;
  readonly identity: string;
  // Nobody asks this room's media anything: the legs here keep their own books.
  readonly media = {} as PhonePeer['media'];
  handRaised = false;
  passesAllKeys = false;
  readonly digits: string[] = [];
  readonly transfers: { readonly to: RingTarget | PhonePeer; readonly told: TransferHandlers }[] = [];
  state: PhoneInfo;
  left = false;
  leftAs: PhoneEnd | undefined;
  quality: LegQuality | undefined;

  constructor(request: PhoneJoin) {
    this.request = request;
    this.room = request.room;
    this.identity = request.identity;
    const { number, trunk, muted = false, callId = '', attributes = {}, ringing = false } = request;
    this.state = { number, trunk, held: false, muted, codec: '', encrypted: false, callId, attributes, ringing };
  }

  setState(state: PhoneState): void {
    if (!this.left) this.state = { ...this.state, ...state };
  }

  async answer(): Promise<void> {
    this.state = { ...this.state, ringing: false };
  }

  raiseHand(raised: boolean): void {
    this.handRaised = raised;
  }

  digit(digit: string): void {
    this.digits.push(digit);
  }

  report(quality: LegQuality): void {
    if (!this.left) this.quality = quality;
  }

  transfer(to: RingTarget | PhonePeer, told: TransferHandlers): void {
    this.transfers.push({ to, told });
  }

  leave(reason: PhoneEnd): void {
    if (this.left) return;
    this.left = true;
    this.leftAs = reason;
  }
}

export function roomOf(name: string): RoomId {
  const room = parseRoomId(name);
  if (room === undefined) throw new Error(`${name} is no name of a room`);
  return room;
}
