import { type Elsewhere, type LedgerState, noBurst } from './ledger.ts';

/** What one node has counted of a trunk. */
export interface TrunkShare extends Elsewhere {
  readonly name: string;
  readonly day: string;
  readonly closed?: NonNullable<LedgerState['closed']>;
  /** When an operator opened it last; 0: never. */
  readonly openedMs: number;
}

/** A node that has not heard yet that the trunk was opened tells of the burst that had closed it, which is over. */
export function sumOf(shares: readonly TrunkShare[], openedMs: number): Elsewhere {
  const bursts = shares.filter((share) => share.openedMs >= openedMs).map(({ burst }) => burst);
  const sum = (countOf: (share: TrunkShare) => number) => shares.reduce((all, share) => all + countOf(share), 0);
  return {
    calls: sum(({ calls }) => calls),
    minutes: sum(({ minutes }) => minutes),
    micros: sum(({ micros }) => micros),
    burst: bursts.reduce((all, one) => ({ calls: all.calls + one.calls, micros: all.micros + one.micros }), noBurst),
  };
}

/**
 * What is told to the others. Of more trunks than there is room for, first those that are or were closed, then those whose burst is the
 * largest, then those that have carried the most.
 */
export function writeShares(
  shares: readonly TrunkShare[],
  maxBytes: number,
): { readonly text: string; readonly left: readonly string[] } {
  const isFraud = ({ closed, openedMs }: TrunkShare) => Number(closed !== undefined || openedMs > 0);
  const urgent = shares.toSorted(
    (a, b) => isFraud(b) - isFraud(a) || b.burst.calls - a.burst.calls || b.minutes + b.calls - (a.minutes + a.calls),
  );
  const told: string[] = [];
  const left: string[] = [];
  let bytes = '[]'.length;
  for (const share of urgent) {
    const text = JSON.stringify(share);
    const more = Buffer.byteLength(text) + ','.length;
    if (bytes + more > maxBytes) {
      left.push(share.name);
      continue;
    }
    bytes += more;
    told.push(text);
  }
  return { text: `[${told.join(',')}]`, left };
}

/** Of what another node has told, which may be of another version: what cannot be read is left out. */
export function readShares(text: string): readonly TrunkShare[] {
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch {
    return [];
  }
  return Array.isArray(told) ? told.map(readShare).filter((share) => share !== undefined) : [];
}

function readShare(value: unknown): TrunkShare | undefined {
  const { name, day, calls, minutes, micros, burst, closed, openedMs } = (value ?? {}) as Partial<TrunkShare>;
  if (typeof name !== 'string' || typeof day !== 'string') return undefined;
  const counts = [calls, minutes, micros, burst?.calls, burst?.micros, openedMs].map(countOf);
  const [callsNow = 0, minutesNow = 0, microsNow = 0, burstCalls = 0, burstMicros = 0, opened = 0] = counts;
  const share: TrunkShare = {
    name,
    day,
    calls: callsNow,
    minutes: minutesNow,
    micros: microsNow,
    burst: { calls: burstCalls, micros: burstMicros },
    openedMs: opened,
  };
  const { atMs, day: since, because } = closed ?? {};
  const isClosed = countOf(atMs) > 0 && typeof since === 'string' && typeof because === 'string';
  return isClosed ? { ...share, closed: { atMs: countOf(atMs), day: since, because } } : share;
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}
