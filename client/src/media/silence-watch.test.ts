import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SilenceWatch } from './silence-watch.ts';

/** The counters of the pair in use; undefined: this platform has none. */
let pair: { requestsSent: number; responsesReceived: number } | undefined;
let said: string[];
let readings: number;
let watch: SilenceWatch;

beforeEach(() => {
  vi.useFakeTimers();
  pair = { requestsSent: 5, responsesReceived: 5 };
  said = [];
  readings = 0;
  watch = new SilenceWatch({
    async getStats() {
      readings += 1;
      const entries = [
        { id: 'pair', type: 'candidate-pair', timestamp: 0, ...pair },
        { id: 'transport', type: 'transport', selectedCandidatePairId: 'pair' },
      ];
      return new Map(entries.map((entry) => [entry.id, entry])) as unknown as RTCStatsReport;
    },
    onSilent: () => said.push('silent'),
    onHeard: () => said.push('heard'),
  });
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

/** Checks are sent; answered or not. */
async function pass(milliseconds: number, { answered }: { answered: boolean }): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 100) {
    await vi.advanceTimersByTimeAsync(100);
    if (!pair) continue;
    pair.requestsSent += 1;
    if (answered) pair.responsesReceived += 1;
  }
}

it('a path that is not answered is said to be silent once, and is not looked at any more', async () => {
  watch.listen();
  await pass(5_000, { answered: true });
  expect(said).toEqual([]);
  await pass(3_000, { answered: false });
  expect(said).toEqual(['silent']);
  expect(watch.lastHeardAtMs).toBeLessThanOrEqual(performance.now() - 2_400);
  const before = readings;
  await pass(3_000, { answered: false });
  expect([said, readings]).toEqual([['silent'], before]);
});

it('what is heard after the mark is told once, and what came before it is not', async () => {
  watch.listen();
  await pass(1_000, { answered: true });
  watch.stop();
  await pass(500, { answered: true });
  await watch.mark();
  watch.await();
  await pass(2_000, { answered: false });
  expect(said).toEqual([]);
  await pass(2_000, { answered: true });
  expect(said).toEqual(['heard']);
});

it('a last look finds what a busy process has not seen yet', async () => {
  watch.listen();
  await pass(1_000, { answered: true });
  await watch.mark();
  watch.await();
  if (pair) pair.responsesReceived += 1;
  await watch.look();
  expect(said).toEqual(['heard']);
});

it('a reading that was begun before it was stopped says nothing', async () => {
  watch.listen();
  await pass(1_000, { answered: true });
  await watch.mark();
  watch.await();
  if (pair) pair.responsesReceived += 1;
  const looked = watch.look();
  watch.stop();
  await looked;
  expect(said).toEqual([]);
});

it('asks a platform that does not count checks once, and says nothing of it', async () => {
  pair = undefined;
  watch.listen();
  await pass(10_000, { answered: false });
  watch.await();
  await pass(10_000, { answered: false });
  expect([said, readings, watch.counts, watch.lastHeardAtMs]).toEqual([[], 1, false, undefined]);
});
