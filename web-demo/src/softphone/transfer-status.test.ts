import { expect, test } from 'vitest';
import { finalStatusOf } from './transfer-status.ts';

test('a transfer is over with a final status, whatever it is', () => {
  expect(finalStatusOf('SIP/2.0 200 OK\r\n')).toBe(200);
  expect(finalStatusOf('SIP/2.0 603 Decline')).toBe(603);
});

test('a transfer that rings goes on, and what cannot be read says nothing', () => {
  for (const body of ['SIP/2.0 100 Trying', 'SIP/2.0 180 Ringing\r\n', '', 'garbage', 'SIP/2.0 20', 'SIP/2.0 2000 x']) {
    expect(finalStatusOf(body)).toBeUndefined();
  }
});
