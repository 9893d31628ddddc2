import { describe, expect, test } from 'vitest';
import { limited, openTrunks, outbound } from './testing/open-trunks.ts';

describe('a route', () => {
  test('has the number as the trunk wants it, and shows the number of who calls', () => {
    const { all } = openTrunks(
      "  - { name: p, outbound: { targets: ['sip:one.example;transport=tcp'], user: u, password: s, domain: d.example, callerId: +4930999, headers: { X-Plan: gold } }, numbers: { outgoing: national, prefix: 7 } }",
    );
    const [route] = all.choose({ number: '+43123456', identity: 'ann' }).routes;
    expect(route).toMatchObject({
      trunk: 'p',
      number: '+43123456',
      uri: 'sip:70043123456@one.example;transport=tcp',
      proxy: 'sip:one.example;transport=tcp',
      headers: {
        'X-Plan': 'gold',
        From: '"Ann" <sip:030111333@d.example>',
        'P-Asserted-Identity': '"Ann" <sip:030111333@d.example>',
      },
      credentials: { user: 'u', password: 's' },
    });
    expect(all.choose({ number: '+43123456', identity: 'ben' }).routes[0]?.headers['From']).toBe(
      '"ben" <sip:030999@d.example>',
    );
    // A service is dialled as it is.
    expect(all.choose({ number: '112' }).routes[0]?.uri).toBe('sip:112@one.example;transport=tcp');
  });
});

test('each decision is explained', () => {
  const { all } = openTrunks(
    `  - { name: in, inbound: { addresses: 10.0.0.1 } }\n${limited('deny: [+49]')}\n  - { name: q, outbound: { targets: 'sip:three.example' } }`,
  );
  const { steps } = all.choose({ number: '+4930123456', trunks: ['in', 'p', 'q', 'nobody'] });
  expect(steps.map(({ what, outcome, because }) => `${what} ${outcome}: ${because}`)).toEqual([
    'trunk in passed: no calls go out by it',
    'trunk p refused: numbers that begin with +49 are denied',
    'trunk q matched: its limits let it',
    'target sip:three.example matched: it is tried',
    'trunk nobody passed: the plan has no such trunk',
  ]);
});

test('calls are counted by their way and by why they came to nothing', () => {
  const { all, begin } = openTrunks(limited('calls: 2', ', inbound: { addresses: 10.0.0.1 }'));
  const incoming = all.beginIncoming('p');
  incoming?.answered();
  for (const status of [0, 503, 403, 404, 486, 480, 603, 488]) begin()?.failed(status);
  begin()?.answered();
  expect([all.beginIncoming('p'), begin()]).toEqual([undefined, undefined]);
  const failed = {
    unreachable: 1,
    overloaded: 1,
    refused: 1,
    'unknown-number': 1,
    busy: 1,
    'no-answer': 1,
    declined: 1,
  };
  expect(all.states[0]?.counts).toEqual({
    incoming: 1,
    outgoing: 9,
    answered: 2,
    failed: { ...failed, limit: 2, other: 1 },
  });
});

test('another plan leaves calls and what was counted as they are', () => {
  const { clock, all, begin, use, cuts, why } = openTrunks(limited('calls: 1, minutesPerDay: 100'));
  begin()?.answered();
  use(limited('calls: 5, minutesPerDay: 3'));
  expect([all.states[0], why()]).toMatchObject([{ calls: 1, minutes: 1 }, undefined]);
  clock.advance(180_000);
  expect(cuts).toEqual(['the minutes of the day are used up']);
  use(`  - { name: other, ${outbound} }`);
  expect(all.states.map(({ name }) => name)).toEqual(['other']);
});
