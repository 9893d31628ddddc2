// What phones in rooms tell the calls whose legs they are; the call may be on another node.

import { toAppError } from '../../core/errors.ts';
import type { LegQuality } from '../../proto/gen/types.ts';
import type { Press } from '../phones/passed-keys.ts';
import type { PhoneState, TransferHandlers } from '../phones/phone-desk.ts';
import { passKey, setHeld } from './call-controls.ts';
import { phoneJoinOf } from './call-info.ts';
import { endReasonOf, type LegLeft } from './call-presence.ts';
import type { CallRecords } from './call-records.ts';
import type { CallRegistry, LegOfCall } from './call-registry.ts';
import type { LegName } from './leg.ts';
import type { LegPhone } from './leg-phone.ts';
import type { RingTarget } from './ring-target.ts';
import type { Transfers } from './transfers.ts';

export interface LegNews {
  /** @throws {AppError} by rejection: CALL_OVER where the leg is over by now, and the phone is to go. */
  joined(of: LegName, peerId: string, phone: LegPhone): Promise<void>;
  /** It is out of the room. */
  left(of: LegName, reason: LegLeft): void;
  changed(of: LegName, state: PhoneState): void;
  reported(of: LegName, quality: LegQuality): void;
  /** A key, for the other phones of the call. */
  pressed(of: LegName, press: Press): void;
  /** What fails is told. */
  transfer(of: LegName, to: RingTarget | LegName, told: TransferHandlers): void;
}

/** Of the calls of this node. */
export class LocalLegs implements LegNews {
  readonly #registry: CallRegistry;
  readonly #transfers: Transfers;
  readonly #records: CallRecords;

  constructor(registry: CallRegistry, transfers: Transfers, records: CallRecords) {
    this.#registry = registry;
    this.#transfers = transfers;
    this.#records = records;
  }

  /** `life`: of another node that has the phone. */
  async joined(of: LegName, peerId: string, phone: LegPhone, life?: string): Promise<void> {
    const moved = this.#registry.find(of.callId) === undefined ? this.#registry.whereIs(of.legId) : undefined;
    if (moved !== undefined) {
      // Handed over between the answer and now: it comes in there.
      phone.move(phoneJoinOf(moved.call, moved.leg));
      return;
    }
    const { call, leg } = this.#registry.requireLeg(of);
    leg.life = life;
    call.joined(leg, peerId, phone);
  }

  left(of: LegName, reason: LegLeft): void {
    const found = this.#find(of);
    if (found === undefined) return;
    found.leg.phone = undefined;
    found.call.end(found.leg, endReasonOf[reason]);
  }

  changed(of: LegName, { held, ...state }: PhoneState): void {
    const found = this.#find(of);
    if (found === undefined) return;
    const { call, leg } = found;
    if (leg.apply(state)) call.changed();
    if (held !== undefined && held !== leg.held) setHeld(call, leg, held ? 'self' : '', this.#records);
  }

  reported(of: LegName, quality: LegQuality): void {
    const found = this.#find(of);
    if (found !== undefined) found.leg.quality = quality;
  }

  pressed(of: LegName, press: Press): void {
    const found = this.#find(of);
    if (found !== undefined) passKey(found.call, found.leg, press);
  }

  transfer(of: LegName, to: RingTarget | LegName, told: TransferHandlers): void {
    this.#transfer(of, to, told).catch((thrown: unknown) => told.failed(toAppError(thrown).reason));
  }

  async #transfer(of: LegName, to: RingTarget | LegName, told: TransferHandlers): Promise<void> {
    const from = this.#registry.requireLeg(of);
    if (!('callId' in to)) return await this.#transfers.blind(from, to, told);
    await this.#transfers.attended(from, this.#registry.requireLeg(to), () => told.done());
  }

  /** A phone that is handed over goes by its old call until it has come into the room of the other one. */
  #find(of: LegName): LegOfCall | undefined {
    return this.#registry.findLeg(of) ?? this.#registry.whereIs(of.legId);
  }
}
