import { expect, test } from 'vitest';
import { CallCounter } from '../../sip/trunks/call-counts.ts';
import { toTrunkText } from './trunk-text.ts';

const { counts } = new CallCounter();
const idle = {
  name: 'provider',
  day: '2026-11-30',
  calls: 0,
  counts,
  minutes: 0,
  micros: 0,
  closed: undefined,
  targets: [],
};
const textOf = (state: Partial<Parameters<typeof toTrunkText>[0]>) =>
  toTrunkText({ ...idle, registration: undefined, ...state }, { write: () => true })
    .split('\n')
    .slice(0, -1);

test('a trunk is told with what it carried, and with each thing that keeps calls from it', () => {
  expect(textOf({})).toEqual(['provider   0 calls now; today 0 minutes for 0.00']);
  const targets = [
    { uri: 'sip:one.example', dead: true, because: 'cannot be reached: one.example has no address' },
    { uri: 'sip:two.example', dead: false, because: '' },
  ];
  const closed = { atMs: 0, day: '1970-01-01', because: 'it looks like fraud' };
  expect(textOf({ calls: 1, minutes: 1, micros: 1_250_000, targets, closed })).toEqual([
    'provider   1 call now; today 1 minute for 1.25',
    '  ✗ closed since 1970-01-01T00:00:00.000Z: it looks like fraud',
    '  ✗ sip:one.example: cannot be reached: one.example has no address',
    '  ✓ sip:two.example',
  ]);
});

test.each([
  ['waiting', '', '  ✗ not registered yet'],
  ['registered', '', '  ✓ registered, again at 1970-01-01T00:00:00.000Z'],
  ['failed', '401 Unauthorized', '  ✗ not registered: 401 Unauthorized; tried again at 1970-01-01T00:00:00.000Z'],
  ['failed', '\u001b[2J', '  ✗ not registered: ·[2J; tried again at 1970-01-01T00:00:00.000Z'],
] as const)('a registration that is %s because of %j is told as such', (kind, because, line) => {
  expect(textOf({ registration: { kind, because, nextMs: 0 } }).at(-1)).toBe(line);
});
