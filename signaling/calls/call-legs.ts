import { maxEndedLegs } from './call-limits.ts';
import type { Leg } from './leg.ts';

/** The legs of a call, in the order in which they came. */
export class CallLegs {
  /** Of those that are over, the newest. */
  readonly told: Leg[] = [];
  /** Over for so long that nobody is told of them any more. */
  readonly #forgotten: Leg[] = [];

  get all(): readonly Leg[] {
    return [...this.#forgotten, ...this.told];
  }

  /** `kept`: told of in any case. */
  add(leg: Leg, kept: Leg): void {
    this.told.push(leg);
    const over = this.told.filter((one) => one.isOver && one !== kept);
    const [oldest] = over;
    if (over.length > maxEndedLegs && oldest !== undefined) {
      this.delete(oldest);
      this.#forgotten.push(oldest);
    }
  }

  /** As if it had never been one of them. */
  delete(leg: Leg): void {
    const index = this.told.indexOf(leg);
    if (index !== -1) this.told.splice(index, 1);
  }
}
