import { expect, test } from 'vitest';
import { cameraEncodings, preferredLayer } from './camera-layers.ts';

test('preferredLayer() asks for as many lines as a tile shows, and for a layer that there is', () => {
  expect([90, 180, 360, 600, 2_000].map((heightPx) => preferredLayer(heightPx, 1))).toEqual([0, 0, 1, 2, 2]);
  expect(preferredLayer(180, 2)).toBe(1);
  expect(preferredLayer(2_000, 1)).toBe(cameraEncodings.length - 1);
});
