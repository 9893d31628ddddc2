import { expect, test } from 'vitest';
import { FlushQueue } from './flush-queue.ts';

function start() {
  const due: (() => void)[] = [];
  let nowMs = 0;
  const queue = new FlushQueue(
    (callback) => due.push(callback),
    () => nowMs,
  );
  const flushed: number[] = [];
  const add = (index: number) => queue.add({ flush: () => flushed.push(index) > 0 });
  const endTurn = () => {
    for (const callback of due.splice(0)) callback();
  };
  const advance = (byMs: number) => {
    nowMs += byMs;
  };
  return { queue, flushed, add, endTurn, advance };
}

test('connections are flushed once, when the turn has ended', () => {
  const { flushed, add, endTurn } = start();
  for (let index = 0; index < 100; index++) add(index);
  expect(flushed).toEqual([]);
  endTurn();
  endTurn();
  expect(flushed).toEqual(Array.from({ length: 100 }, (_, index) => index));
});

test('in a turn that lasts long they are flushed before its end, and what comes then at its end', () => {
  const { flushed, add, endTurn, advance } = start();
  for (let index = 0; index < 40; index++) add(index);
  advance(6);
  for (let index = 40; index < 70; index++) add(index);
  expect(flushed).toHaveLength(64);
  endTurn();
  expect(flushed).toEqual(Array.from({ length: 70 }, (_, index) => index));
});

test('in a turn that is long of messages that nothing waits for, a few are flushed before its end', () => {
  const { queue, flushed, add, endTurn, advance } = start();
  add(0);
  for (let messages = 0; messages < 64; messages++) queue.look();
  expect(flushed).toEqual([]);
  advance(6);
  for (let messages = 0; messages < 32; messages++) queue.look();
  expect(flushed).toEqual([0]);
  endTurn();
  expect(flushed).toEqual([0]);
});

test('what flushing adds is flushed later, not within', () => {
  const { queue, flushed, endTurn, advance } = start();
  const again = { flush: () => flushed.push(2) > 0 };
  queue.add({
    flush() {
      advance(100);
      for (let index = 0; index < 64; index++) queue.add(again);
      return flushed.push(1) > 0;
    },
  });
  endTurn();
  expect(flushed).toEqual([1]);
  endTurn();
  expect(flushed).toHaveLength(65);
});

test('a connection that has a lot waits for the end of a turn that lasts long, and is flushed once then', () => {
  const { queue, flushed, add, endTurn, advance } = start();
  queue.add({ flush: (isEarly) => !isEarly && flushed.push(100) > 0 });
  add(1);
  for (let times = 0; times < 3; times++) {
    advance(6);
    for (let messages = 0; messages < 32; messages++) queue.look();
  }
  expect(flushed).toEqual([1]);
  endTurn();
  expect(flushed).toEqual([1, 100]);
  endTurn();
  expect(flushed).toEqual([1, 100]);
});
