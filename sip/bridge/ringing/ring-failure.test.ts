import { expect, test } from 'vitest';
import { AppError } from '../../../core/errors.ts';
import { SipHeaders } from '../../agent/messages/sip-headers.ts';
import { SipFailure } from '../../drachtio/sip-failure.ts';
import { mostTelling, ringFailure } from './ring-failure.ts';

test.each([
  [486, 'busy'],
  [600, 'busy'],
  [603, 'declined'],
  [403, 'forbidden'],
  [407, 'forbidden'],
  [480, 'no-answer'],
  [487, 'no-answer'],
  [404, 'unreachable'],
  [408, 'unreachable'],
  [503, 'unreachable'],
  [488, 'failed'],
  [302, 'failed'],
] as const)('%i is told as %s', (status, failure) => {
  expect(ringFailure(new SipFailure('REFUSED', '', { status, headers: new SipHeaders() }))).toBe(failure);
});

test('what never reached a phone is told as unreachable, what we could not do as failed', () => {
  expect(ringFailure(new SipFailure('DISCONNECTED', ''))).toBe('unreachable');
  expect(ringFailure(new AppError('NODE_OVERLOADED', { what: 'phones' }))).toBe('unreachable');
  expect(ringFailure(new AppError('SDP_REFUSED', { problem: 'x' }))).toBe('failed');
  expect(ringFailure(new TypeError('x'))).toBe('failed');
});

test('of several phones the one that says the most is told of', () => {
  expect(mostTelling(['unreachable', 'no-answer', 'busy'])).toBe('busy');
  expect(mostTelling(['unreachable', 'no-answer'])).toBe('no-answer');
  expect(mostTelling(['busy', 'declined'])).toBe('declined');
  expect(mostTelling([])).toBe('unreachable');
});
