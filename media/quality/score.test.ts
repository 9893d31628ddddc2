import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pictureScore, soundScore } from './score.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const ms = fc.double({ min: 0, max: 5_000, noNaN: true });

describe('the score of a sound', () => {
  test.each([
    ['nothing in the way', { loss: 0, jitterMs: 0, rttMs: 0 }, 5, 5],
    ['a good line', { loss: 0.001, jitterMs: 5, rttMs: 40 }, 4.7, 5],
    ['one percent of loss', { loss: 0.01, jitterMs: 5, rttMs: 40 }, 4.2, 4.9],
    ['five percent and a long way', { loss: 0.05, jitterMs: 10, rttMs: 400 }, 1, 3.8],
    ['a third lost', { loss: 0.33, jitterMs: 40, rttMs: 200 }, 1, 1.7],
    ['nothing arrives', { loss: 1, jitterMs: 0, rttMs: 0 }, 1, 1.2],
  ])('with %s', (_, facts, least, most) => {
    expect(soundScore(facts)).toBeGreaterThanOrEqual(least);
    expect(soundScore(facts)).toBeLessThanOrEqual(most);
  });

  test('is from 1 to 5, and never higher with more of anything bad', () => {
    fc.assert(
      fc.property(share, ms, ms, share, ms, ms, (loss, jitterMs, rttMs, moreLoss, moreJitter, moreRtt) => {
        const score = soundScore({ loss, jitterMs, rttMs });
        expect(score).toBeGreaterThanOrEqual(1);
        expect(score).toBeLessThanOrEqual(5);
        const worse = { loss: Math.min(loss + moreLoss, 1), jitterMs: jitterMs + moreJitter, rttMs: rttMs + moreRtt };
        expect(soundScore(worse)).toBeLessThanOrEqual(score + 1e-9);
      }),
    );
  });
});

describe('the score of a picture', () => {
  const good = { loss: 0, rttMs: 40, freezeShare: 0, layerShare: 1 };

  test.each([
    ['nothing in the way', {}, 5, 5],
    ['a tenth of the time still', { freezeShare: 0.1 }, 3.5, 4.5],
    ['two of three layers', { layerShare: 2 / 3 }, 4, 4.4],
    ['the lower of two layers', { layerShare: 1 / 2 }, 3.5, 3.7],
    ['no layer at all', { layerShare: 0 }, 1, 1],
    ['half of the time still', { freezeShare: 0.5 }, 1, 2.1],
  ])('with %s', (_, facts, least, most) => {
    expect(pictureScore({ ...good, ...facts })).toBeGreaterThanOrEqual(least);
    expect(pictureScore({ ...good, ...facts })).toBeLessThanOrEqual(most);
  });

  test('is from 1 to 5, and never higher with more of anything bad', () => {
    fc.assert(
      fc.property(share, ms, share, share, share, (loss, rttMs, freezeShare, layerShare, more) => {
        const score = pictureScore({ loss, rttMs, freezeShare, layerShare });
        expect(score).toBeGreaterThanOrEqual(1);
        expect(score).toBeLessThanOrEqual(5);
        expect(pictureScore({ loss: Math.min(loss + more, 1), rttMs, freezeShare, layerShare })).toBeLessThanOrEqual(
          score,
        );
        expect(pictureScore({ loss, rttMs, freezeShare, layerShare: layerShare * more })).toBeLessThanOrEqual(score);
      }),
    );
  });
});
