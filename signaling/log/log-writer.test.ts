import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import type { RoomId } from '../../core/ids.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import { ManualTurns } from '../testing/manual-turns.ts';
import { RecordingLog } from '../testing/recording-log.ts';
import { createScriptedRoomLog } from '../testing/scripted-room-log.ts';
import { alwaysTaken, maxAppendsOfCall, maxWaitingAppends } from './backlog.ts';
import { Timelines } from './timelines.ts';

async function openTimeline(wished: { readonly appendEveryMs?: number } = {}) {
  const [roomLog, turns] = [Object.assign(createScriptedRoomLog(), wished), new ManualTurns()];
  const clock = new FakeClock();
  const log = new RecordingLog();
  const timelines = new Timelines({ roomLog, clock, defer: turns.defer, log });
  const timeline = await timelines.open('standup' as RoomId);
  const told: LogRecord[] = [];
  timeline.onRecords = (records) => told.push(...records);
  const append = (clientId: string) =>
    timeline.append({ kind: 'joined', author: { identity: 'ada', name: 'Ada' }, clientId, content: {} });
  return { roomLog, turns, clock, log, timelines, timeline, told, append };
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);

describe('group commit', () => {
  test('makes one call of what is appended in a turn, and collects while two are under way', async () => {
    const { roomLog, turns, told, append } = await openTimeline();
    const release = roomLog.hold();
    const appends: Promise<unknown>[] = [];
    for (const clientId of numbered(6)) {
      appends.push(append(clientId));
      // Two in each turn.
      if (Number(clientId) % 2 === 1) await turns.end();
    }
    expect(roomLog.calls).toEqual([2, 2]);
    release();
    await Promise.all(appends);
    expect(roomLog.calls).toEqual([2, 2, 2]);
    expect(told.map(({ clientId }) => clientId)).toEqual(numbered(6));
  });

  test('for a store that asks for time between its calls collects for so long, but never the first', async () => {
    const { roomLog, turns, clock, append } = await openTimeline({ appendEveryMs: 4 });
    const appends = [append('first')];
    await turns.end();
    expect(roomLog.calls).toEqual([1]);
    for (const clientId of numbered(3)) {
      appends.push(append(clientId));
      await turns.end();
      clock.advance(1);
    }
    expect(roomLog.calls).toEqual([1]);
    clock.advance(1);
    expect(roomLog.calls).toEqual([1, 3]);
    await Promise.all(appends);
    clock.advance(4);
    appends.push(append('alone again'));
    await turns.end();
    expect(roomLog.calls).toEqual([1, 3, 1]);
    await Promise.all(appends);
  });

  test('for such a store does not wait with many', async () => {
    const { roomLog, turns, append } = await openTimeline({ appendEveryMs: 4 });
    const appends = [append('first')];
    await turns.end();
    appends.push(...numbered(64).map(append));
    await turns.end();
    expect(roomLog.calls).toEqual([1, 64]);
    await Promise.all(appends);
  });

  test('of a turn that is large is cut into calls of a bounded size, in order', async () => {
    const { roomLog, turns, told, append } = await openTimeline();
    const appends = numbered(maxAppendsOfCall * 3).map(append);
    await turns.end();
    await Promise.all(appends);
    expect(roomLog.calls).toEqual([maxAppendsOfCall, maxAppendsOfCall, maxAppendsOfCall]);
    expect(told.map(({ seq }) => seq)).toEqual(appends.map((_, index) => index + 1));
  });

  test('in a turn that lasts long does not wait for its end', async () => {
    const { turns, clock, told, append } = await openTimeline();
    const early = numbered(20).map(append);
    clock.advance(6);
    early.push(...numbered(20).map((index) => append(`later-${index}`)));
    await Promise.all(early.slice(0, 32));
    expect(told).toHaveLength(32);
    await turns.end();
    await Promise.all(early);
  });

  test('of a few in a turn that is long of other calls does not wait for its end', async () => {
    const { turns, clock, timelines, append } = await openTimeline();
    const few = append('only one');
    for (let calls = 0; calls < 32; calls++) timelines.writer.look();
    expect(timelines.writer.pending).toBe(1);
    clock.advance(6);
    for (let calls = 0; calls < 32; calls++) timelines.writer.look();
    expect(await few).toMatchObject({ seq: 1 });
    await turns.end();
  });

  test('beyond its bound fails with STORE_BUSY, and takes appends again once the store has answered', async () => {
    const { roomLog, turns, timelines, append } = await openTimeline();
    const release = roomLog.hold();
    const appends = numbered(maxWaitingAppends).map(append);
    await turns.end();
    await expect(append('one more')).rejects.toMatchObject({ reason: 'STORE_BUSY', retryAfterMs: 500 });
    expect(timelines.writer.pending).toBe(maxWaitingAppends);
    release();
    await Promise.all(appends);
    await timelines.writer.whenIdle();
    const late = append('late');
    await turns.end();
    expect(await late).toMatchObject({ seq: maxWaitingAppends + 1, duplicate: false });
  });

  test('of a store that is slow is refused when it would wait for more than a second, and taken again when it is fast', async () => {
    const { roomLog, turns, clock, timelines, timeline, append } = await openTimeline();
    const inTime = async (count: number, tookMs: number) => {
      const release = roomLog.hold();
      const appends = numbered(count).map((index) => append(`${timelines.writer.pending}-${clock.nowMs()}-${index}`));
      await turns.end();
      clock.advance(tookMs);
      release();
      await Promise.all(appends);
    };
    await inTime(alwaysTaken, 10_000);
    const release = roomLog.hold();
    const waiting = numbered(alwaysTaken).map(append);
    expect(() => timeline.requireSpace()).toThrow('waiting to be stored');
    await expect(append('one more')).rejects.toMatchObject({ reason: 'STORE_BUSY' });
    release();
    await turns.end();
    await Promise.all(waiting);
    for (let calls = 0; calls < 20; calls++) await inTime(alwaysTaken, 10);
    const more = numbered(alwaysTaken * 3).map((index) => append(`more-${index}`));
    await turns.end();
    await Promise.all(more);
  });

  test('of a room that fills it leaves space for the other rooms, within a bound', async () => {
    const { roomLog, turns, timelines, append } = await openTimeline();
    const quiet = await timelines.open('quiet' as RoomId);
    const release = roomLog.hold();
    const appends: Promise<unknown>[] = numbered(maxWaitingAppends).map(append);
    await turns.end();
    await expect(append('one more')).rejects.toMatchObject({ reason: 'STORE_BUSY' });
    const entry = { kind: 'message', author: { identity: 'bob', name: 'Bob' }, content: {} } as const;
    appends.push(quiet.append({ ...entry, clientId: 'b' }));
    for (const room of numbered(100)) {
      const timeline = await timelines.open(room as RoomId);
      for (const clientId of numbered(100)) {
        const append = timeline.append({ ...entry, clientId });
        append.catch(() => {});
        appends.push(append);
      }
    }
    expect(timelines.writer.pending).toBe(maxWaitingAppends * 1.25);
    release();
    await turns.end();
    const outcomes = await Promise.allSettled(appends);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(maxWaitingAppends * 1.25);
  });

  test('of a slow store leaves space for other rooms than the one that fills it', async () => {
    const { roomLog, turns, clock, timelines, append } = await openTimeline();
    const quiet = await timelines.open('quiet' as RoomId);
    let release = roomLog.hold();
    const slow = numbered(alwaysTaken).map(append);
    await turns.end();
    clock.advance(10_000);
    release();
    await Promise.all(slow);
    release = roomLog.hold();
    const waiting = numbered(alwaysTaken).map((index) => append(`again-${index}`));
    await expect(append('one more')).rejects.toMatchObject({ reason: 'STORE_BUSY' });
    const said = quiet.append({ kind: 'message', clientId: 'b', content: {} });
    release();
    await turns.end();
    await Promise.all(waiting);
    expect(await said).toMatchObject({ seq: 1 });
  });

  test('tells calls in their order, also when the second is answered first', async () => {
    const { roomLog, turns, told, append } = await openTimeline();
    const answered = roomLog.append.bind(roomLog);
    const release: (() => void)[] = [];
    roomLog.append = async (records) => {
      const results = await answered(records);
      await new Promise<void>((resolve) => release.push(resolve));
      return results;
    };
    const first = append('first');
    await turns.end();
    const second = append('second');
    await turns.end();
    release[1]?.();
    await turns.end();
    expect(told).toEqual([]);
    release[0]?.();
    await Promise.all([first, second]);
    expect(told.map(({ clientId }) => clientId)).toEqual(['first', 'second']);
  });

  test('that fails again and again for one reason is written down once in ten seconds', async () => {
    const { roomLog, turns, clock, log, append } = await openTimeline();
    const fail = async (kind: 'full' | 'busy') => {
      roomLog.failNext(kind);
      const failing = expect(append('')).rejects.toThrow();
      await turns.end();
      await failing;
    };
    const written = () => log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['failures']);
    for (let count = 0; count < 20; count++) await fail('full');
    expect(written()).toEqual([1]);
    await fail('busy');
    expect(written()).toEqual([1, 21]);
    clock.advance(10_000);
    await fail('busy');
    expect(written()).toEqual([1, 21, 22]);
  });
});

test('what a room could not keep while it fetched what it missed is told all the same', async () => {
  const { roomLog, turns, told, append } = await openTimeline();
  const { open } = roomLog;
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  roomLog.open = async (rooms) => {
    const memories = await open(rooms);
    await gate;
    return memories;
  };
  roomLog.failNext('unknown');
  const lost = append('lost answer');
  lost.catch(() => {});
  await turns.end();
  const appends = numbered(1_100).map(append);
  const outcomes = Promise.allSettled(appends);
  await turns.end();
  release();
  const refused = (await outcomes).filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(100);
  await turns.end();
  expect(told.map(({ seq }) => seq)).toEqual(Array.from({ length: 1_101 }, (_, index) => index + 1));
});
