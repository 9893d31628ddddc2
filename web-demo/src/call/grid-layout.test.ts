import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestColumns, layoutGrid, type Rect, tileSize } from './grid-layout.ts';
import { layoutStage } from './stage-layout.ts';

const areas = fc.record({
  widthPx: fc.integer({ min: 200, max: 4000 }),
  heightPx: fc.integer({ min: 200, max: 3000 }),
});
const counts = fc.integer({ min: 1, max: 49 });
const slack = 0.01;

function overlap(a: Rect, b: Rect): boolean {
  return (
    a.left + a.width > b.left + slack &&
    b.left + b.width > a.left + slack &&
    a.top + a.height > b.top + slack &&
    b.top + b.height > a.top + slack
  );
}

function expectInside(rects: readonly Rect[], area: { widthPx: number; heightPx: number }): void {
  for (const rect of rects) {
    expect(rect.left).toBeGreaterThanOrEqual(-slack);
    expect(rect.top).toBeGreaterThanOrEqual(-slack);
    expect(rect.left + rect.width).toBeLessThanOrEqual(area.widthPx + slack);
    expect(rect.top + rect.height).toBeLessThanOrEqual(area.heightPx + slack);
  }
}

function expectApart(rects: readonly Rect[]): void {
  rects.forEach((rect, index) => {
    for (const other of rects.slice(index + 1)) expect(overlap(rect, other)).toBe(false);
  });
}

describe('layoutGrid()', () => {
  test('tiles never overflow the window and never overlap', () => {
    fc.assert(
      fc.property(areas, counts, (area, count) => {
        const rects = layoutGrid(area, count);
        expect(rects).toHaveLength(count);
        expectInside(rects, area);
        expectApart(rects);
      }),
    );
  });

  test('no other number of columns would give larger tiles', () => {
    fc.assert(
      fc.property(areas, counts, (area, count) => {
        const [first] = layoutGrid(area, count);
        const chosen = first!.width * first!.height;
        for (let columns = 1; columns <= count; columns += 1) {
          const other = tileSize(area, count, columns);
          expect(other.widthPx * other.heightPx).toBeLessThanOrEqual(chosen + slack);
        }
      }),
    );
  });

  test('tiles keep a shape that a face fits into', () => {
    fc.assert(
      fc.property(areas, counts, (area, count) => {
        const [first] = layoutGrid(area, count);
        fc.pre(first!.height > 1);
        const aspect = first!.width / first!.height;
        expect(aspect).toBeLessThanOrEqual(16 / 9 + slack);
        expect(aspect).toBeGreaterThanOrEqual(3 / 4 - slack);
      }),
    );
  });

  test('two people stand side by side in a wide window and one above the other in an upright one', () => {
    expect(bestColumns({ widthPx: 1280, heightPx: 640 }, 2)).toBe(2);
    expect(bestColumns({ widthPx: 390, heightPx: 700 }, 2)).toBe(1);
  });

  test('an empty call has no tiles', () => {
    expect(layoutGrid({ widthPx: 800, heightPx: 600 }, 0)).toEqual([]);
  });
});

describe('layoutStage()', () => {
  test('stage and filmstrip never overflow the window and never overlap', () => {
    fc.assert(
      fc.property(areas, fc.integer({ min: 0, max: 49 }), (area, count) => {
        const { stage, strip } = layoutStage(area, count);
        expectInside([stage, ...strip], area);
        expectApart([stage, ...strip]);
        expect(strip.length).toBeLessThanOrEqual(count);
        expect(strip.length).toBeGreaterThanOrEqual(Math.min(count, 1));
      }),
    );
  });

  test('the stage is larger than any tile of the filmstrip', () => {
    fc.assert(
      fc.property(areas, counts, (area, count) => {
        const { stage, strip } = layoutStage(area, count);
        const [first] = strip;
        expect(stage.width * stage.height).toBeGreaterThan(first!.width * first!.height);
      }),
    );
  });
});
