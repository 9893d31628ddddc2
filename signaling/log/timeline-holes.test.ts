import { describe, expect, test } from 'vitest';
import { type LogNews, type NewRecord, StoreError } from '../../cluster/room-log.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { createMessageId, type RoomId } from '../../core/ids.ts';
import { ManualTurns, settlePromises } from '../testing/manual-turns.ts';
import { RecordingLog } from '../testing/recording-log.ts';
import { createScriptedRoomLog } from '../testing/scripted-room-log.ts';
import { pushWithinMs } from './timeline.ts';
import { Timelines } from './timelines.ts';

const room = 'standup' as RoomId;

/** Four records of another node are in the store, and none of them was pushed. */
async function openBehind() {
  const roomLog = createScriptedRoomLog();
  const heard: LogNews[] = [];
  roomLog.follow = async (_room, news) => {
    heard.push(news);
    return () => {};
  };
  const clock = new FakeClock();
  const parts = { roomLog, clock, defer: new ManualTurns().defer, log: new RecordingLog() };
  const timelines = new Timelines({ ...parts, isHere: (origin) => origin === 'here' });
  const timeline = await timelines.open(room);
  const told: number[] = [];
  timeline.onRecords = (records) => told.push(...records.map(({ seq }) => seq));
  const records = Array.from({ length: 4 }, newRecord);
  await roomLog.append(records);
  const push = (seq: number) => {
    const record = records[seq - 1] as NewRecord;
    const previousId = records[seq - 2]?.messageId ?? '';
    const { epoch } = timeline.head;
    const one = { room, epoch, firstSeq: seq, count: 1, previousId, origin: 'there', bytes: 10 };
    for (const news of heard) news.pushed({ ...one, records: () => [{ ...record, seq }] });
  };
  const advance = async (ms: number) => {
    clock.advance(ms);
    await settlePromises();
  };
  return { timelines, roomLog, told, push, advance };
}

function newRecord(): NewRecord {
  const texts = { kind: 'message', sender: 'ada', clientId: '', contentHash: '', searchText: '' };
  const payload = '{"message":{"text":"hi"}}';
  return { room, messageId: createMessageId(), ...texts, payload, atMs: 0, mentions: [], threadId: '' };
}

describe('a record that is missing', () => {
  test('is not read when another one is missing by now: it has come', async () => {
    const { timelines, told, push, advance } = await openBehind();
    push(2);
    await advance(pushWithinMs - 50);
    push(4);
    push(1);
    expect(told).toEqual([1, 2]);
    await advance(100);
    push(3);
    expect(told).toEqual([1, 2, 3, 4]);
    await advance(2 * pushWithinMs);
    expect(timelines.counts.repairs.records).toBe(0);
  });

  test('is read after it was waited for, though others came meanwhile', async () => {
    const { timelines, told, push, advance } = await openBehind();
    push(2);
    await advance(pushWithinMs - 50);
    push(4);
    push(1);
    await advance(2 * pushWithinMs);
    expect(told).toEqual([1, 2, 3, 4]);
    expect(timelines.counts.repairs.records).toBe(1);
  });

  test('is read within seconds after the store is back, however long it was away', async () => {
    const { roomLog, told, push, advance } = await openBehind();
    const { open } = roomLog;
    roomLog.open = () => Promise.reject(new StoreError('away', 'the store is away'));
    push(2);
    for (let seconds = 0; seconds < 40; seconds++) await advance(1_000);
    expect(told).toEqual([]);
    roomLog.open = open;
    for (let seconds = 0; seconds < 4; seconds++) await advance(1_000);
    expect(told).toEqual([1, 2, 3, 4]);
  });
});
