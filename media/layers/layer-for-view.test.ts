import { describe, expect, test } from 'vitest';
import { layerForView, type Produced } from './layer-for-view.ts';

const camera: Produced = {
  source: 'camera',
  size: { width: 1280, height: 720 },
  layers: { spatial: 3, temporal: 3 },
  scales: [4, 2, 1],
};
const shown = (height: number) => ({ width: (height * 16) / 9, height, hidden: false });
/** The spatial layer; all of them stand for the highest. */
const layer = (height: number, produced: Produced) => {
  const layers = layerForView(shown(height), produced);
  return layers === undefined ? produced.layers.spatial - 1 : layers === 'hidden' ? -1 : layers.spatialLayer;
};

describe('layerForView()', () => {
  test.each([
    [90, 0],
    [180, 0],
    [206, 0],
    [208, 1],
    [360, 1],
    [413, 1],
    [415, 2],
    [2_000, 2],
  ])('of a camera shown in %d lines is layer %d', (height, expected) => {
    expect(layer(height, camera)).toBe(expected);
  });

  test('takes a camera of unknown size for one of 720 lines, and each layer for half of the next', () => {
    expect([180, 360, 720].map((height) => layer(height, { ...camera, size: undefined, scales: [] }))).toEqual([
      0, 1, 2,
    ]);
  });

  test('goes by the size that is sent', () => {
    const small = { ...camera, size: { width: 640, height: 360 } };
    expect([90, 180, 360].map((height) => layer(height, small))).toEqual([0, 1, 2]);
  });

  test('goes by the scales that its sender says', () => {
    const two = { ...camera, layers: { spatial: 2, temporal: 1 }, scales: [3, 1] };
    expect([240, 360].map((height) => layer(height, two))).toEqual([0, 1]);
  });

  test('of a screen is the highest unless it is too small to be read', () => {
    const screen = { ...camera, source: 'screen', layers: { spatial: 2, temporal: 2 }, scales: [1, 1] } as const;
    expect([100, 179, 180, 700].map((height) => layer(height, screen))).toEqual([0, 0, 1, 1]);
  });

  test('of what is hidden is none, and of what nobody spoke of all', () => {
    expect(layerForView({ width: 100, height: 100, hidden: true }, camera)).toBe('hidden');
    expect(layerForView(undefined, camera)).toBeUndefined();
    expect(layerForView({ width: 0, height: 0, hidden: false }, camera)).toBeUndefined();
    expect(layerForView(shown(90), { ...camera, layers: { spatial: 1, temporal: 1 } })).toBeUndefined();
  });
});
