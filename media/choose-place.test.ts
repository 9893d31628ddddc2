import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choosePlace, costOf, placementLimits } from './choose-place.ts';

const { fullAt, minGain } = placementLimits;
const loads = fc.array(fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)), {
  minLength: 1,
  maxLength: 8,
});
const flows = fc.record({
  sounds: fc.integer({ min: 0, max: 50 }),
  videoBitsPerSecond: fc.integer({ min: 0, max: 25_000_000 }),
  join: fc.boolean(),
});

function choose(of: readonly number[], roomPlaces: readonly number[], cost: number) {
  return choosePlace({
    places: of.map((load, place) => ({ place, load, routers: 0 })),
    promisedAt: () => 0,
    roomPlaces,
    cost,
    limits: placementLimits,
  });
}

describe('choosePlace()', () => {
  test('without a worker there is no place', () => {
    expect(choose([], [], 0.01)).toBeUndefined();
  });

  test('a room stays on its worker while that has room, however idle others are', () => {
    expect(choose([0.7, 0], [0], 0.01)).toBe(0);
  });

  test('a room whose worker is full goes on at the least loaded one', () => {
    expect(choose([0.9, 0.5, 0.3], [0], 0.01)).toBe(2);
  });

  test('a room whose worker is full stays when the others are hardly better off', () => {
    expect(choose([0.8, 0.7], [0], 0.01)).toBe(0);
  });

  test('a worker that does not answer is the last one to take, but is taken', () => {
    expect(choose([Number.POSITIVE_INFINITY, 0.99], [], 0.01)).toBe(1);
    expect(choose([Number.POSITIVE_INFINITY, 0.1], [0], 0.01)).toBe(1);
    expect(choose([Number.POSITIVE_INFINITY], [], 0.01)).toBe(0);
  });

  test('rooms at rest are spread as well', () => {
    const places = [3, 2, 4].map((routers, place) => ({ place, load: 0.01, routers }));
    const rest = { promisedAt: () => 0, roomPlaces: [], cost: 0, limits: placementLimits };
    expect(choosePlace({ places, ...rest })).toBe(1);
  });

  test('nobody is put where it is full while a worker that is better off by enough has room', () => {
    fc.assert(
      fc.property(loads, flows, fc.nat(), fc.boolean(), (of, expected, seed, isNew) => {
        const cost = costOf(expected);
        const roomPlaces = isNew ? [] : [seed % of.length];
        const chosen = choose(of, roomPlaces, cost)!;
        const load = of[chosen]!;
        const better = of.filter((other) => other + cost <= fullAt && other + 1.1 * cost + minGain <= load + cost);
        if (load + cost > fullAt) expect(better).toEqual([]);
      }),
    );
  });

  test('a room stays together while it fits', () => {
    fc.assert(
      fc.property(loads, flows, fc.nat(), (of, expected, seed) => {
        const home = seed % of.length;
        fc.pre(of[home]! + costOf(expected) <= fullAt);
        expect(choose(of, [home], costOf(expected))).toBe(home);
      }),
    );
  });
});

describe('costOf()', () => {
  test('grows with what flows', () => {
    fc.assert(
      fc.property(flows, flows, (one, other) => {
        const both = {
          sounds: one.sounds + other.sounds,
          videoBitsPerSecond: one.videoBitsPerSecond + other.videoBitsPerSecond,
          join: one.join || other.join,
        };
        expect(costOf(both)).toBeGreaterThanOrEqual(Math.max(costOf(one), costOf(other)));
        expect(costOf(both)).toBeLessThanOrEqual(costOf(one) + costOf(other) + 1e-12);
      }),
    );
  });
});
