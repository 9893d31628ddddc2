import { describe, expect, it } from 'vitest';
import { type CheckCounts, isAnythingNew, readChecks, SilenceMeter } from './check-counts.ts';

const report = (entries: Record<string, object>) => new Map(Object.entries(entries)) as unknown as RTCStatsReport;
const pair = (consentRequests: number, heard: number, rttMs = 0) => ({
  requests: 2,
  consentRequests,
  heard,
  rttMs,
  idleMs: undefined as number | undefined,
});
const counts = (asked: number, heard: number, rttMs = 0): CheckCounts => ({
  pairs: new Map([['one', pair(asked, heard, rttMs)]]),
  selected: 'one',
});

describe('what ICE asks and hears', () => {
  it('is read of each pair, and which of them is in use', () => {
    const own = { type: 'candidate-pair', timestamp: 1_000, requestsSent: 2, responsesReceived: 6 };
    const read = readChecks(
      report({
        one: {
          ...own,
          consentRequestsSent: 5,
          bytesReceived: 100,
          currentRoundTripTime: 0.02,
          lastPacketReceivedTimestamp: 960,
        },
        other: own,
        transport: { type: 'transport', selectedCandidatePairId: 'one' },
        sound: { type: 'inbound-rtp', packetsReceived: 7 },
      }),
    );
    expect(read).toEqual({
      pairs: new Map([
        ['one', { ...pair(5, 106, 20), idleMs: 40 }],
        ['other', pair(0, 6)],
      ]),
      selected: 'one',
    });
  });

  it('is not known where the platform does not count it', () => {
    expect(readChecks(report({ one: { type: 'candidate-pair', bytesReceived: 100 } }))).toBeUndefined();
  });

  it('is new when it grew on any pair, and all of a pair that was not there', () => {
    const after = { pairs: new Map([...counts(9, 10).pairs, ['two', pair(1, 0)]]), selected: 'one' };
    expect(isAnythingNew(after, counts(1, 10))).toBe(false);
    expect(isAnythingNew(after, counts(1, 9))).toBe(true);
    after.pairs.set('two', pair(1, 1));
    expect(isAnythingNew(after, counts(1, 10))).toBe(true);
  });
});

/** The time at which a path was found silent, by readings of what was asked and heard. */
function silentAtMs(readings: readonly (readonly [atMs: number, asked: number, heard: number])[], rttMs = 0) {
  const meter = new SilenceMeter(0);
  return readings.find(([atMs, asked, heard]) => meter.add(counts(asked, heard, rttMs), atMs))?.[0];
}

describe('a path in use', () => {
  it('is silent when three checks are not answered, and the first of them was not for a while', () => {
    const cut = [
      [0, 5, 900],
      [500, 6, 900],
      [1_000, 6, 900],
      [1_200, 7, 900],
      [2_000, 8, 900],
    ] as const;
    expect(silentAtMs(cut)).toBe(2_000);
    const burst = [0, 500, 700, 900, 1_100, 1_300].map((atMs) => [atMs, 5 + atMs / 100, 900] as const);
    expect(silentAtMs(burst)).toBe(1_300);
    expect(silentAtMs(burst, 400)).toBeUndefined();
  });

  it('is not silent sooner where the platform counts each check twice', () => {
    const meter = new SilenceMeter(0);
    const both = (checks: number) => ({ ...pair(3 + checks, 900), requests: 4 + checks });
    const readings = [0, 500, 1_000, 1_500, 2_000, 2_500].map((atMs, at) => {
      const pairs = new Map([['one', both(Math.ceil(at / 2))]]);
      return meter.add({ pairs, selected: 'one' }, atMs);
    });
    expect(readings).toEqual([false, false, false, false, false, true]);
  });

  it('is quiet, and not silent, while nobody speaks and each check is answered', () => {
    const quiet = Array.from({ length: 50 }, (_, at) => [at * 500, 5 + at, 900 + Math.floor(at / 2)] as const);
    expect(silentAtMs(quiet)).toBeUndefined();
  });

  it('is not silent because checks are lost of which there is one now and then', () => {
    const lossy = Array.from({ length: 40 }, (_, at) => [at * 500, 5 + Math.floor(at / 2), 900 + (at >> 2)] as const);
    expect(silentAtMs(lossy)).toBeUndefined();
  });

  it('is not silent because nobody looked for a long time, nor because it is another one', () => {
    expect(
      silentAtMs([
        [0, 5, 900],
        [60_000, 40, 930],
        [60_500, 40, 930],
      ]),
    ).toBeUndefined();
    const meter = new SilenceMeter(0);
    meter.add(counts(5, 900), 0);
    expect(meter.add({ pairs: new Map([['two', pair(80, 3)]]), selected: 'two' }, 5_000)).toBe(false);
    expect(meter.lastHeardAtMs).toBe(5_000);
    expect(meter.add({ pairs: new Map(), selected: 'two' }, 9_000)).toBe(false);
  });

  it('says when it was heard last', () => {
    const meter = new SilenceMeter(0);
    for (const atMs of [500, 1_000]) meter.add(counts(5, 900 + atMs), atMs);
    for (let atMs = 1_500; atMs < 4_000; atMs += 500) meter.add(counts(5 + atMs, 1_900), atMs);
    expect(meter.lastHeardAtMs).toBe(1_000);
    expect(meter.isWaiting).toBe(true);
    const idle = (idleMs: number, heard: number) => new Map([['one', { ...pair(9_000, heard), idleMs }]]);
    meter.add({ pairs: idle(300, 2_000), selected: 'one' }, 4_000);
    expect(meter.lastHeardAtMs).toBe(3_700);
    // What came then was an answer to a check.
    meter.add({ pairs: idle(800, 2_001), selected: 'one' }, 4_500);
    expect(meter.lastHeardAtMs).toBe(4_500);
  });
});
