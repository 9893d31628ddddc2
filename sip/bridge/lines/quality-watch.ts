import type { Clock, Timer } from '../../../core/clock.ts';
import type { PhoneLeg, PhoneLegStats } from '../../../media/phones/phone-media.ts';
import type { LegQuality } from '../../../proto/gen/types.ts';
import { qualityOf } from './line-quality.ts';
import { within } from './within.ts';

/** The first look at how well a call is heard, and the time between the others. A call that others end has no time for a last one. */
const [firstLookMs, lookEveryMs] = [1_000, 5_000];
/** How long the end of a call waits for its last figures. */
const lastLookMs = 500;

/** Looks from time to time at how well a phone is heard, until its call ends. */
export class QualityWatch {
  readonly #clock: Clock;
  readonly #leg: Pick<PhoneLeg, 'stats'>;
  readonly #report: (quality: LegQuality) => void;
  #newest: PhoneLegStats | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock, leg: Pick<PhoneLeg, 'stats'>, report: (quality: LegQuality) => void) {
    this.#clock = clock;
    this.#leg = leg;
    this.#report = report;
    this.#lookAfter(firstLookMs);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** How it was in the end, or where that takes too long as it was seen last. It is reported as well. */
  async last(): Promise<LegQuality | undefined> {
    const asked = this.#leg.stats().catch(() => undefined);
    const stats = (await within(this.#clock, lastLookMs, asked)) ?? this.#newest;
    return stats && this.#tell(stats);
  }

  #lookAfter(ms: number): void {
    this.#timer = this.#clock.after(ms, () => {
      this.#leg.stats().then(
        (stats) => {
          this.#newest = stats;
          this.#tell(stats);
        },
        () => {},
      );
      this.#lookAfter(lookEveryMs);
    });
  }

  #tell(stats: PhoneLegStats): LegQuality | undefined {
    const quality = qualityOf(stats);
    if (quality !== undefined) this.#report(quality);
    return quality;
  }
}
