import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../core/fake-clock.ts';
import { placementLimits, promiseMs } from './choose-place.ts';
import type { PlaceLoad } from './engine.ts';
import { Placement } from './placement.ts';

const expected = { sounds: 10, videoBitsPerSecond: 0, join: true };

function startPlacement(loads: readonly number[]) {
  const clock = new FakeClock();
  const engine: { places: readonly PlaceLoad[] } = {
    places: loads.map((load, place) => ({ place, load, routers: 0 })),
  };
  return { clock, engine, placement: new Placement({ engine, clock, limits: placementLimits }) };
}

describe('a placement', () => {
  test('spreads those who come in one turn evenly, though nothing is measured yet', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 100 }), (workers, joins) => {
        const { placement } = startPlacement(Array.from({ length: workers }, () => 0));
        const counts = Array.from({ length: workers }, () => 0);
        for (let count = 0; count < joins; count += 1) {
          const place = placement.choose({ roomPlaces: [], expected })!;
          counts[place]! += 1;
        }
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('sends a room on when what is promised at its worker is too much', () => {
    const { placement } = startPlacement([0.7, 0.1]);
    const many = { sounds: 500, videoBitsPerSecond: 0, join: false };
    expect(placement.choose({ roomPlaces: [0], expected })).toBe(0);
    expect(placement.choose({ roomPlaces: [0], expected: many })).toBe(1);
  });

  test('forgets a promise once it can be measured', () => {
    const { clock, placement } = startPlacement([0, 0]);
    const place = placement.choose({ roomPlaces: [], expected })!;
    expect(placement.promised().get(place)).toBeGreaterThan(0);
    clock.advance(promiseMs);
    expect(placement.promised().get(place)).toBeGreaterThan(0);
    clock.advance(500);
    expect(placement.promised().size).toBe(0);
  });

  test('knows nothing of a worker that is gone', () => {
    const { engine, placement } = startPlacement([0, 0]);
    engine.places = engine.places.slice(1);
    expect([placement.has(0), placement.has(1)]).toEqual([false, true]);
    expect(placement.choose({ roomPlaces: [0], expected })).toBe(1);
    engine.places = [];
    expect(placement.choose({ roomPlaces: [0], expected })).toBeUndefined();
  });
});
