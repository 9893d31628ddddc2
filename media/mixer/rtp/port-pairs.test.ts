import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PortPairs } from './port-pairs.ts';

describe('pairs of ports', () => {
  test('are even, different, and within their range', () => {
    const range = fc.record({ minPort: fc.integer({ min: 1, max: 200 }), pairs: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(range, ({ minPort, pairs }) => {
        const maxPort = minPort + (minPort % 2) + 2 * pairs - 1;
        const ports = new PortPairs({ minPort, maxPort });
        const taken = Array.from({ length: pairs }, () => ports.take(0)!);
        expect(new Set(taken).size).toBe(pairs);
        for (const port of taken) expect([port % 2, port >= minPort, port + 1 <= maxPort]).toEqual([0, true, true]);
        expect(ports.take(0)).toBeUndefined();
        expect([ports.free, ports.taken]).toEqual([0, pairs]);
      }),
    );
  });

  test('begin anywhere, and go on from there', () => {
    const ports = new PortPairs({ minPort: 10_000, maxPort: 10_009, random: () => 3 });
    expect([0, 0, 0].map(() => ports.take(0))).toEqual([10_006, 10_008, 10_000]);
  });

  test('rest after they were given back', () => {
    const ports = new PortPairs({ minPort: 10_000, maxPort: 10_001, releaseAfterMs: 1_000 });
    expect(ports.take(0)).toBe(10_000);
    ports.release(10_000, 100);
    ports.release(10_000, 900);
    expect(ports.take(1_099)).toBeUndefined();
    expect(ports.take(1_100)).toBe(10_000);
    // What was given back twice is taken by another now.
    expect(ports.take(5_000)).toBeUndefined();
  });

  test('that were never taken cannot be given back', () => {
    const ports = new PortPairs({ minPort: 10_000, maxPort: 10_003, releaseAfterMs: 0 });
    ports.release(10_002, 0);
    ports.release(9_000, 0);
    expect([ports.take(0), ports.take(0), ports.take(0)].filter(Boolean)).toHaveLength(2);
  });

  test.each([
    [10_001, 10_001],
    [10_000, 10_000],
    [10_002, 10_000],
    [0, 100],
    [65_534, 65_536],
  ])('need a range that holds one: %i to %i', (minPort, maxPort) => {
    expect(() => new PortPairs({ minPort, maxPort })).toThrow(RangeError);
  });
});
