import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../core/fake-clock.ts';
import { noBody, type SipRequest } from '../messages/message.ts';
import { SipHeaders } from '../messages/sip-headers.ts';
import type { Load } from '../user-agent/guard.ts';
import { Defence } from './defence.ts';
import { type DefenceOptions, defenceOptions, floodFactor } from './defence-options.ts';
import { Sources } from './sources.ts';

const idle: Load = { calls: 0, dialogs: 0, transactions: 0 };
const stranger = { address: '203.0.113.7', port: 5060 };

function createDefence(options: Partial<DefenceOptions> = {}) {
  const clock = new FakeClock();
  return { clock, defence: new Defence({ ...defenceOptions, ...options }, clock) };
}

function request(method = 'INVITE', product?: string): SipRequest {
  const headers = SipHeaders.of([['Call-ID', 'one']]);
  if (product !== undefined) headers.add('User-Agent', product);
  return { kind: 'request', method, uri: 'sip:bob@example.org', headers, body: noBody };
}

const from = (address: string) => ({ address, port: 5060 });

describe('the lists of networks', () => {
  test('a network that is denied is heard by nobody, allowed or not, of IPv4 and IPv6', () => {
    const { defence } = createDefence({
      allow: ['203.0.113.0/24', '2001:db8::/32'],
      deny: ['203.0.113.7', '2001:db8:1::/48'],
    });
    expect(defence.admits(from('203.0.113.7'))).toBe(false);
    expect(defence.admits(from('203.0.113.8'))).toBe(true);
    expect(defence.admits(from('2001:db8:1::5'))).toBe(false);
    expect(defence.admits(from('2001:db8:2::5'))).toBe(true);
    expect(defence.stats.stopped.deny).toBe(2);
  });

  test('with a list of who is allowed all others are not, but for those who are trusted', () => {
    const { defence } = createDefence({ allow: ['10.0.0.0/8'], trusted: ['192.0.2.1'] });
    expect(defence.admits(from('10.9.8.7'))).toBe(true);
    expect(defence.admits(from('192.0.2.1'))).toBe(true);
    expect(defence.admits(from('192.0.2.2'))).toBe(false);
    expect(defence.admits(from('2001:db8::1'))).toBe(false);
    expect(defence.stats.stopped.allow).toBe(2);
  });

  test('what is no network is named when the defence is made', () => {
    expect(() => createDefence({ deny: ['10.0.0.0/33'] })).toThrow('10.0.0.0/33');
  });
});

describe('the rate of a source', () => {
  const rate = { perSecond: 10, burst: 3 };

  test('gets 503 with Retry-After beyond its burst, and is served again a little later', () => {
    const { defence, clock } = createDefence({ rate });
    const ask = () => defence.judge(request(), stranger, false, idle);
    expect([ask(), ask(), ask()]).toEqual([undefined, undefined, undefined]);
    expect(ask()).toEqual({ status: 503, headers: [['Retry-After', '1']] });
    clock.advance(100);
    expect(ask()).toBeUndefined();
    expect(defence.stats.stopped.rate).toBe(1);
  });

  test('is of one source: another one is served meanwhile; a /64 of IPv6 is one', () => {
    const { defence } = createDefence({ rate: { perSecond: 1, burst: 1 } });
    expect(defence.judge(request(), from('2001:db8::1'), false, idle)).toBeUndefined();
    expect(defence.judge(request(), from('2001:db8::2'), false, idle)).toBeDefined();
    expect(defence.judge(request(), from('2001:db8:0:1::1'), false, idle)).toBeUndefined();
  });

  test('does not hold up the ACK and the BYE of a call that was taken', () => {
    const { defence } = createDefence({ rate: { perSecond: 1, burst: 1 } });
    expect(defence.judge(request(), stranger, false, idle)).toBeUndefined();
    expect(defence.judge(request('ACK'), stranger, true, idle)).toBeUndefined();
    expect(defence.judge(request('BYE'), stranger, true, idle)).toBeUndefined();
    expect(defence.judge(request('BYE'), stranger, false, idle)).toMatchObject({ status: 503 });
    expect(defence.judge(request('INFO'), stranger, true, idle)).toMatchObject({ status: 503 });
  });

  test('holds for none who is trusted', () => {
    const { defence } = createDefence({ rate: { perSecond: 1, burst: 1 }, trusted: ['203.0.113.0/24'] });
    for (let i = 0; i < 100; i += 1) {
      expect(defence.admits(stranger)).toBe(true);
      expect(defence.judge(request(), stranger, false, idle)).toBeUndefined();
    }
  });

  test('a flood is not even read', () => {
    const { defence, clock } = createDefence({ rate });
    for (let i = 0; i < rate.burst * floodFactor; i += 1) expect(defence.admits(stranger)).toBe(true);
    expect(defence.admits(stranger)).toBe(false);
    clock.advance(1_000);
    expect(defence.admits(stranger)).toBe(true);
  });

  test('over any time a source gets by at most burst + rate × time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }),
        (perSecond, burst, pauses) => {
          const { defence, clock } = createDefence({ rate: { perSecond, burst } });
          const begun = clock.nowMs();
          let served = 0;
          for (const pause of pauses) {
            clock.advance(pause);
            if (defence.judge(request('OPTIONS'), stranger, false, idle) === undefined) served += 1;
          }
          expect(served).toBeLessThanOrEqual(burst + ((clock.nowMs() - begun) * perSecond) / 1000 + 1e-6);
        },
      ),
      { seed: 11 },
    );
  });
});

