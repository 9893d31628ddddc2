import type { Clock, Timer } from '../../core/clock.ts';

export interface TargetHealthOptions {
  readonly clock: Clock;
  readonly probeSeconds: number;
  readonly deadSeconds: number;
}

/** Whether somebody answers there; rejects where that cannot be found out now. */
export type Probe = (uri: string) => Promise<boolean>;

/** A probe that takes longer is one that is not answered. */
const patienceMs = 5_000;

/** Which targets of a trunk answer: by calls that failed, and by OPTIONS. One entry for each target. */
export class TargetHealth {
  readonly #options: TargetHealthOptions;
  readonly #targets: readonly string[];
  readonly #deadUntilMs = new Map<string, number>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(targets: readonly string[], options: TargetHealthOptions) {
    this.#targets = targets;
    this.#options = options;
  }

  isDead(target: string): boolean {
    const untilMs = this.#deadUntilMs.get(target);
    if (untilMs === undefined) return false;
    if (untilMs > this.#options.clock.monotonicMs()) return true;
    this.#deadUntilMs.delete(target);
    return false;
  }

  /** A call got no answer, or 503. */
  mark(target: string): void {
    if (!this.#targets.includes(target)) return;
    this.#deadUntilMs.set(target, this.#options.clock.monotonicMs() + this.#options.deadSeconds * 1_000);
  }

  /** A call was answered, whatever was said. */
  revive(target: string): void {
    this.#deadUntilMs.delete(target);
  }

  start(probe: Probe): void {
    const { clock, probeSeconds } = this.#options;
    if (probeSeconds === 0 || this.#closed || this.#timer !== undefined) return;
    const again = () => {
      void Promise.all(this.#targets.map((target) => this.#probe(target, probe)));
      this.#timer = clock.after(probeSeconds * 1_000, again);
    };
    // At once: a target that is away is known before the first call.
    again();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #probe(target: string, probe: Probe): Promise<void> {
    let giveUp: Timer | undefined;
    const late = new Promise<boolean>((resolve) => {
      giveUp = this.#options.clock.after(patienceMs, () => resolve(false));
    });
    try {
      const answers = await Promise.race([probe(target), late]);
      if (this.#closed) return;
      if (answers) this.revive(target);
      else this.mark(target);
    } catch {
      // It is this side that is not connected: nothing is known of the target.
    } finally {
      giveUp?.cancel();
    }
  }
}
