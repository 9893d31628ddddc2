import { describe, expect, test } from 'vitest';
import { HealthMeter, type PathHealth } from './path-health.ts';

/** Readings each 400 ms: so many packets came and were lost between them. */
function judge(
  readings: readonly { readonly packets: number; readonly lost?: number; readonly expected?: boolean }[],
  rttMs = 50,
): PathHealth[] {
  const meter = new HealthMeter();
  const total = { packets: 0, lost: 0 };
  return readings.map(({ packets, lost = 0, expected = true }, index) => {
    total.packets += packets;
    total.lost += lost;
    return meter.add({ ...total, rttMs }, expected, index * 400);
  });
}

const times = <T>(count: number, reading: T): T[] => Array.from({ length: count }, () => reading);

describe('a path', () => {
  test('that carries everything is good', () => {
    expect(new Set(judge(times(60, { packets: 20 })))).toEqual(new Set(['good']));
  });

  test('that loses a burst is good, and one that goes on losing is bad within seven seconds', () => {
    expect(
      judge([...times(30, { packets: 20 }), { packets: 15, lost: 5 }, ...times(30, { packets: 20 })]),
    ).not.toContain('bad');
    const judged = judge(times(40, { packets: 18, lost: 2 }));
    expect(judged.indexOf('bad')).toBeGreaterThan(5);
    expect(judged.indexOf('bad') * 400).toBeLessThanOrEqual(7_000);
  });

  test('is not judged by a handful of packets', () => {
    expect(judge(times(60, { packets: 1, lost: 1, expected: false }))).not.toContain('bad');
  });

  test('that takes more than a second there and back is bad', () => {
    expect(judge(times(40, { packets: 20 }), 1_500)).toContain('bad');
    expect(judge(times(40, { packets: 20 }), 900)).not.toContain('bad');
  });

  test('on which nothing comes is silent, unless nothing is sent', () => {
    const judged = judge([...times(10, { packets: 20 }), ...times(10, { packets: 0 })]);
    expect(judged.indexOf('silent')).toBe(14);
    expect(judge([...times(10, { packets: 20 }), ...times(10, { packets: 0, expected: false })])).not.toContain(
      'silent',
    );
  });

  test('is not silent because nobody looked for a while', () => {
    const meter = new HealthMeter();
    meter.add({ packets: 20, lost: 0, rttMs: 0 }, true, 0);
    expect(meter.add({ packets: 20, lost: 0, rttMs: 0 }, true, 5_000)).toBe('good');
    expect(meter.add({ packets: 40, lost: 0, rttMs: 0 }, true, 5_400)).toBe('good');
  });
});
