import type { CallSummary } from '../../media/quality/call-summary.ts';

/** One line of the journal: how a call was for one peer. */
export interface CallLine extends CallSummary {
  /** When it left, milliseconds since 1970. */
  readonly endedAtMs: number;
  readonly identity: string;
  readonly kind: string;
  readonly reason: string;
}