describe('scanners', () => {
  test('get no answer, however they spell themselves', () => {
    const { defence } = createDefence();
    expect(defence.judge(request('OPTIONS', 'friendly-scanner'), stranger, false, idle)).toBe('drop');
    expect(defence.judge(request('REGISTER', 'SIPVicious 0.3'), stranger, false, idle)).toBe('drop');
    expect(defence.judge(request('INVITE', 'Zoiper rv2.10'), stranger, false, idle)).toBeUndefined();
    expect(defence.stats.stopped.scanner).toBe(2);
  });

  test('that go on are banned', () => {
    const { defence } = createDefence({ ban: { offences: 3, withinMs: 60_000, forMs: 600_000 } });
    for (let i = 0; i < 3; i += 1) defence.judge(request('OPTIONS', 'friendly-scanner'), stranger, false, idle);
    expect(defence.admits(stranger)).toBe(false);
  });
});

describe('bans', () => {
  const ban = { offences: 3, withinMs: 10_000, forMs: 60_000 };

  test('come after repeated offences, hold for their time on connections too, and end', () => {
    const { defence, clock } = createDefence({ ban });
    for (let i = 0; i < 2; i += 1) defence.offended(stranger);
    expect(defence.admits(stranger)).toBe(true);
    defence.offended(stranger, 'credentials');
    expect(defence.admits(stranger)).toBe(false);
    expect(defence.judge(request(), stranger, true, idle)).toBe('drop');
    expect(defence.admits(from('203.0.113.8'))).toBe(true);
    expect(defence.stats).toMatchObject({ bans: 1, bannedNow: 1, offences: { malformed: 2, credentials: 1 } });
    clock.advance(ban.forMs);
    expect(defence.admits(stranger)).toBe(true);
    expect(defence.stats).toMatchObject({ bans: 1, bannedNow: 0 });
  });

  test('offences that lie far apart are forgiven', () => {
    const { defence, clock } = createDefence({ ban });
    for (let i = 0; i < 10; i += 1) {
      defence.offended(stranger);
      clock.advance(ban.withinMs / 2 + 1_000);
    }
    expect(defence.admits(stranger)).toBe(true);
  });

  test('never hit who is trusted, nor anybody where they are off', () => {
    const trusting = createDefence({ ban, trusted: ['203.0.113.7'] }).defence;
    const without = createDefence({ ban: { ...ban, offences: 0 } }).defence;
    for (let i = 0; i < 100; i += 1) for (const defence of [trusting, without]) defence.offended(stranger);
    expect([trusting.admits(stranger), without.admits(stranger)]).toEqual([true, true]);
  });

  test('outlast a flood of other sources, and the table keeps its bound', () => {
    const { defence } = createDefence({ ban, sources: 100 });
    for (let i = 0; i < ban.offences; i += 1) defence.offended(stranger);
    for (let i = 0; i < 5_000; i += 1) defence.admits(from(`10.0.${i >> 8}.${i & 255}`));
    expect(defence.stats.sources).toBe(100);
    expect(defence.admits(stranger)).toBe(false);
  });

  test('of more sources than are remembered free the oldest ones', () => {
    const sources = new Sources({ rate: { perSecond: 1, burst: 1 }, sources: 10 });
    for (let i = 0; i < 1_000; i += 1) sources.ban(`10.0.${i >> 8}.${i & 255}`, 1_000, 0);
    expect(sources.size).toBeLessThanOrEqual(10);
    expect(sources.find('10.0.3.231')?.bannedUntil).toBe(1_000);
    expect(sources.find('10.0.0.0')).toBeUndefined();
  });
});

