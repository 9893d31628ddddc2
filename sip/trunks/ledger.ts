/** What calls of one trunk have taken so far. */
export interface LedgerState {
  readonly day: string;
  readonly minutes: number;
  /** Millionths of the plan's money: sums of them are exact. */
  readonly micros: number;
  /** Since when it is closed for fraud, in milliseconds since 1970, and why. */
  readonly closed: { readonly atMs: number; readonly day: string; readonly because: string } | undefined;
  /** When an operator opened it last: what others say of before is over. */
  readonly openedMs?: number;
}

/** What is known again after a restart: who can bring one about would have another burst otherwise. */
export interface KeptLedger extends LedgerState {
  /** Expensive calls by the minute since 1970. */
  readonly burst?: readonly Readonly<BurstMinute>[];
}

/** What other nodes have counted of the same trunk. */
export interface Elsewhere {
  readonly calls: number;
  readonly minutes: number;
  readonly micros: number;
  /** Expensive calls of the last minutes, as the plan says how many. */
  readonly burst: { readonly calls: number; readonly micros: number };
}

export const noBurst: Elsewhere['burst'] = { calls: 0, micros: 0 };
const nowhereElse: Elsewhere = { calls: 0, minutes: 0, micros: 0, burst: noBurst };

interface BurstMinute {
  readonly minute: number;
  calls: number;
  micros: number;
}

const minuteMs = 60_000;

/** Minutes and money of the day, and of expensive calls those of the last minutes. One number for each minute that is looked back. */
export class Ledger {
  #day = '';
  #minutes = 0;
  #micros = 0;
  #closed: LedgerState['closed'];
  #burst: BurstMinute[] = [];
  #openedMs = 0;
  #elsewhere: { readonly day: string; readonly counts: Elsewhere } | undefined;

  /** When an operator opened it, here or elsewhere. */
  get openedMs(): number {
    return this.#openedMs;
  }

  /** Of the same day. */
  get elsewhere(): Elsewhere {
    return this.#elsewhere?.day === this.#day ? this.#elsewhere.counts : nowhereElse;
  }

  countElsewhere(counts: Elsewhere): void {
    this.#elsewhere = { day: this.#day, counts };
  }

  get state(): LedgerState {
    const opened = this.#openedMs > 0 ? { openedMs: this.#openedMs } : {};
    return { day: this.#day, minutes: this.#minutes, micros: this.#micros, closed: this.#closed, ...opened };
  }

  get closed(): LedgerState['closed'] {
    return this.#closed;
  }

  /** A new day begins with nothing; a trunk that opens by itself is open then. */
  turnTo(day: string, opensByItself: boolean): void {
    if (opensByItself && this.#closed !== undefined && this.#closed.day !== day) this.#closed = undefined;
    if (day === this.#day) return;
    this.#day = day;
    this.#minutes = 0;
    this.#micros = 0;
  }

  kept(nowMs: number, withinMinutes: number): KeptLedger {
    return { ...this.state, burst: this.#burstSince(nowMs, withinMinutes).map((one) => ({ ...one })) };
  }

  restore({ day, minutes, micros, closed, openedMs = 0, burst = [] }: KeptLedger): void {
    this.#burst = burst.map((one) => ({ ...one }));
    this.#openedMs = openedMs;
    this.#day = day;
    this.#minutes = minutes;
    this.#micros = micros;
    this.#closed = closed;
  }

  addMinute(micros: number): void {
    this.#minutes += 1;
    this.#micros += micros;
  }

  /** An expensive call began, or went on for another minute. */
  addExpensive(
    nowMs: number,
    withinMinutes: number,
    what: { readonly calls?: number; readonly micros?: number },
  ): void {
    const minute = Math.floor(nowMs / minuteMs);
    this.#burst = this.#burstSince(nowMs, withinMinutes);
    const last = this.#burst.at(-1);
    const now = last?.minute === minute ? last : { minute, calls: 0, micros: 0 };
    if (now !== last) this.#burst.push(now);
    now.calls += what.calls ?? 0;
    now.micros += what.micros ?? 0;
  }

  /** An expensive call that began then has reached nobody. In another minute it would leave room for others when this one is over. */
  takeBackCall(beganMs: number): void {
    const then = this.#burst.find(({ minute }) => minute === Math.floor(beganMs / minuteMs));
    if (then !== undefined && then.calls > 0) then.calls -= 1;
  }

  burstOf(nowMs: number, withinMinutes: number): { readonly calls: number; readonly micros: number } {
    let [calls, micros] = [0, 0];
    for (const one of this.#burstSince(nowMs, withinMinutes)) {
      calls += one.calls;
      micros += one.micros;
    }
    return { calls, micros };
  }

  /** `atMs`: when it happened, here or elsewhere. */
  close(atMs: number, because: string): void {
    this.#closed = { atMs, day: this.#day, because };
  }

  open(atMs: number): void {
    this.#closed = undefined;
    this.#burst = [];
    if (this.#elsewhere)
      this.#elsewhere = { ...this.#elsewhere, counts: { ...this.#elsewhere.counts, burst: noBurst } };
    this.#openedMs = atMs;
  }

  #burstSince(nowMs: number, withinMinutes: number): BurstMinute[] {
    const minute = Math.floor(nowMs / minuteMs);
    return this.#burst.filter((one) => minute - one.minute < withinMinutes);
  }
}
