import { expect, test } from 'vitest';
import { Deadlines, type Due, tickMs } from './deadlines.ts';
import { FakeClock } from './fake-clock.ts';

interface Named extends Due {
  readonly name: string;
}

function setUp(onDue: (item: Named) => void = () => {}) {
  const clock = new FakeClock();
  const heard: string[] = [];
  const deadlines = new Deadlines<Named>(clock, (item) => {
    heard.push(item.name);
    onDue(item);
  });
  const item = (name: string): Named => ({ name, dueTick: 0 });
  return { clock, heard, deadlines, item };
}

test('each is due once, not before its time and at most a tick after it', () => {
  const { clock, heard, deadlines, item } = setUp();
  deadlines.set(item('late'), 10_500);
  deadlines.set(item('soon'), 2_000);
  clock.advance(1_999);
  expect(heard).toEqual([]);
  clock.advance(1);
  expect(heard).toEqual(['soon']);
  clock.advance(8_499);
  expect(heard).toEqual(['soon']);
  clock.advance(1 + tickMs);
  expect(heard).toEqual(['soon', 'late']);
  clock.advance(1_000_000);
  expect(heard).toHaveLength(2);
});

test('however many there are, one timer waits for them, and none for nothing', () => {
  const { clock, deadlines, item } = setUp();
  const items = Array.from({ length: 1_000 }, (_, at) => item(`${at}`));
  for (const [at, one] of items.entries()) deadlines.set(one, 100_000 - 37 * at);
  expect(clock.pendingTimers).toBe(1);
  for (const one of items) expect(deadlines.clear(one)).toBe(true);
  expect(clock.pendingTimers).toBe(0);
  deadlines.set(items[0] as Named, 5_000);
  clock.advance(5_000);
  expect(clock.pendingTimers).toBe(0);
});

test('setting it again moves it', () => {
  const { clock, heard, deadlines, item } = setUp();
  const moved = item('moved');
  deadlines.set(moved, 5_000);
  deadlines.set(moved, 20_000);
  clock.advance(19_000);
  expect(heard).toEqual([]);
  deadlines.set(moved, 1_000);
  clock.advance(1_000);
  expect(heard).toEqual(['moved']);
  expect(deadlines.clear(moved)).toBe(false);
});

test('one that is due may end another of the same moment, and set itself again', () => {
  const { clock, heard, deadlines, item } = setUp((due) => {
    if (due.name !== 'first') return;
    deadlines.clear(second);
    if (heard.length === 1) deadlines.set(due, 3_000);
  });
  const second = item('second');
  deadlines.set(item('first'), 1_000);
  deadlines.set(second, 1_000);
  clock.advance(2_000);
  expect(heard).toEqual(['first']);
  clock.advance(10_000);
  expect(heard).toEqual(['first', 'first']);
  expect(clock.pendingTimers).toBe(0);
});

test('after a long sleep all that was due meanwhile comes in order', () => {
  const { clock, heard, deadlines, item } = setUp();
  for (const seconds of [30, 10, 20]) deadlines.set(item(`${seconds}`), seconds * 1_000);
  clock.advance(60_000);
  expect(heard).toEqual(['10', '20', '30']);
});
