import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimateMos } from './mos.ts';

const codecs = ['PCMU', 'PCMA', 'G722', 'opus'] as const;

test('a call without faults is rated as G.107 rates a line without faults', () => {
  expect(estimateMos({ codec: 'PCMU', lossRatio: 0, oneWayDelayMs: 0 })).toBeCloseTo(4.41, 2);
});

test('a call is rated by what is lost, and by its delay', () => {
  expect(estimateMos({ codec: 'PCMU', lossRatio: 0.01, oneWayDelayMs: 50 })).toBeCloseTo(4.3, 1);
  expect(estimateMos({ codec: 'PCMA', lossRatio: 0.05, oneWayDelayMs: 150 })).toBeCloseTo(3.77, 1);
  expect(estimateMos({ codec: 'PCMU', lossRatio: 0, oneWayDelayMs: 400 })).toBeLessThan(3.2);
  expect(estimateMos({ codec: 'PCMU', lossRatio: 1, oneWayDelayMs: 1_000 })).toBe(1);
});

test('more loss or delay never rates better, and no rating leaves the scale', () => {
  const ratio = fc.double({ min: -0.5, max: 1.5, noNaN: true });
  const delay = fc.double({ min: -10, max: 5_000, noNaN: true });
  fc.assert(
    fc.property(fc.constantFrom(...codecs), ratio, ratio, delay, delay, (codec, one, other, few, many) => {
      const [lossRatio, moreLoss] = [Math.min(one, other), Math.max(one, other)];
      const [oneWayDelayMs, moreDelay] = [Math.min(few, many), Math.max(few, many)];
      const mos = estimateMos({ codec, lossRatio, oneWayDelayMs });
      expect(mos).toBeLessThanOrEqual(4.5);
      const worse = estimateMos({ codec, lossRatio: moreLoss, oneWayDelayMs: moreDelay });
      expect(worse).toBeGreaterThanOrEqual(1);
      expect(worse).toBeLessThanOrEqual(mos + 1e-9);
    }),
  );
});
