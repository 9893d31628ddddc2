import { describe, expect, test } from 'vitest';
import { AppError, type ErrorReason, errorRegistry } from '../../core/errors.ts';
import { SipHeaders } from '../agent/messages/sip-headers.ts';
import { SipFailure } from '../drachtio/sip-failure.ts';
import { reasonHeader } from './reason-header.ts';
import { isDefect, toRefusal } from './refusal.ts';

describe('what a caller is refused with', () => {
  test.each([
    ['ROOM_FULL', 480],
    ['IDENTITY_REMOVED', 403],
    ['ROOM_NOT_FOUND', 404],
    ['SDP_REFUSED', 488],
    ['NODE_OVERLOADED', 503],
    ['MEDIA_UNAVAILABLE', 503],
    ['RATE_LIMITED', 503],
    ['TOKEN_MISSING', 403],
    ['INTERNAL', 500],
  ] as const)('%s is %i', (reason, status) => {
    expect(toRefusal(new AppError(reason)).status).toBe(status);
  });

  test('no reason asks for a password or says that somebody is busy', () => {
    for (const reason of Object.keys(errorRegistry) as ErrorReason[]) {
      const { status, headers } = toRefusal(new AppError(reason));
      expect([401, 407, 486, 600], reason).not.toContain(status);
      expect(status, reason).toBeGreaterThanOrEqual(400);
      expect(headers['Reason'], reason).toMatch(/^SIP;cause=\d{3};text="/);
      expect(headers['Retry-After'] !== undefined, reason).toBe(status === 503);
    }
  });

  test('when to try again is told in seconds, rounded up', () => {
    const { headers } = toRefusal(new AppError('NODE_OVERLOADED', { what: 'phones' }, { retryAfterMs: 1_200 }));
    expect(headers['Retry-After']).toBe('2');
  });

  test('what nobody expected is told without its words, and is a defect', () => {
    const thrown = new TypeError('the password is 4711');
    expect(JSON.stringify(toRefusal(thrown))).not.toContain('4711');
    expect(isDefect(thrown)).toBe(true);
    expect(isDefect(new AppError('ROOM_FULL'))).toBe(false);
  });

  test('the status of another leg is passed on', () => {
    const failure = new SipFailure('REFUSED', '404 Not Found', { status: 404, headers: new SipHeaders() });
    expect(toRefusal(failure).status).toBe(404);
    expect(toRefusal(new SipFailure('DISCONNECTED', 'gone')).status).toBe(503);
    expect(toRefusal(new SipFailure('CANCELED', 'canceled')).status).toBe(487);
  });
});

test('a Reason holds nothing that ends its quotation, or its line', () => {
  expect(reasonHeader(480, 'full: "a\\b"\r\nX: y – “so”')).toBe(
    'SIP;cause=480;text="full: \\"a\\\\b\\"  X: y  \\"so\\""',
  );
});
