// All calls of this node, and whose they are.

import { AppError } from '../../core/errors.ts';
import { Multimap } from '../../core/multimap.ts';
import type { CallInfo } from '../../proto/gen/types.ts';
import { type CallOptions, maxRemembered, maxToOne } from './call-limits.ts';
import type { EndReason, Leg, LegName } from './leg.ts';
import type { LiveCall } from './live-call.ts';

export interface LegOfCall {
  readonly call: LiveCall;
  readonly leg: Leg;
}

interface CallRegistryParts {
  readonly options: Pick<CallOptions, 'maxCalls' | 'maxPerIdentity'>;
  /** A user has calls here now, or none any more. */
  readonly onUser: (identity: string, hasCalls: boolean) => void;
  /** The last call is over. */
  readonly onEmpty: () => void;
}

export class CallRegistry {
  readonly #parts: CallRegistryParts;
  readonly #calls = new Map<string, LiveCall>();
  /** By whoever has a leg that is not over. */
  readonly #byIdentity = new Multimap<string, LiveCall>();
  readonly #byRoom = new Multimap<string, LiveCall>();
  /** By its id; those that are not over. */
  readonly #byLeg = new Map<string, LegOfCall>();
  /** Calls that ended a moment ago. */
  readonly #ended = new Set<string>();

  constructor(parts: CallRegistryParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#calls.size;
  }

  all(): LiveCall[] {
    return [...this.#calls.values()];
  }

  find(callId: string): LiveCall | undefined {
    return this.#calls.get(callId);
  }

  /** @throws {AppError} CALL_OVER, CALL_NOT_FOUND */
  require(callId: string): LiveCall {
    const call = this.#calls.get(callId);
    if (call !== undefined) return call;
    throw new AppError(this.#ended.has(callId) ? 'CALL_OVER' : 'CALL_NOT_FOUND', { callId });
  }

  /** One that is not over. */
  findLeg({ callId, legId }: LegName): LegOfCall | undefined {
    const call = this.#calls.get(callId);
    const leg = call?.legs.find(({ id, isOver }) => id === legId && !isOver);
    return call && leg && { call, leg };
  }

  /** In whichever call it is by now: it may have gone over into another one. */
  whereIs(legId: string): LegOfCall | undefined {
    return this.#byLeg.get(legId);
  }

  /** @throws {AppError} CALL_OVER */
  requireLeg(name: LegName): LegOfCall {
    const found = this.findLeg(name);
    if (found === undefined) throw new AppError('CALL_OVER', { callId: name.callId });
    return found;
  }

  /** Those that somebody has a leg of. */
  of(identity: string): LiveCall[] {
    return this.#byIdentity.get(identity);
  }

  in(room: string): LiveCall[] {
    return this.#byRoom.get(room);
  }

  /** Those that somebody is in, or that ring for it. */
  current(identity: string): CallInfo[] {
    const isShown = (leg: Leg) =>
      leg.identity === identity && leg.ofUser && !leg.isOver && (leg.isAnswered || leg.rungBrowsers);
    return this.of(identity)
      .filter(({ legs }) => legs.some(isShown))
      .map((call) => call.toInfo());
  }

  /** For one more call of each. @throws {AppError} CALL_LIMIT */
  requireSpace(identities: readonly string[]): void {
    const { maxCalls, maxPerIdentity } = this.#parts.options;
    if (this.#calls.size >= maxCalls) {
      throw new AppError('CALL_LIMIT', { limit: maxCalls, what: 'calls on this server' });
    }
    for (const identity of identities) {
      if (this.#byIdentity.count(identity) < maxPerIdentity) continue;
      throw new AppError('CALL_LIMIT', { limit: maxPerIdentity, what: `calls of ${identity}` });
    }
  }

  /** For one more call by which somebody rings each of them. @throws {AppError} CALL_LIMIT */
  requirePatience(by: string, users: readonly string[]): void {
    for (const user of users) {
      const rings = this.of(user).filter(({ legs, parts: { startedBy } }) =>
        legs.some(
          ({ identity, isAwaited, askedBy }) => identity === user && isAwaited && (askedBy || startedBy) === by,
        ),
      );
      if (rings.length >= maxToOne) throw new AppError('CALL_LIMIT', { limit: maxToOne, what: `calls to ${user}` });
    }
  }

  add(call: LiveCall): void {
    this.#calls.set(call.id, call);
    this.#byRoom.add(call.room, call);
  }

  legAdded(call: LiveCall, leg: Leg): void {
    const { id, identity, ofUser } = leg;
    this.#byLeg.set(id, { call, leg });
    this.#byIdentity.add(identity, call);
    if (ofUser && this.#byIdentity.count(identity) === 1) this.#parts.onUser(identity, true);
  }

  legOver(call: LiveCall, leg: Leg): void {
    this.#byLeg.delete(leg.id);
    if (call.legOf(leg.identity) === undefined) this.#forgetLeg(call, leg);
  }

  forget(call: LiveCall): void {
    this.#calls.delete(call.id);
    this.#byRoom.delete(call.room, call);
    for (const leg of call.legs) this.#forgetLeg(call, leg);
    this.#ended.add(call.id);
    const [oldest] = this.#ended;
    if (this.#ended.size > maxRemembered && oldest !== undefined) this.#ended.delete(oldest);
    if (this.#calls.size === 0) this.#parts.onEmpty();
  }

  endAll(reason: EndReason): void {
    for (const call of this.all()) call.endAll(reason);
  }

  #forgetLeg(call: LiveCall, { identity, ofUser }: Leg): void {
    const wasThere = this.#byIdentity.delete(identity, call);
    if (wasThere && ofUser && this.#byIdentity.count(identity) === 0) this.#parts.onUser(identity, false);
  }
}
