// Legs that go from a call of one node to a call of another: an attended transfer of somebody who has both.

import type { Life } from '../../../cluster/directory.ts';
import { requireAnswered, requireOwnLeg } from '../call-controls.ts';
import type { CallRegistry, LegOfCall } from '../call-registry.ts';
import { Leg } from '../leg.ts';
import { identitiesIn, requireOthers, type Transfers } from '../transfers.ts';
import type { CallAsks, HandedLeg, Transferor } from './call-asks.ts';
import type { ClusterLegs } from './cluster-legs.ts';
import type { NodeAsks } from './node-asks.ts';
import { RemotePhone } from './remote-phone.ts';

interface HandOverParts {
  readonly registry: CallRegistry;
  readonly transfers: Transfers;
  readonly legs: ClusterLegs;
  readonly asks: NodeAsks;
  readonly life: () => Life;
}

export class HandOver {
  readonly #parts: HandOverParts;

  constructor(parts: HandOverParts) {
    this.#parts = parts;
  }

  /** @throws {AppError} by rejection: as Transfers.attended, and NODE_UNREACHABLE. */
  async take(one: LegOfCall, from: Life, callId: string, by: Transferor): Promise<void> {
    requireAnswered(one.leg);
    requireOthers(one.call, one.leg);
    const identities = [...identitiesIn(one.call)];
    const handed = await this.#parts.asks.ask(from, 'handOver', { callId, by, identities });
    const legs = handed.map((leg) => this.#toLeg(one, leg));
    await this.#parts.transfers.takeOver(one, legs);
  }

  /** For a call of another node. @throws {AppError} CALL_REFUSED, CALL_OVER, CALL_NOT_FOUND */
  give({ callId, by, identities }: CallAsks['handOver']['content'], to: Life): HandedLeg[] {
    const { registry, transfers, legs } = this.#parts;
    const call = registry.require(callId);
    const leg = 'legId' in by ? registry.requireLeg({ callId, legId: by.legId }).leg : requireOwnLeg(call, by.identity);
    const phones = new Map(call.answered.map((one) => [one.id, one.phone]));
    return transfers.handOver({ call, leg }, new Set(identities)).map((moved) => {
      const phone = phones.get(moved.id);
      if (moved.life === undefined && phone !== undefined) legs.goesTo(to, moved.id, phone);
      return this.#toHanded(moved);
    });
  }

  #toHanded(leg: Leg): HandedLeg {
    const { id: legId, target, identity, name, ofUser, via, sessionId, answeredAtMs, device } = leg;
    const { held, muted, codec, encrypted } = leg;
    const life = leg.life ?? this.#parts.life();
    const state = { held, muted, codec, encrypted };
    return { legId, target, identity, name, ofUser, via, sessionId, answeredAtMs, device, state, life };
  }

  #toLeg({ call }: LegOfCall, { legId, via, state, life, ...handed }: HandedLeg): Leg {
    const { asks, legs, life: here } = this.#parts;
    const leg = new Leg(handed, legId);
    const { sessionId, answeredAtMs, device } = handed;
    Object.assign(leg, state, { state: 'accepted', via, sessionId, answeredAtMs, device, wasRung: true });
    if (via !== 'phone') return leg;
    leg.life = life === here() ? undefined : life;
    leg.phone = legs.phoneOf(legId) ?? new RemotePhone(asks, life, { callId: call.id, legId });
    return leg;
  }
}
