import { describe, expect, test } from 'vitest';
import type { Watermark } from '../../cluster/room-log.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { settlePromises } from '../testing/manual-turns.ts';
import { RecordingLog } from '../testing/recording-log.ts';
import { MarkWriter, markEveryMs } from './mark-writer.ts';

function startWriter() {
  const clock = new FakeClock();
  const calls: (readonly Watermark[])[] = [];
  let away = false;
  const mark = async (watermarks: readonly Watermark[]) => {
    calls.push(watermarks);
    if (away) throw new Error('the store is away');
  };
  const writer = new MarkWriter({ roomLog: { mark }, clock, log: new RecordingLog() });
  const add = (rooms: number, read = 1) => {
    for (let at = 0; at < rooms; at++) writer.add({ room: `room ${at}`, identity: 'ada', delivered: read, read });
  };
  const advance = async (ms: number) => {
    clock.advance(ms);
    await settlePromises();
  };
  const setAway = (is: boolean) => {
    away = is;
  };
  return { clock, calls, writer, add, advance, setAway };
}

describe('watermarks', () => {
  test('of a second are one call, the last of each person', async () => {
    const { calls, add, advance } = startWriter();
    add(3, 1);
    await advance(markEveryMs - 1);
    add(3, 2);
    expect(calls).toEqual([]);
    await advance(1);
    expect(calls.map((some) => some.map(({ read }) => read))).toEqual([[2, 2, 2]]);
  });

  test('of many rooms are written bit by bit, all of them in less than half a second', async () => {
    const { clock, calls, add, advance } = startWriter();
    add(5_000);
    await advance(markEveryMs);
    expect(calls.map((some) => some.length)).toEqual([313]);
    await advance(400);
    expect(Math.max(...calls.map((some) => some.length))).toBe(313);
    expect(new Set(calls.flat().map(({ room }) => room)).size).toBe(5_000);
    expect(clock.pendingTimers).toBe(0);
  });

  test('are all on their way before those of a room are read', async () => {
    const { calls, writer, add, advance } = startWriter();
    add(1_000);
    await advance(markEveryMs);
    writer.settle('room 999');
    expect(calls.flat()).toHaveLength(1_000);
    await advance(markEveryMs);
    expect(calls.flat()).toHaveLength(1_000);
  });

  test('that could not be written are tried again a second later, all of them', async () => {
    const { calls, add, advance, setAway } = startWriter();
    setAway(true);
    add(200);
    await advance(markEveryMs);
    await advance(markEveryMs - 1);
    expect(calls.map((some) => some.length)).toEqual([64]);
    setAway(false);
    calls.length = 0;
    await advance(1_000);
    expect(new Set(calls.flat().map(({ room }) => room)).size).toBe(200);
  });
});
