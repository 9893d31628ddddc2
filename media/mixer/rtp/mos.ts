import type { PhoneCodec } from '../codecs/voice-codec.ts';

interface HeardCall {
  readonly codec: PhoneCodec;
  /** What was not heard: lost, or too late, 0 to 1. */
  readonly lossRatio: number;
  /** From mouth to ear: half of the round trip, what the jitter buffer holds, and what packets last. */
  readonly oneWayDelayMs: number;
}

/**
 * What a codec itself takes off (Ie), and how well it stands losses (Bpl), on the scale of narrow band. G.711 with
 * concealment is of ITU-T G.113, appendix I. It has no figures on this scale for G.722 and Opus: ours are those of G.711,
 * with Opus somewhat better and G.722 worse, as its decoder needs some time to recover.
 */
const codecs: Readonly<Record<PhoneCodec, { readonly ie: number; readonly bpl: number }>> = {
  PCMU: { ie: 0, bpl: 25.1 },
  PCMA: { ie: 0, bpl: 25.1 },
  G722: { ie: 0, bpl: 16.1 },
  opus: { ie: 0, bpl: 28 },
};
/** ITU-T G.107: of a line without faults, with its default values. */
const best = 93.2;
/** Where people begin to talk into each other. */
const talkOverMs = 177.3;

/** How people would rate the sound of a call, 1 (bad) to 4.4, by the E-model (ITU-T G.107). */
export function estimateMos({ codec, lossRatio, oneWayDelayMs }: HeardCall): number {
  const { ie, bpl } = codecs[codec];
  const lossPercent = 100 * Math.min(1, Math.max(0, lossRatio));
  const byLoss = ie + ((95 - ie) * lossPercent) / (lossPercent + bpl);
  const delayMs = Math.max(0, oneWayDelayMs);
  // G.107's curve of delay, by two straight lines as usual.
  const byDelay = 0.024 * delayMs + 0.11 * Math.max(0, delayMs - talkOverMs);
  const rating = Math.max(0, best - byLoss - byDelay);
  // G.107 annex B. Near 0 its curve dips below 1.
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}
