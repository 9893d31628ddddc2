// Phones of this node that ring for calls of other nodes.

import type { Life } from '../../../cluster/directory.ts';
import type { LegName } from '../leg.ts';
import type { RingEnd, RingFailure, Ringing, RingRequest, Telephony } from '../telephony.ts';
import type { KnownCalls } from './known-calls.ts';
import type { NodeAsks } from './node-asks.ts';

interface RingsForOthersParts {
  readonly telephony: Telephony;
  readonly asks: NodeAsks;
  readonly known: KnownCalls;
}

/** At once; further ones fail. */
const maxRings = 5_000;

export class RingsForOthers {
  readonly #parts: RingsForOthersParts;
  readonly #rings = new Map<string, { readonly from: Life; readonly ringing: Ringing }>();

  constructor(parts: RingsForOthersParts) {
    this.#parts = parts;
  }

  ring(from: Life, user: string, request: RingRequest): void {
    const { telephony, asks, known } = this.#parts;
    const { callId, legId } = request;
    const of: LegName = { callId, legId };
    const failed = (reason: RingFailure) => {
      this.#rings.delete(legId);
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
        const join = await asks.ask(from, 'answered', { of, phone }).catch(() => undefined);
        this.#rings.delete(legId);
        return join;
      },
      failed,
    });
    this.#rings.set(legId, { from, ringing });
  }

  stop({ legId }: LegName, reason: RingEnd): void {
    this.#rings.get(legId)?.ringing.cancel(reason);
    this.#rings.delete(legId);
  }

  died(life: Life): void {
    for (const [legId, { from, ringing }] of this.#rings) {
      if (from !== life) continue;
      ringing.cancel('canceled');
      this.#rings.delete(legId);
    }
  }
}
