import type { Clock } from '../../../core/clock.ts';
import type { PhoneLeg } from '../../../media/phones/phone-media.ts';
import type { RingTarget } from '../../../signaling/calls/ring-target.ts';
import { PassedKeys } from '../../../signaling/phones/passed-keys.ts';
import type { Setup } from '../setup.ts';

/** RFC 3261 section 8.1.1.6. */
const mostHops = 70;

/**
 * Callers by phone whose call rings. They hear those whom they call before these answer: announcements of a network come so, and tones
 * that say why it rings in vain. And what an INVITE of ours takes from theirs: the trunks that the plan chose, the hops that are left.
 * As many as there are calls that ring here.
 */
export class WaitingCallers {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Setup>();
  /** Whether media was offered to them already: they hear one after the other by the same answer. */
  readonly #sent = new WeakMap<Setup, Promise<void>>();
  /** Until another one is heard. */
  readonly #passing = new WeakMap<Setup, () => void>();
  /** By who calls and what: the trunks that the plan chose for a number. */
  readonly #orders = new Map<string, readonly string[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For as long as the call is set up. */
  expect(identity: string, to: RingTarget, trunks: readonly string[]): () => void {
    const key = keyOf(identity, to);
    this.#orders.set(key, trunks);
    return () => {
      // Another call of the same to the same may have come meanwhile.
      if (this.#orders.get(key) === trunks) this.#orders.delete(key);
    };
  }

  /** Undefined: nobody whom the plan was asked about calls this. */
  trunksOf(identity: string, to: RingTarget): readonly string[] | undefined {
    return this.#orders.get(keyOf(identity, to));
  }

  /** Until it was answered or has come to nothing. */
  wait(callId: string, setup: Setup): void {
    this.#waiting.set(callId, setup);
    setup.onSettled(() => {
      if (this.#waiting.get(callId) === setup) this.#waiting.delete(callId);
    });
  }

  /** How many hops further the call of who waits may go; undefined: nobody waits for it by phone. */
  hopsLeft(callId: string): number | undefined {
    const setup = this.#waiting.get(callId);
    return setup && Number(setup.incoming.headers.get('Max-Forwards') ?? mostHops) - 1;
  }

  /**
   * A leg of the call is heard by who waits, in place of the one before, and hears them (RFC 3960 section 3.2). False: nobody waits for
   * it by phone.
   */
  hear(callId: string, leg: PhoneLeg): boolean {
    const setup = this.#waiting.get(callId);
    if (setup === undefined) return false;
    // Without an offer there is nothing to answer early.
    if (setup.incoming.sdp === '') return true;
    const sent = this.#sent.get(setup) ?? setup.sendEarly();
    this.#sent.set(setup, sent);
    sent
      .then(() => {
        if (!setup.open) return;
        this.#passKeys(setup, leg);
        return setup.leg.bridge(leg);
      })
      // The call goes on without it.
      .catch(() => {});
    return true;
  }

  /** Some networks ask for keys before they put a call through. */
  #passKeys(setup: Setup, leg: PhoneLeg): void {
    this.#passing.get(setup)?.();
    const keys = new PassedKeys();
    const stop = setup.leg.events.on('digit', (press) => {
      const passed = keys.take(press, this.#clock.monotonicMs());
      // One that came to nothing needs no keys.
      if (passed) leg.sendDigits(passed.digit, { durationMs: passed.durationMs }).catch(() => {});
    });
    this.#passing.set(setup, stop);
    setup.onSettled(stop);
  }
}

function keyOf(identity: string, to: RingTarget): string {
  return `${identity} ${JSON.stringify(to)}`;
}
