import type { KeptLedger } from './ledger.ts';
import type { Trunk } from './trunk.ts';

/** As far as any plan can have a burst look back. */
const mostMinutes = 1_440;

/**
 * Trunks that the plan does not have now: one that it has again goes on as it was. A plan that misses a trunk for one reload would give
 * thieves the day's money and a burst once more, and open what was closed.
 */
export class AbsentTrunks {
  readonly #trunks = new Map<string, Trunk>();
  /** Of trunks that were absent already when this process began. */
  readonly #ledgers = new Map<string, KeptLedger>();

  /** Those whose calls were here. */
  get trunks(): ReadonlyMap<string, Trunk> {
    return this.#trunks;
  }

  get ledgers(): ReadonlyMap<string, KeptLedger> {
    const ofTrunks = [...this.#trunks].map(([name, trunk]) => [name, trunk.kept] as const);
    return new Map([...this.#ledgers, ...ofTrunks]);
  }

  add(name: string, trunk: Trunk): void {
    this.#trunks.set(name, trunk);
  }

  restore(name: string, ledger: KeptLedger): void {
    this.#ledgers.set(name, ledger);
  }

  take(name: string): Trunk | undefined {
    const trunk = this.#trunks.get(name);
    this.#trunks.delete(name);
    return trunk;
  }

  takeLedger(name: string): KeptLedger | undefined {
    const ledger = this.#ledgers.get(name);
    this.#ledgers.delete(name);
    return ledger;
  }

  /** Forgets those that would begin with nothing, too, where the plan had them again: names come and go for years. */
  prune(nowMs: number, today: string): void {
    for (const [name, trunk] of this.#trunks)
      if (trunk.calls === 0 && !hasCounted(trunk.kept, nowMs, today)) this.#trunks.delete(name);
    for (const [name, ledger] of this.#ledgers) if (!hasCounted(ledger, nowMs, today)) this.#ledgers.delete(name);
  }
}

function hasCounted({ day, minutes, closed, openedMs = 0, burst = [] }: KeptLedger, nowMs: number, today: string) {
  // What was said of a trunk before it was opened is over: other nodes may tell it still.
  if (closed !== undefined || openedMs > 0 || (day === today && minutes > 0)) return true;
  return burst.some(({ minute, calls, micros }) => calls + micros > 0 && nowMs / 60_000 - minute < mostMinutes);
}
