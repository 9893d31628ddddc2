import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { SipHeaders } from '../agent/messages/sip-headers.ts';
import { readPlan } from '../dial-plan/file/read-plan.ts';
import { SipFailure } from '../drachtio/sip-failure.ts';
import { Trunks } from './trunks.ts';

const users =
  'users: [{ identity: ann, name: Ann, password: x, numbers: [100, +4930111222], callerId: +4930111333 }, { identity: ben, password: x }]';

function open(trunks: string, more = '') {
  const clock = new FakeClock();
  const read = (text: string) => readPlan(`${more}\nnumbers: { country: 49 }\n${users}\ntrunks:\n${text}`, 'plan.yaml');
  const all = new Trunks({
    clock,
    plan: read(trunks),
    node: 'a',
    onListenerError: (error) => {
      throw error;
    },
  });
  const news: string[] = [];
  all.events.on('closed', ({ trunk, because }) => news.push(`closed ${trunk}: ${because}`));
  all.events.on('opened', ({ trunk }) => news.push(`opened ${trunk}`));
  const ways = (number = '+4930123456', options = {}) =>
    all.choose({ number, ...options }).routes.map(({ proxy }) => proxy);
  const why = (number = '+4930123456') => {
    const { refusal } = all.choose({ number });
    return refusal && `${refusal.status} ${refusal.reason}`;
  };
  const cuts: string[] = [];
  const begin = (number = '+4930123456') => {
    const [route] = all.choose({ number }).routes;
    return route && all.begin(route, (reason) => cuts.push(reason));
  };
  return { clock, all, news, ways, why, begin, cuts, use: (text: string) => all.use(read(text)) };
}

const outbound = "outbound: { targets: ['sip:one.example', 'sip:two.example;transport=tcp'], probeSeconds: 0 }";
const limited = (limits: string, more = '') => `  - { name: p, ${outbound}, limits: { ${limits} }${more} }`;

