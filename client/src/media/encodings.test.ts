import { describe, expect, it } from 'vitest';
import { toSendOptions } from './encodings.ts';

const nothing = { encodings: undefined, codec: undefined, longSide: undefined };
const scales = (longSide: number | undefined) =>
  toSendOptions({ ...nothing, source: 'camera', longSide }).encodings?.map(
    (encoding) => encoding.scaleResolutionDownBy,
  );

describe('what an application does not say of its encodings', () => {
  it('is as many sizes of a camera as browsers send of one that large', () => {
    expect([1920, 960, 640, 480, 320].map(scales)).toEqual([[4, 2, 1], [4, 2, 1], [2, 1], [2, 1], [1]]);
    expect(scales(undefined)).toEqual([4, 2, 1]);
  });

  it('is a screen at few frames and at all, never smaller', () => {
    const { encodings } = toSendOptions({ ...nothing, source: 'screen', longSide: 320 });
    expect(encodings).toMatchObject([
      { scaleResolutionDownBy: 1, maxFramerate: 5 },
      { scaleResolutionDownBy: 1, maxFramerate: 30 },
    ]);
  });

  it('is one stream of the codecs that scale by themselves', () => {
    const sent = (codec: 'vp9' | 'av1' | 'h264') => toSendOptions({ ...nothing, source: 'camera', codec }).encodings;
    expect([sent('vp9'), sent('av1')]).toEqual([
      [{ scalabilityMode: 'L3T3_KEY', maxBitrate: 1_500_000 }],
      [{ scalabilityMode: 'L1T3', maxBitrate: 1_500_000 }],
    ]);
    expect(sent('h264')).toHaveLength(3);
  });

  it('is nothing of a sound, and nothing where it does say', () => {
    expect(toSendOptions({ ...nothing, source: 'microphone' }).encodings).toBeUndefined();
    const encodings = [{ maxBitrate: 1 }];
    expect(toSendOptions({ ...nothing, source: 'camera', codec: 'vp9', encodings }).encodings).toEqual(encodings);
  });

  it('is given away as a copy: the media library writes into it', () => {
    const [first, second] = [scales, scales].map(() => toSendOptions({ ...nothing, source: 'camera' }).encodings);
    expect(first?.[0]).not.toBe(second?.[0]);
  });
});
