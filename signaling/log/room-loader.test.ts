import { expect, test } from 'vitest';
import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import { type RoomLog, StoreError } from '../../cluster/room-log.ts';
import { systemClock } from '../../core/clock.ts';
import { createMessageId, type RoomId } from '../../core/ids.ts';
import { deferToNextTurn } from '../defer.ts';
import { RecordingLog } from '../testing/recording-log.ts';
import { maxRoomsOfCall, maxWaitingRooms, RoomLoader } from './room-loader.ts';
import { Timelines } from './timelines.ts';

const rooms = Array.from({ length: 500 }, (_, index) => `room-${index}` as RoomId);

async function startFilled() {
  const memory = createMemoryRoomLog();
  await memory.append(
    rooms.map((room) => ({
      room,
      messageId: createMessageId(),
      kind: 'message',
      sender: room,
      clientId: '',
      contentHash: '',
      atMs: 1,
      payload: '{"message":{"text":"hi"}}',
      searchText: 'hi',
      mentions: [],
      threadId: '',
    })),
  );
  /** How many rooms each call named. */
  const asked = { open: [] as number[], read: [] as number[] };
  let failing = false;
  const roomLog: RoomLog = {
    ...memory,
    open(names) {
      asked.open.push(names.length);
      return failing ? Promise.reject(new StoreError('busy', 'busy')) : memory.open(names);
    },
    read(requests) {
      asked.read.push(requests.length);
      return memory.read(requests);
    },
  };
  const fail = (isFailing: boolean) => {
    failing = isFailing;
  };
  return { roomLog, asked, fail };
}

function startTimelines(roomLog: RoomLog) {
  return new Timelines({ roomLog, clock: systemClock, defer: deferToNextTurn, log: new RecordingLog() });
}

test('500 rooms that are opened at once are asked for in few calls, and each gets its own records', async () => {
  const { roomLog, asked } = await startFilled();
  const timelines = startTimelines(roomLog);
  const opened = await Promise.all(rooms.map((room) => timelines.open(room)));
  for (const [index, { room, ring, head }] of opened.entries()) {
    expect([room, head.seq, ring.newest?.identity]).toEqual([rooms[index], 1, rooms[index]]);
  }
  expect(asked.open).toEqual(new Array(rooms.length / maxRoomsOfCall).fill(maxRoomsOfCall));
  expect(asked.read).toEqual(asked.open);
  timelines.close();
});

test('what is opened while the store is asked goes together in the next call', async () => {
  const { roomLog, asked } = await startFilled();
  const timelines = startTimelines(roomLog);
  const first = timelines.open(rooms[0]!);
  await Promise.resolve();
  const others = rooms.slice(1, 41).map(async (room, index) => {
    for (let turn = 0; turn < index % 3; turn++) await Promise.resolve();
    return await timelines.open(room);
  });
  await Promise.all([first, ...others]);
  expect(asked.open[0]).toBe(1);
  expect(asked.open.length).toBeLessThanOrEqual(3);
  timelines.close();
});

test('a store that fails is told to all who wait for that call, and asked again by the next one', async () => {
  const { roomLog, fail } = await startFilled();
  const timelines = startTimelines(roomLog);
  fail(true);
  const outcomes = await Promise.allSettled(rooms.slice(0, 60).map((room) => timelines.open(room)));
  for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { reason: 'STORE_BUSY' } });
  fail(false);
  expect((await timelines.open(rooms[0]!)).head.seq).toBe(1);
  timelines.close();
});

test('beyond its bound of rooms that wait the answer is STORE_BUSY', async () => {
  const { roomLog } = await startFilled();
  const loader = new RoomLoader(roomLog);
  const loads = Array.from({ length: maxWaitingRooms }, (_, index) => loader.load(`wait-${index}` as RoomId));
  await expect(loader.load(rooms[0]!)).rejects.toMatchObject({ reason: 'STORE_BUSY' });
  await Promise.all(loads);
  await loader.load(rooms[0]!);
});
