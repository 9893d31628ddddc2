// Starts calls, and rings further people into them: who may, and whom.

import type { Life } from '../../cluster/directory.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { createCallId, parseRoomId, type RoomId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { Defer } from '../defer.ts';
import { type Grants, requireGrant } from '../grants.ts';
import type { PhoneCall, PhoneCallHandlers, PhoneCallRequest, PhoneCalls } from '../phones/phone-desk.ts';
import type { BrowserPresence } from './browser-presence.ts';
import { type CallOptions, maxLegs } from './call-limits.ts';
import type { TellCall } from './call-news.ts';
import type { CallRecords } from './call-records.ts';
import type { CallRegistry } from './call-registry.ts';
import type { Leg, LegDescription, LegOutcome } from './leg.ts';
import { LiveCall } from './live-call.ts';
import type { LiveCallParts } from './live-call-parts.ts';
import { callRoomOf } from './party-grants.ts';
import type { RingTarget } from './ring-target.ts';
import { noTelephony, type Telephony } from './telephony.ts';

/** Whoever asks for something: a session, here or on another node. */
export interface Caller {
  readonly sessionId: string;
  readonly identity: string;
  readonly name: string;
  grantsIn(room: string): Grants;
  /** Its peer in that room, if it is there. */
  peerIn(room: string): string | undefined;
}

export interface StartRequest {
  readonly to: readonly RingTarget[];
  /** Undefined: a room of its own. */
  readonly room: string | undefined;
  readonly ringMs: number;
  readonly firstRing: RingTarget | undefined;
  readonly subject: string;
  readonly video: boolean;
  readonly clientId: string;
}

export interface CallsParts {
  readonly registry: CallRegistry;
  readonly telephony: Telephony;
  readonly records: CallRecords;
  readonly tell: TellCall;
  readonly browsersOf: (identity: string) => Promise<BrowserPresence>;
  /** So long it may be until whoever comes to another node is known here. */
  readonly knownWithinMs: number;
  /** As far as it is known here; empty otherwise. */
  readonly nameOf: (identity: string) => string;
  /** As other nodes know it; empty where none does. Never rejects. */
  readonly nameElsewhere: (identity: string) => Promise<string>;
  /** A room of others. @throws {AppError} by rejection: GRANT_MISSING, IDENTITY_REMOVED, NOT_A_PARTICIPANT and its like. */
  readonly requireMayEnter: (room: RoomId, caller: Caller) => Promise<void>;
  readonly roomSize: (room: RoomId) => number | undefined;
  /** No phone can be in the room, for it has no keys. */
  readonly isEncrypted: (room: RoomId) => boolean;
  /** `life`: the node that has it; undefined: this one. */
  readonly takeOut: (room: RoomId, peerId: string, life: Life | undefined) => void;
  /** @throws {AppError} SERVER_DRAINING */
  readonly requireOpen: () => void;
  readonly options: CallOptions;
  readonly clock: Clock;
  readonly defer: Defer;
  readonly log: Logger;
}

export class Calls implements PhoneCalls {
  readonly #parts: CallsParts;

  constructor(parts: CallsParts) {
    this.#parts = parts;
  }

