import { expect, test } from 'vitest';
import type { NumberRules } from './numbers.ts';
import { readingsOf, whyNotPlain } from './plain-number.ts';

const germany: NumberRules = { country: '49', national: '0', international: '00', nationalDigits: 0 };

test.each([
  ['+4930123456', undefined],
  ['100', undefined],
  ['0900', undefined],
  ['', 'nothing was dialled'],
  ['*31#00882123456', 'it has * # in it'],
  ['#31#00882123456', 'it has # in it'],
  ['+4-9900x', 'it has - x in it'],
  ['support', 'it has s u p o in it'],
  ['１２３', 'it has U+FF11 U+FF12 U+FF13 in it'],
  ['+49+900', 'it has + in it'],
  ['0049900\u202e', 'it has U+202E in it'],
  ['+0088212345678', 'no number of the world begins so'],
  ['+49900', 'no number of the world begins so'],
  ['000088212345678', 'what follows 00 is no number of the world'],
  ['+499001234567890', undefined],
  ['+4990012345678900', 'it has more than 15 digits'],
])('%j: %s', (number, why) => {
  expect(whyNotPlain(number, germany)).toBe(why);
});

test.each([
  ['+4930123456', []],
  ['+490900123456', ['+49900123456']],
  ['88212345678', ['+88212345678']],
  ['4990012345', ['+4990012345']],
  ['0900123456', ['+49900123456']],
  ['112', []],
])('%s may be read as %s too', (number, others) => {
  expect(readingsOf(number, { ...germany, prefix: '' }).slice(1)).toEqual(others);
});

test('what stands behind the prefix of a trunk is read, too', () => {
  const behind = { ...germany, prefix: '9' };
  expect(readingsOf('900882123456', behind)).toContain('+882123456');
  expect(readingsOf('90900123456', behind)).toContain('+49900123456');
});
