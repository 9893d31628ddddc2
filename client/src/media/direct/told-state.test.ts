import fc from 'fast-check';
import { expect, test } from 'vitest';
import { directSources, readTold, writeTold } from './told-state.ts';

const ids = fc.array(fc.string({ minLength: 1, maxLength: 64 }), { maxLength: 16 });
const sends = fc.dictionary(fc.constantFrom(...directSources), fc.string({ minLength: 1, maxLength: 64 }), {
  noNullPrototype: true,
});
const state = fc.record({ sends, wants: ids, has: ids, lifting: fc.boolean() });

test('what is told is read as it was', () => {
  fc.assert(
    fc.property(state, (told) => {
      const text = writeTold(told);
      fc.pre(text.length <= 8_192);
      expect(readTold(text)).toEqual(told);
    }),
  );
});

test('whatever another client sends is read as a whole, or not at all', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.anything()), (said) => {
      const told = readTold(said);
      if (told) expect(readTold(writeTold(told))).toEqual(told);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['no text', new ArrayBuffer(8)],
  ['another shape', '[]'],
  ['a source that sends no id', '{"sends":{"camera":7},"wants":[],"has":[],"lifting":false}'],
  ['too many ids', JSON.stringify({ sends: {}, wants: Array(17).fill('p'), has: [], lifting: false })],
  ['an id that is too long', JSON.stringify({ sends: {}, wants: ['p'.repeat(65)], has: [], lifting: false })],
  ['too much', `{"sends":{},"wants":[],"has":[],"lifting":false,"x":"${'x'.repeat(9_000)}"}`],
])('%s is nothing that was told', (_, said) => {
  expect(readTold(said)).toBeUndefined();
});
