import { expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { testGatewayOptions } from '../../test/support/start-gateway.ts';
import { Admission } from './admission.ts';

function refusal(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was let in');
}

test('one address gets as many connections as it may have, and another one when it gives one back', () => {
  const admission = new Admission({ ...testGatewayOptions, maxConnectionsPerIp: 2 }, new FakeClock());
  const place = admission.admitConnection('203.0.113.7');
  admission.admitConnection('203.0.113.7');
  expect(refusal(() => admission.admitConnection('203.0.113.7'))).toMatchObject({
    reason: 'TOO_MANY_CONNECTIONS',
    details: { scope: 'address' },
  });
  admission.admitConnection('203.0.113.8');
  admission.leave(place);
  admission.admitConnection('203.0.113.7');
  expect(refusal(() => admission.admitConnection('203.0.113.7')).reason).toBe('TOO_MANY_CONNECTIONS');
});

test('a full server lets nobody in, whatever the address', () => {
  const admission = new Admission({ ...testGatewayOptions, maxConnections: 1 }, new FakeClock());
  const place = admission.admitConnection('203.0.113.7');
  expect(refusal(() => admission.admitConnection('203.0.113.8'))).toMatchObject({
    reason: 'TOO_MANY_CONNECTIONS',
    details: { scope: 'server' },
  });
  admission.leave(place);
  admission.admitConnection('203.0.113.8');
});

test('requests of one address have a rate, which says when to come back; a place costs nothing more', () => {
  const clock = new FakeClock();
  const admission = new Admission({ ...testGatewayOptions, connectionRate: { perSecond: 2, burst: 2 } }, clock);
  admission.admitRequest('203.0.113.7');
  admission.admitRequest('203.0.113.7');
  admission.admitConnection('203.0.113.7');
  const error = refusal(() => admission.admitRequest('203.0.113.7'));
  expect(error).toMatchObject({ reason: 'RATE_LIMITED', retryAfterMs: 500 });
  admission.admitRequest('203.0.113.8');
  clock.advance(500);
  admission.admitRequest('203.0.113.7');
});

test('once it drains no connection is let in, and requests are', () => {
  const admission = new Admission(testGatewayOptions, new FakeClock());
  admission.drain();
  expect(refusal(() => admission.admitConnection('203.0.113.7')).reason).toBe('SERVER_DRAINING');
  admission.admitRequest('203.0.113.7');
});
