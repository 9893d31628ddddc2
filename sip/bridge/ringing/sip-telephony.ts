import type { RingTarget } from '../../../signaling/calls/ring-target.ts';
import type { RingHandlers, Ringing, RingRequest, Telephony } from '../../../signaling/calls/telephony.ts';
import { Ring, type RingParts } from './ring.ts';

/** Rings phones for signaling. Each ring is one of a call's, which are as many as `sip.load.calls` lets there be. */
export class SipTelephony implements Telephony {
  readonly canDial = true;
  readonly #parts: RingParts;
  readonly #rings = new Set<Ring>();

  constructor(parts: RingParts) {
    this.#parts = parts;
  }

  /** What rings now. */
  get ringing(): number {
    return this.#rings.size;
  }

  ring(target: RingTarget, request: RingRequest, told: RingHandlers): Ringing {
    const ring: Ring = new Ring(this.#parts, target, request, told, () => this.#rings.delete(ring));
    this.#rings.add(ring);
    return ring;
  }

  /** Nothing rings any more. */
  close(): void {
    for (const ring of [...this.#rings]) ring.cancel('canceled');
  }
}
