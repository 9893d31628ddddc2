import type { QualityReport } from '../../proto/gen/types.ts';

/** How a call was for one peer, from its first track to its leaving. */
export interface CallSummary {
  readonly room: string;
  readonly peerId: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** Of the worst of its tracks in each interval. Undefined: nothing was ever measured. */
  readonly score: { readonly min: number; readonly p10: number; readonly median: number } | undefined;
  /** By seconds: how long its score was below 3. */
  readonly badSeconds: number;
  readonly codecs: readonly string[];
  /** The way its media took, the last one that is known. */
  readonly path: QualityReport['path'];
  /** Media workers that died under it. */
  readonly resets: number;
  /** Tracks that it had to receive anew because they did not flow. */
  readonly restarts: number;
}

/** From 1 to 5 by tenths. */
const steps = 41;
const badScore = 3;
const maxCodecs = 8;

/** What is remembered of a peer's call: as much for an hour as for a minute. */
export class CallRecord {
  readonly startedAtMs: number;
  readonly codecs = new Set<string>();
  path: QualityReport['path'] = '';
  resets = 0;
  restarts = 0;
  readonly #scores = new Uint32Array(steps);
  #count = 0;
  #badMs = 0;

  constructor(startedAtMs: number) {
    this.startedAtMs = startedAtMs;
  }

  scored(score: number, forMs: number): void {
    const step = Math.min(Math.max(Math.round((score - 1) * 10), 0), steps - 1);
    this.#scores[step] = (this.#scores[step] ?? 0) + 1;
    this.#count += 1;
    if (score < badScore) this.#badMs += forMs;
  }

  hasCodec(mimeType: string): void {
    if (this.codecs.size < maxCodecs) this.codecs.add(mimeType.toLowerCase());
  }

  summarize(of: { readonly room: string; readonly peerId: string; readonly nowMs: number }): CallSummary {
    return {
      room: of.room,
      peerId: of.peerId,
      startedAtMs: this.startedAtMs,
      durationMs: Math.max(of.nowMs - this.startedAtMs, 0),
      score:
        this.#count === 0 ? undefined : { min: this.#atShare(0), p10: this.#atShare(0.1), median: this.#atShare(0.5) },
      badSeconds: Math.round(this.#badMs / 1000),
      codecs: [...this.codecs],
      path: this.path,
      resets: this.resets,
      restarts: this.restarts,
    };
  }

  /** The score that this share of all intervals was at or below. */
  #atShare(share: number): number {
    let left = Math.max(Math.ceil(share * this.#count), 1);
    let step = 0;
    for (const count of this.#scores) {
      left -= count;
      if (left <= 0) break;
      step += 1;
    }
    return Math.round(10 + step) / 10;
  }
}
