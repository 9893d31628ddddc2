import type { Clock, Timer } from '../../core/clock.ts';

export interface TargetHealthOptions {
  readonly clock: Clock;
  readonly probeSeconds: number;
  readonly deadSeconds: number;
}

/** Undefined: somebody answers there; otherwise why not. Rejects where that cannot be found out now. */
export type Probe = (uri: string) => Promise<string | undefined>;

interface Dead {
  readonly untilMs: number;
  readonly because: string;
}

/** A probe that takes longer is one that is not answered. */
const patienceMs = 5_000;
const silent = 'it does not answer';

/** Which targets of a trunk answer: by calls that failed, and by OPTIONS. One entry for each target. */
export class TargetHealth {
  readonly #options: TargetHealthOptions;
  readonly #targets: readonly string[];
  readonly #dead = new Map<string, Dead>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(targets: readonly string[], options: TargetHealthOptions) {
    this.#targets = targets;
    this.#options = options;
  }

  isDead(target: string): boolean {
    return this.whyDead(target) !== undefined;
  }

  /** Undefined: it is not. */
  whyDead(target: string): string | undefined {
    const dead = this.#dead.get(target);
    if (dead === undefined) return undefined;
    if (dead.untilMs > this.#options.clock.monotonicMs()) return dead.because;
    this.#dead.delete(target);
    return undefined;
  }

  /** A call got no answer, or 503. */
  mark(target: string, because = silent): void {
    if (!this.#targets.includes(target)) return;
    const untilMs = this.#options.clock.monotonicMs() + this.#options.deadSeconds * 1_000;
    this.#dead.set(target, { untilMs, because });
  }

  /** A call was answered, whatever was said. */
  revive(target: string): void {
    this.#dead.delete(target);
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
    const late = new Promise<string>((resolve) => {
      giveUp = this.#options.clock.after(patienceMs, () => resolve(silent));
    });
    try {
      const because = await Promise.race([probe(target), late]);
      if (this.#closed) return;
      if (because === undefined) this.revive(target);
      else this.mark(target, because);
    } catch {
      // It is this side that is not connected: nothing is known of the target.
    } finally {
      giveUp?.cancel();
    }
  }
}
