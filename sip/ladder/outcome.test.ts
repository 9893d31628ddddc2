import { expect, test } from 'vitest';
import type { KeptMessage } from './ladders.ts';
import { outcomeOf } from './outcome.ts';

const kept = (direction: 'in' | 'out', start: string, cseq: string): KeptMessage => ({
  atMs: 0,
  direction,
  protocol: 'UDP',
  local: '192.0.2.1:5060',
  remote: '203.0.113.9:5060',
  again: false,
  text: `${start}\r\nCall-ID: one\r\nCSeq: ${cseq}\r\n\r\n`,
});
const asked = (cseq: string) => kept('in', `${cseq.split(' ')[1]} sip:100@example.org SIP/2.0`, cseq);
const answered = (status: string, cseq: string) => kept('out', `SIP/2.0 ${status}`, cseq);

test('a call that was asked for its password came to what was said to the password', () => {
  const call = [asked('1 INVITE'), answered('401 Unauthorized', '1 INVITE')];
  expect(outcomeOf(call)).toBe('401 Unauthorized');
  call.push(asked('1 ACK'), asked('2 INVITE'), answered('100 Trying', '2 INVITE'));
  expect(outcomeOf(call)).toBe('401 Unauthorized');
  call.push(answered('200 OK', '2 INVITE'), asked('3 INVITE'), answered('488 Not Acceptable Here', '3 INVITE'));
  expect(outcomeOf(call)).toBe('200 OK');
});

test('a registration for too short a time came to what was said to a longer one', () => {
  const messages = ['401 Unauthorized', '423 Interval Too Brief', '200 OK'].flatMap((status, at) => [
    asked(`${7 + at} REGISTER`),
    answered(status, `${7 + at} REGISTER`),
  ]);
  expect(outcomeOf(messages.slice(0, 4))).toBe('423 Interval Too Brief');
  expect(outcomeOf(messages)).toBe('200 OK');
});

test('what is answered to another request, or by the side that asked, is no outcome', () => {
  expect(outcomeOf([])).toBe('');
  expect(outcomeOf([kept('in', 'garbage', 'x')])).toBe('');
  expect(outcomeOf([asked('1 INVITE'), answered('180 Ringing', '1 INVITE'), answered('200 OK', '1 CANCEL')])).toBe('');
  expect(outcomeOf([asked('1 INVITE'), kept('in', 'SIP/2.0 200 OK', '1 INVITE')])).toBe('');
});
