import { expect, test } from 'vitest';
import { initials, isNumber, personHue } from './initials.ts';

test('initials() takes the first letters of the first and the last word', () => {
  expect(initials('Ada Lovelace')).toBe('AL');
  expect(initials('  ben ')).toBe('B');
  expect(initials('Ludwig Mies van der Rohe')).toBe('LR');
});

test('initials() keeps what a reader sees as one letter together', () => {
  expect(initials('👩‍🚀 Mae')).toBe('👩‍🚀M');
  expect(initials('é')).toBe('É');
});

test('initials() of an empty name is a question mark', () => {
  expect(initials('   ')).toBe('?');
});

test('personHue() is the same for the same person', () => {
  expect(personHue('user-7')).toBe(personHue('user-7'));
});

test('isNumber() tells what has no name from a name with digits', () => {
  expect(['+49 (30) 123-45', '100', '*98#'].filter(isNumber)).toHaveLength(3);
  expect(['', '+', 'user-7', 'R2 D2'].filter(isNumber)).toEqual([]);
});
