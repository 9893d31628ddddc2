import { describe, expect, test } from 'vitest';
import { limited, openTrunks } from './testing/open-trunks.ts';

describe('fraud', () => {
  const fraud = ', fraud: { calls: 3, withinMinutes: 10 }';

  test('closes the trunk until an operator opens it, and ends the calls that cost', () => {
    const { clock, all, begin, cuts, news, why, ways } = openTrunks(limited('', fraud));
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
    const { clock, all, begin, why } = openTrunks(
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
    const { clock, begin, news } = openTrunks(limited('', fraud));
    for (let count = 0; count < 12; count += 1) {
      expect(begin('+882123456')).toBeDefined();
      clock.advance(5 * 60_000);
    }
    expect(news).toEqual([]);
  });

  test('by price and money, also of calls that last', () => {
    const { clock, begin, cuts, news } = openTrunks(
      limited('', ', prices: { +1: 2 }, fraud: { pricePerMinute: 1, spend: 5, calls: 100 }'),
    );
    begin('+12125551234')?.answered();
    clock.advance(60_000);
    expect(news).toEqual([]);
    clock.advance(60_000);
    expect([news.length, cuts.length]).toEqual([1, 1]);
  });

  test('calls that reached nobody leave no room for others later', () => {
    const { begin, clock, all } = openTrunks(limited('', ', fraud: { calls: 2, pricePerMinute: 0 }'));
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
    const { all, news } = openTrunks(limited('', fraud));
    for (let count = 0; count < 10; count += 1) {
      const { routes } = all.choose({ number: '+882123456' });
      for (const route of routes) all.begin(route, () => {})?.failed(408);
    }
    expect(news).toEqual([]);
  });
});
