import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { PinLockout } from './pin-lockout.ts';

test('after ten wrong PINs at once, one in six minutes is let through', () => {
  const clock = new FakeClock();
  const lockout = new PinLockout(clock);
  for (let time = 0; time < 9; time += 1) lockout.wrong('ann');
  expect(lockout.isLocked('ann')).toBe(false);
  lockout.wrong('ann');
  expect(lockout.isLocked('ann')).toBe(true);
  expect(lockout.isLocked('ben')).toBe(false);
  clock.advance(359_000);
  expect(lockout.isLocked('ann')).toBe(true);
  clock.advance(1_000);
  expect(lockout.isLocked('ann')).toBe(false);
  lockout.wrong('ann');
  expect(lockout.isLocked('ann')).toBe(true);
});

test('a wrong PIN of somebody who is locked out does not lock them out for longer', () => {
  const clock = new FakeClock();
  const lockout = new PinLockout(clock);
  for (let time = 0; time < 50; time += 1) lockout.wrong('ann');
  clock.advance(360_000);
  expect(lockout.isLocked('ann')).toBe(false);
});

test('sources are forgotten when they are as if they had never been wrong', () => {
  const clock = new FakeClock();
  const lockout = new PinLockout(clock);
  for (let source = 0; source < 100; source += 1) lockout.wrong(`a${source}`);
  clock.advance(3_600_000);
  lockout.wrong('ben');
  expect(lockout.sources).toBe(1);
});

test('of more than 10,000 sources, whoever was wrong longest ago is forgotten', () => {
  const lockout = new PinLockout(new FakeClock());
  for (let time = 0; time < 10; time += 1) lockout.wrong('first');
  for (let time = 0; time < 10; time += 1) lockout.wrong('second');
  for (let source = 0; source < 9_999; source += 1) lockout.wrong(`a${source}`);
  expect(lockout.sources).toBe(10_000);
  expect(lockout.isLocked('first')).toBe(false);
  expect(lockout.isLocked('second')).toBe(true);
});

describe('a group', () => {
  const group = { trunk: 'provider', rule: 'conferences' };
  const board = { pin: '4839' };
  const choices = [board, { pin: '7712' }];

  function open(pins: readonly { readonly pin: string }[] = choices) {
    const clock = new FakeClock();
    const told: string[] = [];
    const lockout = new PinLockout(clock, ({ trunk, rule }) => told.push(`${trunk} ${rule}`));
    let callers = 0;
    return {
      clock,
      lockout,
      told,
      enter: (source: string, choice?: { readonly pin: string }, of = group) =>
        lockout.judge({ source, group: of, choices: pins, choice }),
      /** From as many numbers. */
      guess(times: number) {
        const verdicts = new Set<string>();
        for (let time = 0; time < times; time += 1) {
          callers += 1;
          verdicts.add(lockout.judge({ source: `provider:+49${callers}`, group, choices: pins, choice: undefined }));
        }
        return [...verdicts];
      },
    };
  }

  test('is locked after fifty wrong PINs from whichever numbers, and then looks at one in six minutes', () => {
    const { clock, lockout, told, guess } = open();
    expect(guess(50)).toEqual(['wrong']);
    expect(guess(1_000)).toEqual(['locked']);
    clock.advance(360_000);
    expect(guess(10)).toEqual(['wrong', 'locked']);
    expect([told, lockout.stats]).toEqual([
      ['provider conferences'],
      { right: 0, wrong: 51, locked: 1_009, lockedGroups: 1 },
    ]);
    clock.advance(600_000);
    guess(10);
    expect(told).toHaveLength(2);
  });

  test('that is locked finds no PIN of four digits in a day, whatever numbers are written', () => {
    const { clock, lockout, enter } = open([board]);
    let looked = 0;
    for (let minute = 0; minute < 1_440; minute += 1) {
      for (let caller = 0; caller < 20; caller += 1) enter(`provider:${minute}-${caller}`);
      clock.advance(60_000);
    }
    looked = lockout.stats.wrong;
    // Of 10,000.
    expect(looked).toBeLessThan(300);
  });

  test('that is locked lets those in who had the same PIN from the same number before, for a month', () => {
    const { clock, guess, enter } = open();
    expect(enter('provider:+49301', board)).toBe('right');
    guess(50);
    expect(enter('provider:+49301', board)).toBe('right');
    // Another PIN, though it is right.
    expect(enter('provider:+49301', choices[1])).toBe('locked');
    expect(enter('provider:+49302', board)).toBe('locked');
    clock.advance(36 * 86_400_000);
    guess(100);
    expect(enter('provider:+49301', board)).toBe('locked');
  });

  test('tells nobody who writes a known number whether a PIN is right', () => {
    const { guess, enter, lockout } = open();
    enter('provider:+49301', board);
    guess(50);
    const verdicts = Array.from({ length: 10 }, (_, at) =>
      enter('provider:+49301', at % 2 === 0 ? choices[1] : undefined),
    );
    expect([...new Set(verdicts)]).toEqual(['locked']);
    expect(lockout.isLocked('provider:+49301')).toBe(true);
  });

  test('that is locked does not lock out a stranger who was right for longer than the group is', () => {
    const { clock, guess, enter } = open();
    guess(50);
    for (let time = 0; time < 20; time += 1) expect(enter('provider:+49301', board)).toBe('locked');
    clock.advance(360_000);
    expect(enter('provider:+49301', board)).toBe('right');
  });

  test('leaves other rules and trunks alone, and whoever is known for sure', () => {
    const { guess, enter, lockout } = open();
    guess(50);
    expect(enter('provider:+49301', board, { ...group, rule: 'other' })).toBe('right');
    expect(enter('other:+49301', board, { ...group, trunk: 'other' })).toBe('right');
    expect(lockout.judge({ source: 'user:ann', group: undefined, choices, choice: board })).toBe('right');
  });

  test('of long PINs bears many wrong ones: as many as find a PIN on one of a hundred days', () => {
    const { clock, guess } = open([{ pin: '48392011' }]);
    guess(50);
    expect(guess(1)).toEqual(['locked']);
    clock.advance(1_000);
    expect(guess(100)).toEqual(['wrong', 'locked']);
    clock.advance(86_400_000);
    expect(guess(50)).toEqual(['wrong']);
  });
});
