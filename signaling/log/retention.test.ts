import { describe, expect, test } from 'vitest';
import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import { type NewRecord, type RoomLog, StoreError } from '../../cluster/room-log.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { createMessageId } from '../../core/ids.ts';
import { settlePromises } from '../testing/manual-turns.ts';
import { RecordingLog } from '../testing/recording-log.ts';
import { Retention, retentionIntervalMs, retentionPauseMs } from './retention.ts';

const unlimited = { retentionMs: 0, retentionRecords: 0 };

function start(roomLog: RoomLog, clock: FakeClock, options = unlimited) {
  const log = new RecordingLog();
  const retention = new Retention({ roomLog, clock, log, options, held: new Set(), find: () => undefined });
  return { retention, log };
}

function fill(roomLog: RoomLog, room: string, count: number, settings?: Partial<typeof unlimited>) {
  const facts = settings && { settings: JSON.stringify(settings) };
  const records = Array.from(
    { length: count },
    (_, index): NewRecord => ({
      room,
      messageId: createMessageId(),
      kind: 'message',
      sender: 'ada',
      clientId: String(index),
      contentHash: '',
      atMs: 0,
      payload: '{}',
      searchText: '',
      mentions: [],
      threadId: '',
      ...(facts && { facts }),
    }),
  );
  return roomLog.append(records);
}

/** Lets a minute pass, and then pauses until nothing more happens. */
async function pass(clock: FakeClock, pauses: number) {
  clock.advance(retentionIntervalMs);
  for (let pause = 0; pause < pauses; pause++) {
    await settlePromises();
    clock.advance(retentionPauseMs);
  }
  await settlePromises();
}

async function keptIn(roomLog: RoomLog, rooms: readonly string[]): Promise<number[]> {
  return (await roomLog.open(rooms)).map(({ head }) => head.seq - head.firstSeq + 1);
}

describe('what is to be forgotten', () => {
  test('is forgotten within the minute, however much it is, with a pause behind each call', async () => {
    const clock = new FakeClock();
    const roomLog = createMemoryRoomLog({ clock });
    let calls = 0;
    const trim: RoomLog['trim'] = (room, limits) => {
      calls += 1;
      return roomLog.trim(room, limits);
    };
    await fill(roomLog, 'long', 15_000);
    await fill(roomLog, 'short', 30);
    start({ ...roomLog, trim }, clock, { retentionMs: 0, retentionRecords: 10 });
    await pass(clock, 1);
    expect(calls).toBe(1);
    await pass(clock, 20);
    expect(await keptIn(roomLog, ['long', 'short'])).toEqual([10, 10]);
  });

  test('does not keep other rooms waiting until it is done', async () => {
    const clock = new FakeClock();
    const roomLog = createMemoryRoomLog({ clock });
    await fill(roomLog, 'a-long', 15_000);
    await fill(roomLog, 'b-short', 30);
    start(roomLog, clock, { retentionMs: 0, retentionRecords: 10 });
    await pass(clock, 5);
    const [long = 0, short] = await keptIn(roomLog, ['a-long', 'b-short']);
    expect(short).toBe(10);
    expect(long).toBeGreaterThan(1_000);
  });

  test('is what a room says that nobody is in, also where the server keeps everything', async () => {
    const clock = new FakeClock();
    const roomLog = createMemoryRoomLog({ clock });
    const rooms = Array.from({ length: 250 }, (_, index) => `room-${index}`);
    for (const room of rooms) await fill(roomLog, room, 10, { retentionRecords: 3 });
    await fill(roomLog, 'endless', 10);
    start(roomLog, clock);
    await pass(clock, 300);
    expect(new Set(await keptIn(roomLog, rooms))).toEqual(new Set([3]));
    expect(await keptIn(roomLog, ['endless'])).toEqual([10]);
  });

  test('is of some rooms in one minute, and of the next ones in the next', async () => {
    const clock = new FakeClock();
    const roomLog = createMemoryRoomLog({ clock });
    const rooms = Array.from({ length: 1_200 }, (_, index) => `room-${String(index).padStart(4, '0')}`);
    for (const room of rooms) await fill(roomLog, room, 2, { retentionRecords: 1 });
    start(roomLog, clock);
    await pass(clock, 1_100);
    const first = (await keptIn(roomLog, rooms)).filter((kept) => kept === 1);
    expect(first).toHaveLength(1_000);
    await pass(clock, 300);
    expect(new Set(await keptIn(roomLog, rooms))).toEqual(new Set([1]));
  });

  test('is tried again after a minute when the store failed, and not at all once it is closed', async () => {
    const clock = new FakeClock();
    const roomLog = createMemoryRoomLog({ clock });
    let failing = true;
    const trim: RoomLog['trim'] = (room, limits) =>
      failing ? Promise.reject(new StoreError('busy', 'busy')) : roomLog.trim(room, limits);
    await fill(roomLog, 'room', 30);
    const { log, retention } = start({ ...roomLog, trim }, clock, { retentionMs: 0, retentionRecords: 10 });
    await pass(clock, 3);
    expect(log.lines.map(({ message }) => message)).toEqual(['old records could not be forgotten']);
    failing = false;
    await pass(clock, 3);
    expect(await keptIn(roomLog, ['room'])).toEqual([10]);
    retention.close();
    await fill(roomLog, 'other', 30);
    await pass(clock, 3);
    expect(await keptIn(roomLog, ['other'])).toEqual([30]);
    expect(clock.pendingTimers).toBe(0);
  });
});