describe('the load', () => {
  const load = { calls: 2, callsPerSecond: 1_000, dialogs: 10, transactions: 20, retryAfterSeconds: 7 };
  const refused = { status: 503, headers: [['Retry-After', '7']] };

  test('with all calls taken a new one gets 503 with Retry-After, and what belongs to calls goes on', () => {
    const { defence } = createDefence({ load });
    const full = { calls: 2, dialogs: 2, transactions: 2 };
    expect(defence.judge(request('INVITE'), stranger, false, full)).toEqual(refused);
    expect(defence.judge(request('INVITE'), stranger, true, full)).toBeUndefined();
    expect(defence.judge(request('BYE'), stranger, true, full)).toBeUndefined();
    expect(defence.judge(request('OPTIONS'), stranger, false, full)).toBeUndefined();
    expect(defence.judge(request('INVITE'), stranger, false, { ...full, calls: 1 })).toBeUndefined();
    expect(defence.stats.stopped.calls).toBe(1);
  });

  test('with all transactions taken everything new gets it, ACK and CANCEL nothing of the kind', () => {
    const { defence } = createDefence({ load });
    const full = { calls: 0, dialogs: 0, transactions: 20 };
    expect(defence.judge(request('OPTIONS'), stranger, false, full)).toEqual(refused);
    expect(defence.judge(request('ACK'), stranger, false, full)).toBeUndefined();
    expect(defence.judge(request('CANCEL'), stranger, false, full)).toBeUndefined();
    expect(defence.stats.stopped.transactions).toBe(1);
  });

  test('with all dialogs taken no request that makes one is taken', () => {
    const { defence } = createDefence({ load });
    const full = { calls: 1, dialogs: 10, transactions: 0 };
    expect(defence.judge(request('SUBSCRIBE'), stranger, false, full)).toEqual(refused);
    expect(defence.judge(request('MESSAGE'), stranger, false, full)).toBeUndefined();
  });

  test('calls that come faster than they may get it until the second is over', () => {
    const { defence, clock } = createDefence({ load: { ...load, calls: 100, callsPerSecond: 2 } });
    const ask = () => defence.judge(request('INVITE'), stranger, false, idle);
    expect([ask(), ask()]).toEqual([undefined, undefined]);
    expect(ask()).toEqual(refused);
    expect(defence.judge(request('INVITE'), stranger, true, idle)).toBeUndefined();
    clock.advance(500);
    expect(ask()).toBeUndefined();
  });
});

describe('explain()', () => {
  test('says of each rule whether it stops the request and why, in their order, and changes nothing', () => {
    const { defence } = createDefence({ rate: { perSecond: 1, burst: 1 }, allow: ['203.0.113.0/24'] });
    const explain = () => defence.explain(request('INVITE', 'friendly-scanner 1.0'), stranger, false, idle);
    const findings = explain();
    expect(findings.map(({ rule }) => rule)).toEqual([
      'deny',
      'allow',
      'ban',
      'flood',
      'scanner',
      'rate',
      'transactions',
      'dialogs',
      'calls',
      'callsPerSecond',
    ]);
    expect(findings.filter(({ stops }) => stops)).toEqual([
      { rule: 'scanner', stops: true, answer: 'drop', because: 'its User-Agent begins with friendly-scanner' },
    ]);
    expect(findings[1]).toEqual({
      rule: 'allow',
      stops: false,
      answer: undefined,
      because: '203.0.113.7 is in 203.0.113.0/24',
    });
    expect(explain()).toEqual(findings);
    expect(defence.stats).toMatchObject({ stopped: { scanner: 0 }, offences: { scanner: 0 }, sources: 0 });
    expect(defence.judge(request(), stranger, false, idle)).toBeUndefined();
  });

  test('agrees with what happens, whatever the request and the state', () => {
    const addresses = fc.constantFrom('203.0.113.7', '10.0.0.1', '127.0.0.1', '2001:db8::1', '198.51.100.1');
    const steps = fc.array(
      fc.record({
        address: addresses,
        method: fc.constantFrom('INVITE', 'OPTIONS', 'BYE', 'ACK', 'SUBSCRIBE'),
        scanner: fc.boolean(),
        inDialog: fc.boolean(),
        offends: fc.boolean(),
        pauseMs: fc.integer({ min: 0, max: 2_000 }),
        calls: fc.integer({ min: 0, max: 3 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const { defence, clock } = createDefence({
          deny: ['10.0.0.0/8'],
          rate: { perSecond: 1, burst: 2 },
          ban: { offences: 3, withinMs: 10_000, forMs: 5_000 },
          load: { calls: 3, callsPerSecond: 1, dialogs: 50, transactions: 50, retryAfterSeconds: 5 },
        });
        for (const { address, method, scanner, inDialog, offends, pauseMs, calls } of all) {
          clock.advance(pauseMs);
          if (offends) defence.offended(from(address));
          const asked = request(method, scanner ? 'sipcli/v1' : 'phone');
          const load = { calls, dialogs: 0, transactions: 0 };
          const expected = defence.explain(asked, from(address), inDialog, load).find(({ stops }) => stops)?.answer;
          const judged = defence.admits(from(address)) ? defence.judge(asked, from(address), inDialog, load) : 'drop';
          expect(typeof judged === 'object' ? judged.status : judged).toBe(expected);
        }
      }),
      { seed: 5 },
    );
  });
});
