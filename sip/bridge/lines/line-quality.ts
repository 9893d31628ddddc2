import type { PhoneLegStats } from '../../../media/phones/phone-media.ts';
import type { LegQuality } from '../../../proto/gen/types.ts';

/** How well a phone was heard here; undefined where it never was. */
export function qualityOf({ mos, rttMs, received }: PhoneLegStats): LegQuality | undefined {
  if (mos === undefined) return undefined;
  const due = received.packets + received.lost;
  const loss = due === 0 ? 0 : received.lost / due;
  return {
    mos: round(mos, 2),
    loss: round(loss, 4),
    jitterMs: round(received.jitterMs, 1),
    rttMs: round(rttMs ?? 0, 1),
  };
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