describe('a route', () => {
  test('has the number as the trunk wants it, and shows the number of who calls', () => {
    const { all } = open(
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

describe('failover', () => {
  test('goes through targets and trunks in their order, and through the dead ones last', () => {
    const { clock, all, ways, begin } = open(
      `  - { name: p, ${outbound} }\n  - { name: q, outbound: { targets: 'sip:three.example' } }`,
    );
    expect(ways()).toEqual(['sip:one.example', 'sip:two.example;transport=tcp', 'sip:three.example']);
    begin()?.failed(408);
    expect(ways()).toEqual(['sip:two.example;transport=tcp', 'sip:three.example', 'sip:one.example']);
    expect(ways('+4930123456', { trunks: ['q', 'p'] })).toEqual([
      'sip:three.example',
      'sip:two.example;transport=tcp',
      'sip:one.example',
    ]);
    expect(all.states[0]?.targets).toEqual([
      { uri: 'sip:one.example', dead: true, because: 'it does not answer' },
      { uri: 'sip:two.example;transport=tcp', dead: false, because: '' },
    ]);
    clock.advance(120_000);
    expect(ways()[0]).toBe('sip:one.example');
  });

  test.each([486, 404, 603])('%i is an answer: the target lives', (status) => {
    const { ways, begin } = open(`  - { name: p, ${outbound} }`);
    begin()?.failed(status);
    expect(ways()[0]).toBe('sip:one.example');
  });

  test('probes find the dead, and bring them back', async () => {
    const { clock, all, ways } = open(
      "  - { name: p, outbound: { targets: ['sip:one.example', 'sip:two.example'], probeSeconds: 30 } }",
    );
    const asked: string[] = [];
    let answers: 'yes' | 'silent' | 503 | 404 | 'away' = 'silent';
    const request = async ({ uri }: { uri: string }): Promise<never> => {
      asked.push(uri);
      if (uri === 'sip:two.example') throw refused(404);
      if (answers === 'silent') return new Promise<never>(() => {});
      if (answers === 'away') throw new SipFailure('DISCONNECTED', 'away');
      if (typeof answers === 'number') throw refused(answers);
      return {} as never;
    };
    const refused = (status: number) =>
      new SipFailure('REFUSED', String(status), { status, headers: SipHeaders.of([]) });
    all.start({ request, register: () => Promise.resolve(60) });
    const later = async (ms: number) => {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
      return ways();
    };
    expect(asked).toEqual(['sip:one.example', 'sip:two.example']);
    expect(await later(4_999)).toEqual(['sip:one.example', 'sip:two.example']);
    expect(await later(1)).toEqual(['sip:two.example', 'sip:one.example']);
    answers = 'away';
    expect(await later(25_000)).toEqual(['sip:two.example', 'sip:one.example']);
    answers = 404;
    expect(await later(30_000)).toEqual(['sip:one.example', 'sip:two.example']);
    answers = 503;
    expect(await later(30_000)).toEqual(['sip:two.example', 'sip:one.example']);
    answers = 'yes';
    expect(await later(30_000)).toEqual(['sip:one.example', 'sip:two.example']);
    await all.close();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('limits', () => {
  test('of numbers: what is denied goes before what is allowed', () => {
    const { why, ways } = open(limited('allow: [+49, +43], deny: [+49900]'));
    expect(ways('+43123456')).toHaveLength(2);
    expect(why('+4990012345')).toBe('403 numbers that begin with +49900 are denied');
    expect(why('+12125551234')).toBe('403 +12125551234 begins with none of the prefixes that are allowed');
    expect(ways('112')).toHaveLength(2);
  });

  test('of calls at once, both ways together', () => {
    const { all, begin, why } = open(limited('calls: 2', ', inbound: { addresses: 10.0.0.1 }'));
    const incoming = all.beginIncoming('p');
    const call = begin();
    expect([incoming, call].every(Boolean)).toBe(true);
    expect(why()).toBe('503 2 calls of 2 are there');
    expect(all.beginIncoming('p')).toBeUndefined();
    incoming?.ended();
    incoming?.ended();
    expect(begin()).toBeDefined();
    expect(begin()).toBeUndefined();
  });

  test('of calls a second', () => {
    const { clock, begin, why } = open(limited('callsPerSecond: 2'));
    expect([begin(), begin(), begin()].filter(Boolean)).toHaveLength(2);
    expect(why()).toBe('503 more than 2 calls a second would begin');
    clock.advance(500);
    expect(begin()).toBeDefined();
  });

  test('between the choice and the beginning are looked at again', () => {
    const { all } = open(limited('calls: 1'));
    const [route] = all.choose({ number: '+4930123456' }).routes;
    expect(all.begin(route!, () => {})).toBeDefined();
    expect(all.begin(route!, () => {})).toBeUndefined();
  });

  test('of minutes: a call is cut when they are used up, and the next day there are new ones', () => {
    const { clock, begin, cuts, why, all } = open(limited('minutesPerDay: 3'));
    const [one, other] = [begin(), begin()];
    one?.answered();
    other?.answered();
    expect(all.states[0]).toMatchObject({ minutes: 2 });
    clock.advance(60_000);
    expect(cuts).toEqual(['the minutes of the day are used up']);
    expect(why()).toBe('503 the 3 minutes of the day are used up');
    clock.advance(60_000);
    expect(cuts).toHaveLength(2);
    one?.ended();
    other?.ended();
    clock.advance(86_400_000);
    expect(why()).toBeUndefined();
    expect([all.states[0]?.minutes, clock.pendingTimers]).toEqual([0, 0]);
  });

  test('of money: by the longest prefix that has a price, before it is spent', () => {
    const { clock, begin, cuts, why, all } = open(limited('spendPerDay: 0.25', ', prices: { +49: 0.01, +4915: 0.1 }'));
    expect(why('+12125551234')).toBe('403 +12125551234 has no price, and spend is limited');
    const call = begin('+4915123456');
    call?.answered();
    clock.advance(60_000);
    expect(all.states[0]).toMatchObject({ minutes: 2, micros: 200_000 });
    expect(why('+4915123456')).toBe('503 the day’s 0.25 would be exceeded: 0.20 are spent');
    expect(why('+4930123456')).toBeUndefined();
    clock.advance(60_000);
    expect(cuts).toEqual(['the day’s money is used up']);
  });

  test('do not hold for emergency numbers', () => {
    const { begin, ways } = open(limited('calls: 1, allow: [+43], minutesPerDay: 1'));
    begin('+43123456')?.answered();
    expect(ways('+43123456')).toEqual([]);
    expect(begin('112')).toBeDefined();
  });

  test('of calls at once and a second are used up by emergency calls too', () => {
    const { begin, why, clock } = open(limited('calls: 3, callsPerSecond: 2'));
    const calls = [begin('112'), begin('112'), begin('112')];
    expect(calls.every((call) => call !== undefined)).toBe(true);
    expect(why()).toBe('503 3 calls of 3 are there');
    for (const call of calls) call?.ended();
    expect(why()).toBe('503 more than 2 calls a second would begin');
    clock.advance(1_000);
    expect(why()).toBeUndefined();
  });
});

describe('fraud', () => {
  const fraud = ', fraud: { calls: 3, withinMinutes: 10 }';

  test('closes the trunk until an operator opens it, and ends the calls that cost', () => {
    const { clock, all, begin, cuts, news, why, ways } = open(limited('', fraud));
    for (const call of [begin('+882123456'), begin('+882123457'), begin('+882123458')]) call?.answered();
    begin('+4930123456')?.answered();
    expect(news).toEqual([]);
    expect(ways('+4930123456')).toHaveLength(2);
    expect(why('+882123459')).toContain('it looks like fraud');
    const because = '3 calls to expensive numbers, for 0.00, began within 10 minutes: it looks like fraud';
    expect([news, cuts]).toEqual([[`closed p: ${because}`], [because, because, because]]);
    expect(why('+4930123456')).toBe(`503 it is closed: ${because}`);
    clock.advance(3 * 86_400_000);
    expect(why('+4930123456')).toContain('it is closed');
    expect([all.open('p'), all.open('q')]).toEqual([true, false]);
    expect([why('+882123456'), news.at(-1)]).toEqual([undefined, 'opened p']);
  });

  test('a closed trunk opens by itself on the next day where the plan says so', () => {
    const { clock, all, begin, why } = open(
      limited('', ', fraud: { calls: 1, opens: next-day }'),
      'timeZone: Europe/Berlin',
    );
    begin('+882123456');
    // Of two that were let at once, the one that begins later closes it as well.
    expect(
      all.begin({ ...all.choose({ number: '+4930123456' }).routes[0]!, number: '+882123456' }, () => {}),
    ).toBeUndefined();
    expect(why()).toContain('it is closed');
    // It is 23:13 in Berlin.
    clock.advance(46 * 60_000);
    expect(why()).toContain('it is closed');
    clock.advance(60_000);
    expect(why()).toBeUndefined();
  });

  test('is a burst: the same calls spread over an hour are none', () => {
    const { clock, begin, news } = open(limited('', fraud));
    for (let count = 0; count < 12; count += 1) {
      expect(begin('+882123456')).toBeDefined();
      clock.advance(5 * 60_000);
    }
    expect(news).toEqual([]);
  });

  test('by price and money, also of calls that last', () => {
    const { clock, begin, cuts, news } = open(
      limited('', ', prices: { +1: 2 }, fraud: { pricePerMinute: 1, spend: 5, calls: 100 }'),
    );
    begin('+12125551234')?.answered();
    clock.advance(60_000);
    expect(news).toEqual([]);
    clock.advance(60_000);
    expect([news.length, cuts.length]).toEqual([1, 1]);
  });

  test('calls that reached nobody leave no room for others later', () => {
    const { begin, clock, all } = open(limited('', ', fraud: { calls: 2, pricePerMinute: 0 }'));
    clock.advance(59_000 - (clock.nowMs() % 60_000));
    const calls = [begin('+882123456'), begin('+882123456')];
    clock.advance(2_000);
    for (const call of calls) call?.failed(503);
    // The minute in which they began is over, and not that in which they came to nothing.
    clock.advance(10 * 60_000 - 61_000);
    expect([begin('+882123456'), begin('+882123456')].every((call) => call !== undefined)).toBe(true);
    const [route] = all.choose({ number: '+4930123456' }).routes;
    expect(all.begin({ ...route!, number: '+882123456' }, () => {})).toBeUndefined();
  });

  test('a target that does not answer is not another call', () => {
    const { all, news } = open(limited('', fraud));
    for (let count = 0; count < 10; count += 1) {
      const { routes } = all.choose({ number: '+882123456' });
      for (const route of routes) all.begin(route, () => {})?.failed(408);
    }
    expect(news).toEqual([]);
  });
});

test('calls are counted by their way and by why they came to nothing', () => {
  const { all, begin } = open(limited('calls: 2', ', inbound: { addresses: 10.0.0.1 }'));
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
  const { clock, all, begin, use, cuts, why } = open(limited('calls: 1, minutesPerDay: 100'));
  begin()?.answered();
  use(limited('calls: 5, minutesPerDay: 3'));
  expect([all.states[0], why()]).toMatchObject([{ calls: 1, minutes: 1 }, undefined]);
  clock.advance(180_000);
  expect(cuts).toEqual(['the minutes of the day are used up']);
  use(`  - { name: other, ${outbound} }`);
  expect(all.states.map(({ name }) => name)).toEqual(['other']);
});

test('what was counted is known after a restart', () => {
  const { all } = open(limited('minutesPerDay: 3'));
  const state = { day: '2023-11-14', minutes: 3, micros: 0, closed: undefined };
  all.restore(
    new Map([
      ['p', state],
      ['gone', state],
    ]),
  );
  expect(all.choose({ number: '+4930123456' }).refusal?.reason).toBe('the 3 minutes of the day are used up');
});

test('each decision is explained', () => {
  const { all } = open(
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