  /** @throws {AppError} by rejection: GRANT_MISSING, BAD_REQUEST, CALL_LIMIT, CALL_REFUSED, E2EE_REFUSES, STORE_UNAVAILABLE and its like. */
  async start(caller: Caller, request: StartRequest): Promise<LiveCall> {
    this.#parts.requireOpen();
    const { to, firstRing, clientId } = request;
    const callId = createCallId();
    const room = parseRoomId(request.room ?? callRoomOf(callId));
    if (room === undefined) throw new AppError('BAD_REQUEST', { field: 'room', problem: 'is not the name of a room' });
    this.requireMayRing(caller, room, firstRing === undefined ? to : [...to, firstRing]);
    if (firstRing !== undefined) this.#requireOwn(firstRing, caller, room);
    // First: from here on nothing is waited for until the call is among the others.
    if (request.room !== undefined) await this.#parts.requireMayEnter(room, caller);
    const known = this.#parts.registry
      .of(caller.identity)
      .find(({ parts }) => clientId !== '' && parts.clientId === clientId && parts.startedBy === caller.identity);
    if (known !== undefined) return known;
    const crossing = this.#crossing(caller, request);
    if (crossing !== undefined) return crossing;
    this.#parts.registry.requireSpace([caller.identity, ...usersOf(to)]);
    this.#parts.registry.requirePatience(caller.identity, usersOf(to));

    const call = this.#create(callId, room, {
      ...request,
      ringMs: request.ringMs || this.#parts.options.ringMs,
      startedBy: caller.identity,
      ownsRoom: request.room === undefined,
    });
    const { ringMs } = call.parts;
    const own = call.add({
      target: firstRing ?? { user: caller.identity },
      identity: caller.identity,
      name: caller.name,
    });
    if (firstRing === undefined) this.#isThere(call, own, caller);
    const legs = to.map((target) => this.#addLeg(call, target));
    await this.#recorded(call, call.legs, caller);
    if (call.isOver) return call;
    if (firstRing !== undefined) call.ring(own, ringMs);
    else for (const leg of legs) call.ring(leg, ringMs);
    return call;
  }

  /** @throws {AppError} as {@link start}. */
  async add(call: LiveCall, caller: Caller, to: readonly RingTarget[], ringMs: number): Promise<readonly Leg[]> {
    this.#parts.requireOpen();
    this.requireMayRing(caller, call.room, to);
    return await this.ringMore(call, caller, to, ringMs);
  }

  /** Further legs, by whoever may. @throws {AppError} by rejection: CALL_LIMIT, CALL_REFUSED, CALL_OVER, STORE_UNAVAILABLE and its like. */
  async ringMore(
    call: LiveCall,
    by: { readonly identity: string; readonly name: string },
    to: readonly RingTarget[],
    ringMs: number,
    outcome?: LegOutcome,
  ): Promise<readonly Leg[]> {
    const there = call.legs.filter((leg) => !leg.isOver);
    if (there.length + to.length > maxLegs)
      throw new AppError('CALL_LIMIT', { limit: maxLegs, what: 'legs in a call' });
    for (const user of usersOf(to)) {
      if (call.legOf(user) !== undefined) throw new AppError('CALL_REFUSED', { problem: `${user} is in it already` });
    }
    this.#parts.registry.requireSpace(usersOf(to));
    this.#parts.registry.requirePatience(by.identity, usersOf(to));
    const legs = to.map((target) => this.#addLeg(call, target));
    for (const leg of legs) leg.askedBy = by.identity;
    await this.#recorded(call, legs, by);
    if (call.isOver) throw new AppError('CALL_OVER', { callId: call.id });
    for (const leg of legs) {
      leg.outcome = outcome;
      call.ring(leg, ringMs || call.parts.ringMs);
    }
    return legs;
  }

  /** By a browser. @throws {AppError} CALL_TAKEN, CALL_OVER, CALL_NOT_FOUND */
  accept(call: LiveCall, { identity, sessionId, name }: Omit<Caller, 'grantsIn'>): LiveCall {
    const { id: callId } = call;
    const leg = call.legs.findLast((one) => one.identity === identity && one.kind === 'user');
    if (leg === undefined) throw new AppError('CALL_NOT_FOUND', { callId });
    // Asked for again, as after a lost answer.
    if (leg.isAnswered && leg.sessionId === sessionId) return call;
    if (leg.isAnswered) throw new AppError('CALL_TAKEN', { callId });
    if (leg.isOver || leg.state === 'waiting') throw new AppError('CALL_OVER', { callId });
    call.answer(leg, { sessionId, name });
    return call;
  }

  startFromPhone({ caller, to, ringMs }: PhoneCallRequest, told: PhoneCallHandlers): PhoneCall {
    this.#parts.requireOpen();
    const startedBy = caller.identity;
    // Those of trunks are counted there.
    this.#parts.registry.requireSpace([...(caller.trunk === '' ? [startedBy] : []), ...usersOf([to])]);
    this.#parts.registry.requirePatience(startedBy, usersOf([to]));
    const callId = createCallId();
    const room = callRoomOf(callId) as RoomId;
    this.#requireTakesPhones(room);
    const wish = {
      subject: '',
      video: false,
      clientId: '',
      ringMs: ringMs || this.#parts.options.ringMs,
      startedBy,
      ownsRoom: true,
    };
    const call = this.#create(callId, room, wish);
    const own = call.add(describeCaller(caller));
    own.state = 'accepted';
    own.via = 'phone';
    call.callerTold = told;
    own.device = caller;
    const leg = this.#addLeg(call, to);
    this.#recorded(call, call.legs, { identity: startedBy, name: caller.name }).then(
      () => call.ring(leg, wish.ringMs),
      () => {},
    );
    return { callId, cancel: () => giveUp(call) };
  }

  /** @throws {AppError} GRANT_MISSING, BAD_REQUEST, CALL_REFUSED, E2EE_REFUSES */
  requireMayRing(caller: Caller, room: RoomId, to: readonly RingTarget[]): void {
    const grants = caller.grantsIn(room);
    requireGrant(grants, 'call');
    const dialled = to.some((target) => !('user' in target));
    if (dialled) requireGrant(grants, 'call:number');
    if (dialled && !this.#parts.telephony.canDial) {
      throw new AppError('CALL_REFUSED', { problem: 'there are no phone lines' });
    }
    if (dialled) this.#requireTakesPhones(room);
  }

  /** The caller is at a browser already: what rings first is a phone, which speaks for the caller. */
  #requireOwn(firstRing: RingTarget, { identity }: Caller, room: RoomId): void {
    if ('user' in firstRing && firstRing.user !== identity) {
      throw new AppError('BAD_REQUEST', { field: 'firstRing', problem: 'is somebody else' });
    }
    this.#requireTakesPhones(room);
  }

  #requireTakesPhones(room: RoomId): void {
    if (this.#parts.isEncrypted(room)) throw new AppError('E2EE_REFUSES', { what: 'phones' });
  }

  /** Two who call each other at once are in one call: the one that was first. */
  #crossing(caller: Caller, { to, room, firstRing }: StartRequest): LiveCall | undefined {
    const [target] = to;
    if (to.length !== 1 || target === undefined || !('user' in target) || room !== undefined || firstRing)
      return undefined;
    const call = this.#parts.registry
      .of(caller.identity)
      .find(
        ({ caller: other, legs, answeredAtMs, parts }) =>
          other?.identity === target.user && legs.length === 2 && answeredAtMs === undefined && parts.ownsRoom,
      );
    const leg = call?.legOf(caller.identity);
    return call && leg && leg !== call.caller && leg.state !== 'waiting' ? this.accept(call, caller) : undefined;
  }

  #isThere(call: LiveCall, leg: Leg, caller: Caller): void {
    leg.state = 'accepted';
    leg.via = 'client';
    leg.sessionId = caller.sessionId;
    const peerId = caller.peerIn(call.room);
    if (peerId === undefined) call.awaitJoin(leg);
    else {
      leg.stays = true;
      call.joined(leg, peerId);
    }
  }

  /** What cannot be kept is not begun: whoever is rung could not come in. */
  async #recorded(call: LiveCall, legs: readonly Leg[], by: { identity: string; name: string }): Promise<void> {
    try {
      await this.#parts.records.started(call, legs, by);
    } catch (error) {
      for (const leg of legs) if (!leg.isOver) call.end(leg, 'failed');
      throw error;
    }
  }

  #create(
    id: string,
    room: RoomId,
    wish: Pick<LiveCallParts, 'subject' | 'video' | 'clientId' | 'ringMs' | 'startedBy' | 'ownsRoom'>,
  ): LiveCall {
    const { registry, telephony, clock, defer, records, tell, browsersOf, knownWithinMs, roomSize, takeOut, log } =
      this.#parts;
    const { subject, video, clientId, ringMs, startedBy, ownsRoom } = wish;
    const call: LiveCall = new LiveCall({
      id,
      room,
      ownsRoom,
      startedBy,
      subject,
      video,
      clientId,
      ringMs,
      // Of users browsers alone ring where no phone could come in.
      telephony: () => (this.#parts.isEncrypted(room) ? noTelephony : telephony),
      clock,
      defer,
      records,
      tell,
      browsersOf,
      knownWithinMs,
      roomSize: () => roomSize(room),
      takeOut: (leg, peerId) => takeOut(room, peerId, leg.life),
      onLegAdded: (leg) => registry.legAdded(call, leg),
      onLegOver: (leg) => registry.legOver(call, leg),
      onEnded() {
        registry.forget(call);
        log.info({ callId: id, room, endReason: call.endReason }, 'call ended');
      },
    });
    registry.add(call);
    log.info({ callId: id, room, startedBy }, 'call started');
    return call;
  }

  /** Its name follows where another node has to be asked. */
  #addLeg(call: LiveCall, target: RingTarget): Leg {
    const leg = call.add(this.#describe(target));
    if (leg.kind !== 'user' || leg.name !== '') return leg;
    void this.#parts.nameElsewhere(leg.identity).then((name) => {
      if (name === '' || leg.name !== '' || leg.isOver) return;
      leg.name = name;
      call.changed();
    });
    return leg;
  }

  #describe(target: RingTarget): LegDescription {
    if ('user' in target) return { target, identity: target.user, name: this.#parts.nameOf(target.user) };
    return { target, identity: 'number' in target ? `tel:${target.number}` : target.uri, name: '' };
  }
}

const usersOf = (to: readonly RingTarget[]): string[] =>
  to.flatMap((target) => ('user' in target ? [target.user] : []));

/** What comes by no trunk is a phone of a user. */
function describeCaller({ identity, name, number, trunk }: PhoneCallRequest['caller']): LegDescription {
  return { target: trunk === '' ? { user: identity } : { number }, identity, name };
}

/** The caller's phone hung up before it was answered, or just as it was. */
function giveUp(call: LiveCall): void {
  call.callerTold = undefined;
  call.endAll(call.answeredAtMs === undefined ? 'canceled' : 'hung-up');
}
