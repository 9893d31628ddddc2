// Rings the phones of a user on all nodes that have some. Numbers are dialled by this node's trunks.

import type { Life, PhonePlaces } from '../../../cluster/directory.ts';
import type { Logger } from '../../../core/log.ts';
import type { PhoneJoin } from '../../phones/phone-desk.ts';
import { maxRemembered } from '../call-limits.ts';
import type { LegName } from '../leg.ts';
import type { RingTarget } from '../ring-target.ts';
import type {
  AnsweredPhone,
  RingEnd,
  RingFailure,
  RingHandlers,
  Ringing,
  RingRequest,
  Telephony,
} from '../telephony.ts';
import { worstOf } from '../worst-of.ts';
import type { NodeAsks } from './node-asks.ts';

interface ForkedTelephonyParts {
  readonly here: Telephony;
  readonly asks: NodeAsks;
  readonly phones: Pick<PhonePlaces, 'whereAre'>;
  readonly life: () => Life;
  readonly log: Logger;
}

/** One leg that is rung in several places. */
class Forks implements Ringing {
  /** Other nodes that have not failed. */
  readonly lives = new Set<Life>();
  /** This node, and the question where else. */
  open = 2;
  readonly told: RingHandlers;
  readonly #onCancel: (reason: RingEnd) => void;
  readonly #failures: RingFailure[] = [];
  #over = false;

  constructor(told: RingHandlers, onCancel: (reason: RingEnd) => void) {
    this.told = told;
    this.#onCancel = onCancel;
  }

  get isOver(): boolean {
    return this.#over;
  }

  failed(reason: RingFailure): void {
    if (this.#over) return;
    this.#failures.push(reason);
    // A person said no, for all devices.
    if (reason !== 'declined' && (this.open > 0 || this.lives.size > 0)) return;
    this.#over = true;
    this.told.failed((worstOf(this.#failures) ?? reason) as RingFailure);
  }

  cancel(reason: RingEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#onCancel(reason);
  }
}

export class ForkedTelephony implements Telephony {
  readonly #parts: ForkedTelephonyParts;
  /** By leg; those that ring on other nodes, or may. Calls bound how many. */
  readonly #forks = new Map<string, Forks>();
  /** By leg; the newest: where it was picked up, for a node that asks again, as the answer got lost. */
  readonly #answers = new Map<string, { readonly life: Life; readonly join: Promise<PhoneJoin | undefined> }>();

  constructor(parts: ForkedTelephonyParts) {
    this.#parts = parts;
  }

  get canDial(): boolean {
    return this.#parts.here.canDial;
  }

  ring(target: RingTarget, request: RingRequest, told: RingHandlers): Ringing {
    const { here, asks } = this.#parts;
    if (!('user' in target)) return here.ring(target, request, told);
    const { callId, legId } = request;
    const forks: Forks = new Forks(told, (reason) => {
      this.#forks.delete(legId);
      ringing.cancel(reason);
      for (const life of forks.lives) asks.tell(life, 'stopRinging', { of: { callId, legId }, reason });
    });
    this.#forks.set(legId, forks);
    const ringing = here.ring(target, request, {
      ...told,
      ringing: () => told.ringing(),
      early: (phone) => told.early(phone),
      answered: (phone) => told.answered(phone),
      failed: (reason) => {
        forks.open -= 1;
        this.#failed(legId, forks, reason);
      },
    });
    void this.#ringElsewhere(target.user, request, forks);
    return forks;
  }

  rings(of: LegName): void {
    this.#forks.get(of.legId)?.told.ringing();
  }

  failedAt(life: Life, of: LegName, reason: RingFailure): void {
    const forks = this.#forks.get(of.legId);
    if (forks?.lives.delete(life)) this.#failed(of.legId, forks, reason);
  }

  /** At another node. Too late: undefined. */
  async answered(life: Life, { legId }: LegName, phone: AnsweredPhone): Promise<PhoneJoin | undefined> {
    const before = this.#answers.get(legId);
    if (before !== undefined) return before.life === life ? await before.join : undefined;
    const join = this.#forks.get(legId)?.told.answered(phone);
    if (join === undefined) return undefined;
    this.#answers.set(legId, { life, join });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > maxRemembered && oldest !== undefined) this.#answers.delete(oldest);
    return await join;
  }

  died(life: Life): void {
    for (const [legId, forks] of [...this.#forks]) {
      if (forks.lives.delete(life)) this.#failed(legId, forks, 'unreachable');
    }
  }

  #failed(legId: string, forks: Forks, reason: RingFailure): void {
    forks.failed(reason);
    if (forks.isOver) this.#forks.delete(legId);
  }

  async #ringElsewhere(user: string, request: RingRequest, forks: Forks): Promise<void> {
    const { asks, phones, life: here, log } = this.#parts;
    const places = await phones.whereAre([user]).catch((error: unknown) => {
      log.debug({ err: error }, 'phones on other nodes do not ring');
      return new Map<string, readonly Life[]>();
    });
    const lives = (places.get(user) ?? []).filter((life) => life !== here());
    if (forks.isOver) return;
    for (const life of lives) forks.lives.add(life);
    for (const life of lives) asks.tell(life, 'ring', { user, request });
    forks.open -= 1;
    this.#failed(request.legId, forks, 'unreachable');
  }
}
