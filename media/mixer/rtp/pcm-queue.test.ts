import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PcmQueue } from './pcm-queue.ts';

test('packets of any length come out as frames of one, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 960 }), { maxLength: 30 }), (lengths) => {
      const queue = new PcmQueue(160);
      const into = new Int16Array(160);
      let [written, read] = [0, 0];
      for (const length of lengths) {
        queue.push(Int16Array.from({ length }, () => written++ & 0x7fff));
        while (queue.take(into)) {
          expect(into).toEqual(Int16Array.from({ length: 160 }, () => read++ & 0x7fff));
        }
      }
      expect(queue.samples).toBe(written - read);
      expect(queue.samples).toBeLessThan(160);
    }),
  );
});

test('of more than it holds the newest stay', () => {
  const queue = new PcmQueue(4);
  for (let from = 0; from < 100; from += 10) queue.push(Int16Array.from({ length: 10 }, (_, at) => from + at));
  expect(queue.samples).toBe(32);
  const into = new Int16Array(4);
  queue.take(into);
  expect([...into]).toEqual([68, 69, 70, 71]);
  queue.push(Int16Array.from({ length: 50 }, (_, at) => at));
  queue.take(into);
  expect([...into]).toEqual([18, 19, 20, 21]);
});

test('silence is samples too, and a frame that is not full waits', () => {
  const queue = new PcmQueue(4);
  const into = Int16Array.of(9, 9, 9, 9);
  queue.push(Int16Array.of(1, 2));
  queue.pushSilence(1);
  expect(queue.take(into)).toBe(false);
  expect([...into]).toEqual([9, 9, 9, 9]);
  queue.pushSilence(1);
  expect(queue.take(into)).toBe(true);
  expect([...into]).toEqual([1, 2, 0, 0]);
  queue.push(Int16Array.of(1));
  queue.clear();
  expect(queue.samples).toBe(0);
});
