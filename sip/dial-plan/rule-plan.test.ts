import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SipHeaders } from '../agent/messages/sip-headers.ts';
import type { CallerKind, DialRequest } from './decision.ts';
import { readPlan } from './file/read-plan.ts';
import { RulePlan } from './rule-plan.ts';

const example = readFileSync(new URL('../../docs/examples/dial-plan.yaml', import.meta.url), 'utf8');
const ann: CallerKind = { kind: 'user', identity: 'ann' };
const provider: CallerKind = { kind: 'trunk', trunk: 'provider' };

function ask(called: string, from: CallerKind, more: Partial<DialRequest> = {}, text = example) {
  return new RulePlan(readPlan(text, 'dial-plan.yaml')).decide({
    from,
    called,
    caller: '+491701234567',
    callerName: '',
    headers: SipHeaders.of([]),
    source: { address: '198.51.100.7', port: 5060, protocol: 'udp' },
    ...more,
  });
}

describe('the plan of the example', () => {
  test('leads a number to its room, however it is written', () => {
    for (const called of ['800', '+4930123456800', '0049 30 123456800', '030/123456-800', '+4930123456800;npdi']) {
      const { to, rule } = ask(called, ann);
      expect([rule, to]).toMatchObject(['all hands', { kind: 'room', room: 'all-hands', entrance: { muted: true } }]);
    }
  });

  test('makes the name of a room out of the number', () => {
    expect(ask('8123', ann).to).toMatchObject({ kind: 'room', room: 'conf-8123' });
    expect(ask('8123', provider).to).toMatchObject({ kind: 'reject', status: 404 });
  });

  test('asks callers from outside for a PIN, and keeps what they say of themselves', () => {
    const headers = SipHeaders.of([['X-Customer', 'acme']]);
    const { to, caller } = ask('030123456999', provider, { headers, callerName: 'Cy', caller: '01701234567' });
    expect(to).toMatchObject({
      kind: 'pin',
      early: false,
      rooms: [{ pin: '483920', room: 'board' }, { room: 'team' }],
    });
    expect(caller).toEqual({
      identity: 'phone:+491701234567',
      name: 'Cy',
      number: '+491701234567',
      attributes: { 'sip.x-customer': 'acme', line: 'public' },
    });
  });

  test('rings users by their numbers, and by their names when users call', () => {
    expect(ask('101', provider).to).toEqual({ kind: 'user', identity: 'ben', ringSeconds: 45 });
    expect(ask('ben', ann).to).toMatchObject({ kind: 'user', identity: 'ben' });
    expect(ask('ben', provider).to).toMatchObject({ kind: 'reject', status: 404 });
  });

  test('dials out for users alone', () => {
    expect(ask('089 1234567', ann).to).toEqual({ kind: 'number', number: '+49891234567', trunks: ['provider'] });
    expect(ask('089 1234567', provider).to).toMatchObject({ kind: 'reject', status: 404 });
  });

  test('says who a user is by the plan, whatever the phone says', () => {
    const { caller } = ask('101', ann, { caller: '+1900', callerName: 'the president' });
    expect(caller).toMatchObject({ identity: 'ann', name: 'Ann Example', number: '100' });
  });

  test('refuses by a header field', () => {
    const headers = SipHeaders.of([['Privacy', 'id;critical']]);
    expect(ask('101', provider, { headers }).to).toMatchObject({ status: 433, reason: 'Anonymity Disallowed' });
  });

  test('explains each step', () => {
    expect(ask('0891234567', ann).steps.map(({ what, outcome, because }) => `${what} ${outcome}: ${because}`)).toEqual([
      'number noted: 0891234567 is +49891234567 by the numbers of the plan',
      'rule all hands passed: +49891234567 is not one of its numbers',
      'rule conferences passed: +49891234567 is not one of its numbers',
      'rule conferences from outside passed: it is for trunk provider',
      'rule door bell passed: it is for trunk door',
      'rule nobody hidden passed: it is for trunk provider',
      'rule outside line matched: +49891234567 begins with +: dials +49891234567 by provider',
    ]);
  });
});

test('guests are refused unless the plan lets them in', () => {
  const rules = 'rules: [{ name: open, room: lobby }]';
  expect(ask('1', { kind: 'guest' }, {}, rules).to).toMatchObject({ kind: 'reject', status: 403 });
  expect(ask('1', { kind: 'guest' }, {}, `guests: true\n${rules}`).to).toMatchObject({ kind: 'room', room: 'lobby' });
});

test('a rule that dials out takes no stranger, even one without conditions', () => {
  const rules = 'guests: true\nrules: [{ name: out, number: "{called}" }]';
  expect(ask('+4930123456', { kind: 'guest' }, {}, rules).to).toMatchObject({ kind: 'reject', status: 404 });
});

test('two callers without a number are two people', () => {
  const rules = 'guests: true\nrules: [{ name: open, room: lobby }]';
  const one = ask('1', { kind: 'guest' }, { caller: '' }, rules).caller;
  expect(one).toMatchObject({ name: 'Unknown', number: '' });
  expect(one.identity).not.toBe(ask('1', { kind: 'guest' }, { caller: '' }, rules).caller.identity);
});

test.each(['../../etc', 'a b', '😀', 'x'.repeat(200), ''])('what the other side sends makes no room of %j', (value) => {
  const rules = 'guests: true\nrules: [{ name: open, room: "{header.X-Room}" }]';
  const headers = SipHeaders.of([['X-Room', value]]);
  expect(ask('1', { kind: 'guest' }, { headers }, rules).to).toMatchObject({ kind: 'reject', status: 404 });
});
