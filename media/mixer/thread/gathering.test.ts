import { describe, expect, test } from 'vitest';
import { Gathering } from './gathering.ts';

/** A thread whose time passes only as a test says, or asleep. */
function createThread({ dueInMs = 10 } = {}) {
  const slept: number[] = [];
  let now = 1_000;
  const gathering = new Gathering({
    nowMs: () => now,
    dueMs: () => now + dueInMs,
    sleep(ms) {
      slept.push(ms);
      now += ms;
    },
  });
  return {
    slept,
    async reads(packets: number) {
      for (let packet = 0; packet < packets; packet += 1) gathering.read();
      await new Promise((resolve) => setImmediate(resolve));
      now += 1;
    },
    async pass(turns: number, packets: number) {
      for (let turn = 0; turn < turns; turn += 1) await this.reads(packets);
    },
  };
}

describe('gathering of packets', () => {
  test('does not put off what few phones say', async () => {
    const thread = createThread();
    await thread.pass(100, 0);
    for (let tick = 0; tick < 10; tick += 1) {
      await thread.reads(10);
      await thread.pass(20, 0);
    }
    expect(thread.slept).toEqual([]);
  });

  test('sleeps once behind what was read, where many come', async () => {
    const thread = createThread();
    await thread.pass(60, 4);
    expect(thread.slept.length).toBeGreaterThan(10);
    expect(new Set(thread.slept)).toEqual(new Set([2]));
    const before = thread.slept.length;
    await thread.reads(50);
    expect(thread.slept.length).toBe(before + 1);
  });

  test('wakes up before the next tick is due, and does not begin to sleep right before it', async () => {
    const late = createThread({ dueInMs: 1.5 });
    await late.pass(60, 4);
    expect(new Set(late.slept)).toEqual(new Set([1]));
    const tooLate = createThread({ dueInMs: 0.6 });
    await tooLate.pass(60, 4);
    expect(tooLate.slept).toEqual([]);
  });
});
