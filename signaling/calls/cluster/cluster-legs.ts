// What phones of this node tell their calls, wherever those are, and what calls of other nodes want of them.

import type { Life } from '../../../cluster/directory.ts';
import type { Clock, Timer } from '../../../core/clock.ts';
import type { LegQuality } from '../../../proto/gen/types.ts';
import type { Press } from '../../phones/passed-keys.ts';
import type { PhoneState, TransferHandlers } from '../../phones/phone-desk.ts';
import { joinWithinMs } from '../call-limits.ts';
import type { LegLeft } from '../call-presence.ts';
import type { LegName } from '../leg.ts';
import type { LegNews, LocalLegs } from '../leg-news.ts';
import type { LegPhone } from '../leg-phone.ts';
import type { RingTarget } from '../ring-target.ts';
import type { PhoneWish, TransferNews } from './call-asks.ts';
import type { KnownCalls } from './known-calls.ts';
import type { NodeAsks } from './node-asks.ts';

interface ClusterLegsParts {
  readonly local: LocalLegs;
  readonly isLocal: (callId: string) => boolean;
  readonly known: KnownCalls;
  readonly asks: NodeAsks;
  readonly clock: Clock;
  /** Of a call of this node; the other one may be elsewhere. */
  readonly transferHere: LegNews['transfer'];
}

interface Away {
  readonly life: Life;
  readonly phone: LegPhone;
  transfer?: TransferHandlers;
  /** Until the node that it was handed over to says where it goes on. */
  readonly handedOver?: Timer;
}

export class ClusterLegs implements LegNews {
  readonly #parts: ClusterLegsParts;
  /** By leg: phones here whose calls are elsewhere. The phones of a node are bounded. */
  readonly #away = new Map<string, Away>();

  constructor(parts: ClusterLegsParts) {
    this.#parts = parts;
  }

  async joined(of: LegName, peerId: string, phone: LegPhone): Promise<void> {
    const { local, isLocal, known, asks } = this.#parts;
    const life = isLocal(of.callId) ? undefined : known.lifeOf(of.callId);
    if (life === undefined) {
      this.#take(of.legId);
      return await local.joined(of, peerId, phone);
    }
    this.#take(of.legId);
    this.#away.set(of.legId, { life, phone });
    try {
      await asks.ask(life, 'joined', { of, peerId });
    } catch (error) {
      this.#take(of.legId);
      throw error;
    }
  }

  /** Its call is another node's from now on. Where that one does not know, as its answer was lost, nobody would end it. */
  goesTo(life: Life, legId: string, phone: LegPhone): void {
    const handedOver = this.#parts.clock.after(joinWithinMs, () => {
      this.#take(legId);
      phone.end('lost');
    });
    this.#away.set(legId, { life, phone, handedOver });
  }

  /** One here whose call is, or was, elsewhere. */
  phoneOf(legId: string): LegPhone | undefined {
    return this.#away.get(legId)?.phone;
  }

  changed(of: LegName, state: PhoneState): void {
    const away = this.#away.get(of.legId);
    if (away === undefined) this.#parts.local.changed(of, state);
    else this.#parts.asks.tell(away.life, 'state', { of, state });
  }

  reported(of: LegName, quality: LegQuality): void {
    const away = this.#away.get(of.legId);
    if (away === undefined) this.#parts.local.reported(of, quality);
    else this.#parts.asks.tell(away.life, 'quality', { of, quality });
  }

  pressed(of: LegName, press: Press): void {
    const away = this.#away.get(of.legId);
    if (away === undefined) this.#parts.local.pressed(of, press);
    else this.#parts.asks.tell(away.life, 'pressed', { of, press });
  }

  left(of: LegName, reason: LegLeft): void {
    const { local, isLocal, known, asks } = this.#parts;
    const away = this.#take(of.legId);
    // One that could not come in was never away.
    const life = away?.life ?? (isLocal(of.callId) ? undefined : known.lifeOf(of.callId));
    if (life === undefined) local.left(of, reason);
    else asks.tell(life, 'left', { of, reason });
  }

  transfer(of: LegName, to: RingTarget | LegName, told: TransferHandlers): void {
    const away = this.#away.get(of.legId);
    if (away === undefined) {
      this.#parts.transferHere(of, to, told);
      return;
    }
    away.transfer = told;
    this.#parts.asks.tell(away.life, 'transfer', { of, to });
  }

  transferTold({ legId }: LegName, news: TransferNews): void {
    const told = this.#away.get(legId)?.transfer;
    if ('ringing' in news) told?.ringing();
    else if ('done' in news) told?.done();
    else told?.failed(news.failed);
  }

  wished(from: Life, of: LegName, { hold, mute, digits, move, end }: PhoneWish): void {
    const { phone } = this.#away.get(of.legId) ?? {};
    if (hold !== undefined) phone?.hold(hold);
    if (mute !== undefined) phone?.mute(mute);
    if (digits !== undefined) phone?.sendDigits(digits.digits, digits.durationMs);
    if (end !== undefined) phone?.end(end);
    if (move !== undefined) {
      this.#away.get(of.legId)?.handedOver?.cancel();
      if (move.callId !== undefined) this.#parts.known.heard(from, move.callId);
      phone?.move(move);
    }
  }

  /** The calls are over with their node: nobody could end them any more. */
  died(life: Life): void {
    for (const [legId, away] of [...this.#away]) {
      if (away.life !== life) continue;
      this.#take(legId);
      away.phone.end('lost');
    }
  }

  close(): void {
    for (const legId of [...this.#away.keys()]) this.#take(legId);
  }

  #take(legId: string): Away | undefined {
    const away = this.#away.get(legId);
    away?.handedOver?.cancel();
    this.#away.delete(legId);
    return away;
  }
}
