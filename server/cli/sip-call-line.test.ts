import { expect, test } from 'vitest';
import { toCallLine } from './sip-call-line.ts';

const call = {
  callId: '3848276298220188511@a.long.name.example.org',
  messages: 5,
  beganAtMs: 0,
  first: 'INVITE sip:+4930123456789@203.0.113.7 SIP/2.0',
  outcome: '503 Service Unavailable',
  remotes: ['203.0.113.9:5060', '198.51.100.4:5060'],
};
const words = (text: string) => text.trim().split(/\s+/);

test('a call of the list is one line in a file, and fits a terminal with its Call-ID whole', () => {
  const wide = toCallLine(call, {});
  expect(wide).toMatch(/^1970-01-01T00:00:00\.000Z {2}\S+ {2}5 messages {2}.* → 503 Service Unavailable\n$/);
  const narrow = toCallLine(call, { columns: 80 });
  const lines = narrow.trimEnd().split('\n');
  expect(lines[0]).toBe(`1970-01-01T00:00:00.000Z  ${call.callId}`);
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
  for (const line of lines.slice(1)) expect(line).toMatch(/^ {4}/);
  expect(words(narrow)).toEqual(words(wide));
});

test('a call of the list says nothing that a terminal would obey', () => {
  const line = toCallLine({ callId: 'a\u001b[2J', messages: 1, first: 'INVITE sip:\nx SIP/2.0', remotes: [] }, {});
  expect(line).toBe('  a·[2J  1 message    INVITE sip:·x\n');
});
