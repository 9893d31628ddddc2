import type { CallLeg } from '@parley/client';
import { expect, test } from 'vitest';
import { callBackOf, otherSideOf } from './other-side.ts';

const leg = (kind: CallLeg['kind'], identity: string, number = '') => ({ kind, identity, number }) as CallLeg;
const [me, ada, phone] = [leg('user', 'me'), leg('user', 'ada'), leg('number', 'tel:+49301', '+49301')];

test('the other side is everybody but oneself', () => {
  expect(otherSideOf({ legs: [me, ada, phone] }, 'me')).toEqual([ada, phone]);
  expect(otherSideOf({ legs: [ada, me] }, 'me')).toEqual([ada]);
  expect(otherSideOf({ legs: [me] }, 'me')).toEqual([me]);
});

test('who is called back is called as before', () => {
  expect([ada, phone, leg('number', 'anonymous')].map(callBackOf)).toEqual(['ada', '+49301', undefined]);
});
