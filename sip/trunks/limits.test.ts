import { describe, expect, test } from 'vitest';
import { limited, openTrunks } from './testing/open-trunks.ts';

describe('limits', () => {
  test('of numbers: what is denied goes before what is allowed', () => {
    const { why, ways } = openTrunks(limited('allow: [+49, +43], deny: [+49900]'));
    expect(ways('+43123456')).toHaveLength(2);
    expect(why('+4990012345')).toBe('403 numbers that begin with +49900 are denied');
    expect(why('+12125551234')).toBe('403 +12125551234 begins with none of the prefixes that are allowed');
    expect(ways('112')).toHaveLength(2);
  });

  test('of calls at once, both ways together', () => {
    const { all, begin, why } = openTrunks(limited('calls: 2', ', inbound: { addresses: 10.0.0.1 }'));
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
    const { clock, begin, why } = openTrunks(limited('callsPerSecond: 2'));
    expect([begin(), begin(), begin()].filter(Boolean)).toHaveLength(2);
    expect(why()).toBe('503 more than 2 calls a second would begin');
    clock.advance(500);
    expect(begin()).toBeDefined();
  });

  test('between the choice and the beginning are looked at again', () => {
    const { all } = openTrunks(limited('calls: 1'));
    const [route] = all.choose({ number: '+4930123456' }).routes;
    expect(all.begin(route!, () => {})).toBeDefined();
    expect(all.begin(route!, () => {})).toBeUndefined();
  });

  test('of minutes: a call is cut when they are used up, and the next day there are new ones', () => {
    const { clock, begin, cuts, why, all } = openTrunks(limited('minutesPerDay: 3'));
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
    const { clock, begin, cuts, why, all } = openTrunks(
      limited('spendPerDay: 0.25', ', prices: { +49: 0.01, +4915: 0.1 }'),
    );
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
    const { begin, ways } = openTrunks(limited('calls: 1, allow: [+43], minutesPerDay: 1'));
    begin('+43123456')?.answered();
    expect(ways('+43123456')).toEqual([]);
    expect(begin('112')).toBeDefined();
  });

  test('of calls at once and a second are used up by emergency calls too', () => {
    const { begin, why, clock } = openTrunks(limited('calls: 3, callsPerSecond: 2'));
    const calls = [begin('112'), begin('112'), begin('112')];
    expect(calls.every((call) => call !== undefined)).toBe(true);
    expect(why()).toBe('503 3 calls of 3 are there');
    for (const call of calls) call?.ended();
    expect(why()).toBe('503 more than 2 calls a second would begin');
    clock.advance(1_000);
    expect(why()).toBeUndefined();
  });
});
