import type { Clock, Timer } from '../../core/clock.ts';
import { TokenBucket } from '../../core/token-bucket.ts';
import type { TrunkData } from '../dial-plan/plan-data.ts';
import { CallCounter, type CallCounts, causeOf } from './call-counts.ts';
import { type Judgement, judge, judgeMinute, type Standing } from './judge.ts';
import { type KeptLedger, Ledger, type LedgerState } from './ledger.ts';
import type { TrunkCall } from './route.ts';
import { TargetHealth } from './target-health.ts';

export interface TrunkParts {
  readonly clock: Clock;
  readonly localDay: (atMs: number) => string;
  /** It was closed: too many calls to expensive numbers. */
  readonly closed: (trunk: string, because: string) => void;
}

interface Running {
  readonly judgement: Judgement;
  readonly cut: (reason: string) => void;
  timer: Timer | undefined;
  ended: boolean;
}

const minuteMs = 60_000;

/** One trunk: the calls by it, what they cost, which of its targets answer. */
export class Trunk {
  readonly ledger = new Ledger();
  readonly #parts: TrunkParts;
  readonly #counter = new CallCounter();
  #data: TrunkData;
  #health: TargetHealth;
  #bucket: TokenBucket | undefined;
  /** As many as its limit, and as the agent has calls. */
  readonly #running = new Set<Running>();

  constructor(data: TrunkData, parts: TrunkParts) {
    this.#parts = parts;
    this.#data = data;
    this.#health = this.#watch();
    this.#limit();
  }

  get data(): TrunkData {
    return this.#data;
  }

  get health(): TargetHealth {
    return this.#health;
  }

  get calls(): number {
    return this.#running.size;
  }

  get counts(): CallCounts {
    return this.#counter.counts;
  }

  /** Of another plan: calls go on, and what was counted stays. */
  use(data: TrunkData): void {
    this.#data = data;
    this.#health.close();
    this.#health = this.#watch();
    this.#limit();
  }

  /** What was counted on the day that it is. */
  get today(): LedgerState {
    this.#now();
    return this.ledger.state;
  }

  get kept(): KeptLedger {
    const { ledger, nowMs } = this.#now();
    return ledger.kept(nowMs, this.#data.fraud.withinMinutes);
  }

  /** Nothing is counted. */
  judge(number: string, standing: Standing): Judgement {
    return judge({
      trunk: this.#data,
      number,
      standing,
      calls: this.#running.size,
      waitMs: this.#bucket?.waitMs(this.#parts.clock.monotonicMs()) ?? 0,
      ...this.#now(),
    });
  }

  /** What was judged does not begin: for the metrics. */
  refused(): void {
    this.#counter.failed('limit');
  }

  /** Undefined: its limits do not let it now. */
  begin(number: string, standing: Standing, target: string, cut: (reason: string) => void): TrunkCall | undefined {
    const judgement = this.judge(number, standing);
    if (judgement.isFraud) this.close(judgement.because);
    if (judgement.refusal !== undefined) {
      this.refused();
      return undefined;
    }
    this.#counter.began('outgoing');
    const { clock } = this.#parts;
    this.#bucket?.take(clock.monotonicMs());
    const running: Running = { judgement, cut, timer: undefined, ended: false };
    this.#running.add(running);
    const beganMs = clock.nowMs();
    this.#burst(judgement, { calls: 1 });
    const end = () => {
      running.ended = true;
      running.timer?.cancel();
      this.#running.delete(running);
    };
    return {
      answered: () => {
        this.#health.revive(target);
        this.#counter.answered();
        if (!standing.emergency && running.timer === undefined) this.#charge(running);
      },
      failed: (status, because) => {
        this.#counter.failed(causeOf(status));
        const isDead = status === 0 || status === 408 || status === 503;
        if (isDead) this.#health.mark(target, because);
        else this.#health.revive(target);
        // Nobody was called: the next target is tried, and would count as another one.
        if (isDead && !running.ended && judgement.isExpensive) this.ledger.takeBackCall(beganMs);
        end();
      },
      ended: end,
    };
  }

  beginIncoming(): TrunkCall | undefined {
    const { calls } = this.#data.limits;
    const isFull = calls > 0 && this.#running.size + this.#now().ledger.elsewhere.calls >= calls;
    if (isFull || (this.#bucket?.take(this.#parts.clock.monotonicMs()) ?? 0) > 0) {
      this.refused();
      return undefined;
    }
    this.#counter.began('incoming');
    const judgement: Judgement = { refusal: undefined, because: '', isFraud: false, micros: 0, isExpensive: false };
    const running: Running = { judgement, cut: () => {}, timer: undefined, ended: false };
    this.#running.add(running);
    const end = () => void this.#running.delete(running);
    return { answered: () => this.#counter.answered(), failed: end, ended: end };
  }

  /** Ends the expensive calls that there are, and lets none out before it is opened. `atMs`: where it happened elsewhere. */
  close(because: string, atMs = this.#parts.clock.nowMs()): void {
    if (this.ledger.closed !== undefined) return;
    this.ledger.close(atMs, because);
    this.#parts.closed(this.#data.name, because);
    for (const running of [...this.#running]) if (running.judgement.isExpensive) this.#cut(running, because);
  }

  /** Expensive calls of the last minutes at this node. */
  get burst(): { readonly calls: number; readonly micros: number } {
    return this.ledger.burstOf(this.#parts.clock.nowMs(), this.#data.fraud.withinMinutes);
  }

  /** Each minute as it begins. */
  #charge(running: Running): void {
    if (running.ended) return;
    const stop = judgeMinute({ trunk: this.#data, ...this.#now() }, running.judgement);
    if (stop?.isFraud) this.close(stop.because);
    if (stop !== undefined) {
      this.#cut(running, stop.because);
      return;
    }
    this.ledger.addMinute(running.judgement.micros);
    this.#burst(running.judgement, { micros: running.judgement.micros });
    running.timer = this.#parts.clock.after(minuteMs, () => this.#charge(running));
  }

  #cut(running: Running, because: string): void {
    if (running.ended) return;
    running.ended = true;
    running.timer?.cancel();
    running.cut(because);
  }

  #burst({ isExpensive }: Judgement, what: { readonly calls?: number; readonly micros?: number }): void {
    if (isExpensive) this.ledger.addExpensive(this.#parts.clock.nowMs(), this.#data.fraud.withinMinutes, what);
  }

  #watch(): TargetHealth {
    const { targets = [], probeSeconds = 0, deadSeconds = 0 } = this.#data.outbound ?? {};
    return new TargetHealth(targets, { clock: this.#parts.clock, probeSeconds, deadSeconds });
  }

  #limit(): void {
    const { callsPerSecond } = this.#data.limits;
    const rate = { perSecond: callsPerSecond, burst: callsPerSecond };
    this.#bucket = callsPerSecond > 0 ? new TokenBucket(rate, this.#parts.clock.monotonicMs()) : undefined;
  }

  /** With the day that it is. */
  #now(): { readonly ledger: Ledger; readonly nowMs: number } {
    const nowMs = this.#parts.clock.nowMs();
    this.ledger.turnTo(this.#parts.localDay(nowMs), this.#data.fraud.opens === 'next-day');
    return { ledger: this.ledger, nowMs };
  }
}
