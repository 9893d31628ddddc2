import { expect, test } from 'vitest';
import { readInfoDigit } from './info-digit.ts';

const relay = 'application/dtmf-relay';

test.each([
  [relay, 'Signal=5\r\nDuration=160\r\n', '5', 160],
  [relay, 'Signal= *\nDuration= 250', '*', 250],
  ['Application/DTMF-Relay; charset=utf-8', 'duration=100\r\nsignal=b\r\n', 'B', 100],
  [relay, 'Signal=11\r\n', '#', 160],
  [relay, 'Signal=1\r\nDuration=0\r\n', '1', 40],
  [relay, 'Signal=1\r\nDuration=999999\r\n', '1', 10_000],
  [relay, 'Signal=1\r\nDuration=-7\r\n', '1', 160],
  ['application/dtmf', '7', '7', 160],
  ['application/dtmf', ' # \r\n', '#', 160],
  ['application/dtmf', 'Signal=9', '9', 160],
])('%s %j is %s for %i ms', (type, body, digit, durationMs) => {
  expect(readInfoDigit(type, body)).toEqual({ digit, durationMs });
});

test.each([
  [relay, ''],
  [relay, 'Signal=16\r\n'],
  [relay, 'Signal=12345'],
  [relay, 'Signal=\r\n5'],
  ['application/dtmf', ''],
  ['application/dtmf', '12'],
  ['application/dtmf', '\0'],
  ['application/dtmf', '5'.padStart(1_000, ' ')],
  ['text/plain', '5'],
  [undefined, '5'],
])('%s %j is no digit', (type, body) => {
  expect(readInfoDigit(type, body)).toBeUndefined();
});
