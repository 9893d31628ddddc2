// Phones of this node that ring for calls of other nodes.

import type { Life } from '../../../cluster/directory.ts';
import type { Clock, Timer } from '../../../core/clock.ts';
import { toAppError } from '../../../core/errors.ts';
import type { PhoneJoin } from '../../phones/phone-desk.ts';
import type { LegName } from '../leg.ts';
import type { AnsweredPhone, RingEnd, RingFailure, Ringing, RingRequest, Telephony } from '../telephony.ts';
import type { KnownCalls } from './known-calls.ts';
import type { NodeAsks } from './node-asks.ts';

interface RingsForOthersParts {
  readonly telephony: Telephony;
  readonly asks: NodeAsks;
  readonly known: KnownCalls;
  readonly clock: Clock;
}

interface RingForOther {
  readonly from: Life;
  readonly ringing: Ringing;
  readonly timer: Timer;
}

/** At once; further ones fail. */
const maxRings = 5_000;
/** The node of the call ends it by itself; this is for one that could not say so. */
const longerMs = 5_000;
/** Whoever picked up hears nothing meanwhile. */
const [askWithinMs, askAgainMs] = [10_000, 500];

export class RingsForOthers {
  readonly #parts: RingsForOthersParts;
  readonly #rings = new Map<string, RingForOther>();

  constructor(parts: RingsForOthersParts) {
    this.#parts = parts;
  }

  ring(from: Life, user: string, request: RingRequest): void {
    const { telephony, asks, known, clock } = this.#parts;
    const { callId, legId, ringMs } = request;
    const of: LegName = { callId, legId };
    const failed = (reason: RingFailure) => {
      this.#take(legId);
      asks.tell(from, 'ringFailed', { of, reason });
    };
    if (this.#rings.size >= maxRings) {
      failed('failed');
      return;
    }
    known.heard(from, callId);
    const ringing = telephony.ring({ user }, request, {
      ringing: () => asks.tell(from, 'rings', { of }),
      // Only what is dialled is heard early, and that is dialled where the call is.
      early: () => undefined,
      answered: async (phone) => {
        // Whoever cannot be asked has no call any more.
        const join = await this.#askFor(from, of, phone).catch(() => undefined);
        this.#take(legId);
        return join;
      },
      failed,
    });
    const timer = clock.after(ringMs + longerMs, () => this.stop(of, 'no-answer'));
    this.#rings.set(legId, { from, ringing, timer });
  }

  stop({ legId }: LegName, reason: RingEnd): void {
    this.#take(legId)?.ringing.cancel(reason);
  }

  died(life: Life): void {
    for (const [legId, { from }] of this.#rings) if (from === life) this.#take(legId)?.ringing.cancel('canceled');
  }

  close(): void {
    for (const legId of this.#rings.keys()) this.#take(legId);
  }

  /** Again where the answer got lost, or the phone would be hung up and its leg stand there as answered. */
  async #askFor(from: Life, of: LegName, phone: AnsweredPhone): Promise<PhoneJoin | undefined> {
    const { asks, clock } = this.#parts;
    const untilMs = clock.monotonicMs() + askWithinMs;
    for (;;) {
      try {
        return await asks.ask(from, 'answered', { of, phone });
      } catch (thrown) {
        if (toAppError(thrown).reason !== 'NODE_UNREACHABLE' || clock.monotonicMs() >= untilMs) throw thrown;
        await new Promise<void>((resolve) => void clock.after(askAgainMs, resolve));
      }
    }
  }

  #take(legId: string): RingForOther | undefined {
    const ring = this.#rings.get(legId);
    ring?.timer.cancel();
    this.#rings.delete(legId);
    return ring;
  }
}
