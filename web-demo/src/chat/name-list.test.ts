import { expect, test } from 'vitest';
import { nameList } from './name-list.ts';

test('nameList() names up to three people and counts the others', () => {
  expect(nameList(['Ada'])).toBe('Ada');
  expect(nameList(['Ada', 'Ben'])).toBe('Ada and Ben');
  expect(nameList(['Ada', 'Ben', 'Cleo'])).toBe('Ada, Ben and Cleo');
  expect(nameList(['Ada', 'Ben', 'Cleo', 'Dan', 'Eve'])).toBe('Ada, Ben and 3 others');
});
