import { expect, test } from 'vitest';
import type { KeptLedger } from './ledger.ts';
import { limited, openTrunks, outbound } from './testing/open-trunks.ts';

const without = `  - { name: other, ${outbound} }`;
const both = (trunk: string) => `${trunk}\n${without}`;

test('a trunk that is in no plan for one reload has spent what it has spent, and its calls are cut by it', () => {
  const trunk = limited('minutesPerDay: 3');
  const { clock, all, begin, use, cuts } = openTrunks(trunk);
  const call = begin();
  call?.answered();
  use(without);
  expect(all.states.map(({ name }) => name)).toEqual(['other']);
  clock.advance(60_000);
  use(both(trunk));
  expect(all.states.find(({ name }) => name === 'p')).toMatchObject({
    calls: 1,
    minutes: 2,
    counts: { outgoing: 1, answered: 1 },
  });
  clock.advance(120_000);
  expect(cuts).toEqual(['the minutes of the day are used up']);
  call?.ended();
  use(without);
  clock.advance(86_400_000);
  use(both(trunk));
  expect(all.states.find(({ name }) => name === 'p')).toMatchObject({ calls: 0, minutes: 0 });
});

test('one that was closed stays closed, and who began a burst has no other one', () => {
  const trunk = limited('', ', fraud: { calls: 2 }');
  const { clock, all, begin, use, why, cuts } = openTrunks(trunk);
  const reload = () => {
    use(without);
    use(trunk);
  };
  begin('+882123456')?.answered();
  reload();
  begin('+882123457')?.answered();
  reload();
  expect(why('+882123458')).toContain('it looks like fraud');
  // Also those that began before.
  expect(cuts).toHaveLength(2);
  use(without);
  clock.advance(3 * 86_400_000);
  use(trunk);
  expect(why()).toContain('it is closed');
  expect(all.open('p')).toBe(true);
  reload();
  expect(why()).toBeUndefined();
});

test('one that opens by itself on the next day does so while it is in no plan', () => {
  const trunk = limited('', ', fraud: { calls: 1, opens: next-day }');
  const { clock, begin, use, why } = openTrunks(trunk);
  begin('+882123456');
  expect(why('+882123457')).toContain('it looks like fraud');
  use(without);
  clock.advance(86_400_000);
  use(trunk);
  expect(why()).toBeUndefined();
});

test('what it has spent is known after a restart without it', () => {
  const trunk = limited('minutesPerDay: 1');
  const before = openTrunks(trunk);
  before.begin()?.answered();
  before.use(without);
  const between = openTrunks(without, '', before.clock);
  between.all.restore(before.all.kept);
  const after = openTrunks(without, '', before.clock);
  after.all.restore(between.all.kept);
  after.use(trunk);
  expect(after.why()).toBe('503 the 1 minutes of the day are used up');
});

test('other nodes are told what it has spent, and it hears that it was closed', () => {
  const trunk = limited('minutesPerDay: 9');
  const { clock, all, begin, use, why } = openTrunks(trunk);
  begin()?.answered();
  use(without);
  const share = all.shares.find(({ name }) => name === 'p');
  expect(share).toMatchObject({ minutes: 1, calls: 1 });
  all.countElsewhere([{ ...share!, closed: { atMs: clock.nowMs(), day: share!.day, because: 'it looks like fraud' } }]);
  use(trunk);
  expect(why()).toBe('503 it is closed: it looks like fraud');
});

test('those that have counted nothing are forgotten, and the others when their day is over', () => {
  const { clock, all, begin, use } = openTrunks(both(limited('')));
  const call = begin('+882123456');
  call?.answered();
  use('  - { name: third, inbound: { addresses: 10.0.0.1 } }');
  expect([...all.kept.keys()]).toEqual(['p', 'third']);
  call?.ended();
  clock.advance(86_400_000);
  expect([...all.kept.keys()]).toEqual(['third']);
  const again = openTrunks('  - { name: third, inbound: { addresses: 10.0.0.1 } }', '', clock);
  const minute = Math.floor(clock.nowMs() / 60_000);
  const old = { day: '2023-11-14', minutes: 3, micros: 0, closed: undefined };
  again.all.restore(
    new Map<string, KeptLedger>([
      ['old', old],
      ['burst', { ...old, burst: [{ minute: minute - 5, calls: 3, micros: 0 }] }],
      ['closed', { ...old, closed: { atMs: 1, day: '2023-11-14', because: 'it looks like fraud' } }],
    ]),
  );
  expect([...again.all.kept.keys()]).toEqual(['burst', 'closed', 'third']);
});
