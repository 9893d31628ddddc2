import type { CallSummary } from '../../media/quality/call-summary.ts';
import type { LegQuality, PhoneInfo } from '../../proto/gen/types.ts';

/** One line of the journal: how a call was for one peer. */
export interface CallLine extends CallSummary {
  /** When it left, milliseconds since 1970. */
  readonly endedAtMs: number;
  readonly identity: string;
  readonly kind: string;
  readonly reason: string;
  /** Of one that came by phone: `score` is of its track in the room, `quality` of its way to the server. */
  readonly phone?: PhoneLine | undefined;
}

interface PhoneLine extends Pick<PhoneInfo, 'number' | 'trunk' | 'callId' | 'codec' | 'encrypted'> {
  readonly quality: LegQuality | undefined;
  /** As CallLeg.end_reason. */
  readonly endReason: string;
}
