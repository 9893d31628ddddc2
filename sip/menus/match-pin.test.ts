import { expect, test } from 'vitest';
import { matchPin } from './match-pin.ts';

const choices = [
  { pin: '12', is: 'a' },
  { pin: '123', is: 'b' },
  { pin: '12', is: 'c' },
];

test('the first choice of this very PIN is found', () => {
  expect(matchPin('12', choices)?.is).toBe('a');
  expect(matchPin('123', choices)?.is).toBe('b');
});

test.each(['', '1', '1234', '012'])('%j is none of them', (entered) => {
  expect(matchPin(entered, choices)).toBeUndefined();
});

test('without choices nothing is right', () => {
  expect(matchPin('1', [])).toBeUndefined();
});
