import { expect, test } from 'vitest';
import { formatNumber, type NumberRules, normalise } from './numbers.ts';
import { isPattern, parsePattern } from './pattern.ts';

const germany: NumberRules = { country: '49', national: '0', international: '00', nationalDigits: 0 };
const america: NumberRules = { country: '1', national: '1', international: '011', nationalDigits: 10 };

test.each([
  ['+49 30 123456', germany, '+4930123456'],
  ['+49 (0)30 123456', germany, '+4930123456'],
  ['004930123456', germany, '+4930123456'],
  ['(030) 12 34-56', germany, '+4930123456'],
  ['030123456;phone-context=+49', germany, '+4930123456'],
  ['100', germany, '100'],
  ['112', germany, '112'],
  ['*97', germany, '*97'],
  ['support', germany, 'support'],
  ['', germany, ''],
  ['2125551234', america, '+12125551234'],
  ['12125551234', america, '+12125551234'],
  ['011 49 30 123456', america, '+4930123456'],
  ['911', america, '911'],
  ['030123456', { ...germany, country: '' }, '030123456'],
  ['00000000000000000000', germany, '00000000000000000000'],
  ['0900123456 0000000000', germany, '+499001234560000000000'],
  ['00882123456 0000000000', germany, '+8821234560000000000'],
])('%j is %s', (text, rules, normal) => {
  expect(normalise(text, rules)).toBe(normal);
});

test('a provider that leaves the plus out is understood', () => {
  expect(normalise('4930123456', germany, true)).toBe('+4930123456');
  expect(normalise('030123456', germany, true)).toBe('+4930123456');
  expect(normalise('8821234560000000000', germany, true)).toBe('+8821234560000000000');
});

test.each([
  ['e164', '+4930123456', '+4930123456'],
  ['digits', '+4930123456', '4930123456'],
  ['national', '+4930123456', '030123456'],
  ['national', '+12125551234', '0012125551234'],
  ['national', '112', '112'],
] as const)('as %s, %s goes out as %s', (format, number, sent) => {
  expect(formatNumber(number, format, germany)).toBe(sent);
});

test.each([
  ['8XXX', '8123', ''],
  ['8XXX', '81234', undefined],
  ['9NXX.', '9234567', '567'],
  ['9NXX.', '9134567', undefined],
  ['9.', '9', undefined],
  ['9!', '9', ''],
  ['+49[2-5]!', '+4930', '0'],
  ['*97', '*97', ''],
  ['Z[05]', '15', ''],
])('the pattern %s leaves of %s: %j', (pattern, called, rest) => {
  expect(parsePattern(pattern).match(called)).toBe(rest);
});

test.each(['', '9.9', '[5-2]', '[', '(a+)+', 'x'.repeat(65), '.*'])('%j is no pattern', (text) => {
  expect(isPattern(text)).toBe(false);
});
