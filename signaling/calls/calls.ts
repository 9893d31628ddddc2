// Starts calls, and rings further people into them: who may, and whom.

import { AppError } from '../../core/errors.ts';
import { createCallId, parseRoomId, type RoomId } from '../../core/ids.ts';
import { requireGrant } from '../grants.ts';
import type { PhoneCall, PhoneCallHandlers, PhoneCallRequest, PhoneCalls } from '../phones/phone-desk.ts';
import { maxLegs, maxLegsEver } from './call-limits.ts';
import { CallMaker } from './call-maker.ts';
import type { Caller } from './caller.ts';
import type { CallsParts } from './calls-parts.ts';
import type { Leg, LegDescription, LegOutcome } from './leg.ts';
import type { LiveCall } from './live-call.ts';
import { callRoomOf } from './party-grants.ts';
import type { RingTarget } from './ring-target.ts';

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

export class Calls implements PhoneCalls {
  readonly #parts: CallsParts;
  readonly #maker: CallMaker;

  constructor(parts: CallsParts) {
    this.#parts = parts;
    this.#maker = new CallMaker(parts);
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

    const call = this.#maker.create(callId, room, {
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
      ofUser: true,
    });
    if (firstRing === undefined) this.#isThere(call, own, caller);
    const legs = to.map((target) => this.#maker.addLeg(call, target));
    await this.#maker.recorded(call, call.legs, caller);
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
    if (call.allLegs.length + to.length > maxLegsEver) {
      throw new AppError('CALL_LIMIT', { limit: maxLegsEver, what: 'legs that a call has had' });
    }
    for (const user of usersOf(to)) {
      if (call.legOf(user) !== undefined) throw new AppError('CALL_REFUSED', { problem: `${user} is in it already` });
    }
    this.#parts.registry.requireSpace(usersOf(to));
    this.#parts.registry.requirePatience(by.identity, usersOf(to));
    const legs = to.map((target) => this.#maker.addLeg(call, target));
    for (const leg of legs) leg.askedBy = by.identity;
    await this.#maker.recorded(call, legs, by);
    if (call.isOver) throw new AppError('CALL_OVER', { callId: call.id });
    for (const leg of legs) {
      leg.outcome = outcome;
      call.ring(leg, ringMs || call.parts.ringMs);
    }
    return legs;
  }

  /** By a browser. @throws {AppError} CALL_TAKEN, CALL_OVER, CALL_NOT_FOUND */
  accept(call: LiveCall, caller: Caller): LiveCall {
    const { id: callId } = call;
    const { identity, sessionId, name } = caller;
    const leg = call.legs.findLast((one) => one.identity === identity && one.kind === 'user');
    if (leg === undefined) throw new AppError('CALL_NOT_FOUND', { callId });
    // Asked for again, as after a lost answer.
    if (leg.isAnswered && leg.sessionId === sessionId) return call;
    if (leg.isAnswered) throw new AppError('CALL_TAKEN', { callId });
    if (leg.isOver || leg.state === 'waiting') throw new AppError('CALL_OVER', { callId });
    call.answer(leg, { sessionId, name });
    if (leg.isAnswered) comeIn(call, leg, caller);
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
    const call = this.#maker.create(callId, room, wish);
    const own = call.add(describeCaller(caller));
    own.state = 'accepted';
    own.via = 'phone';
    call.callerTold = told;
    own.device = caller;
    const leg = this.#maker.addLeg(call, to);
    this.#maker.recorded(call, call.legs, { identity: startedBy, name: caller.name }).then(
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
    call.awaitJoin(leg);
    comeIn(call, leg, caller);
  }
}

/** Whoever is in the room already joins it no more. */
function comeIn(call: LiveCall, leg: Leg, { peerIn, grantsIn, life }: Caller): void {
  const { room, parts } = call;
  const peerId = peerIn(room);
  if (peerId === undefined) return;
  // In the call's own room are those whom it has invited.
  leg.stays = !parts.ownsRoom || grantsIn(room).has('join');
  leg.life = life;
  call.joined(leg, peerId);
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
