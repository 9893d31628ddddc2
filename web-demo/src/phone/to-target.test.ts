import { expect, test } from 'vitest';
import { calleeOfPath, pathOfCallee, toTarget } from './to-target.ts';

test.each([
  ['+49 (30) 123-45', { number: '+493012345' }],
  ['100', { number: '100' }],
  ['*98#', { number: '*98#' }],
  ['sip:ann@example.org', { uri: 'sip:ann@example.org' }],
  ['SIPS:ann@example.org', { uri: 'SIPS:ann@example.org' }],
  ['ann@example.org', { uri: 'sip:ann@example.org' }],
  [' ann ', { user: 'ann' }],
  ['guest-AbCd_1234567', { user: 'guest-AbCd_1234567' }],
  ['ann@home', { user: 'ann@home' }],
])('“%s” is %o', (typed, target) => {
  expect(toTarget(typed)).toEqual(target);
});

test.each(['', '  ', '<script>', 'sip:a b', '1'.repeat(33)])('“%s” is nobody', (typed) => {
  expect(toTarget(typed)).toBeUndefined();
});

test('a link leads to a call, and says whom', () => {
  expect(calleeOfPath(pathOfCallee('ann/ö'))).toBe('ann/ö');
  expect(calleeOfPath('/phone')).toBeUndefined();
  expect(calleeOfPath('/phone/%E0%A4%A')).toBeUndefined();
});
