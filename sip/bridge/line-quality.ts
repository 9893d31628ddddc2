import type { PhoneLegStats } from '../../media/phones/phone-media.ts';
import type { LegQuality } from '../../proto/gen/types.ts';

/** How well a phone was heard here; undefined where it never was. */
export function qualityOf({ mos, rttMs, received }: PhoneLegStats): LegQuality | undefined {
  if (mos === undefined) return undefined;
  const due = received.packets + received.lost;
  return { mos, loss: due === 0 ? 0 : received.lost / due, jitterMs: received.jitterMs, rttMs: rttMs ?? 0 };
}
