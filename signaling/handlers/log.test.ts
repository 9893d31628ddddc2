import { describe, expect, test } from 'vitest';
import type { Cursor, LogHead, LogRecord } from '../../proto/gen/types.ts';
import { retentionIntervalMs } from '../log/retention.ts';
import { createScriptedRoomLog } from '../testing/scripted-room-log.ts';
import { startSignaling, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';

const room = 'standup';

const cursorAt = ({ epoch }: LogHead, record?: LogRecord): Cursor => ({
  epoch,
  seq: record?.seq ?? 0,
  messageId: record?.messageId ?? '',
});

async function sync(client: TestClient, cursor: Cursor, of = room) {
  const { rooms } = await client.call('log.sync', { rooms: [{ room: of, cursor }] });
  return rooms[0]!;
}

async function everything(client: TestClient): Promise<{ head: LogHead; records: LogRecord[] }> {
  return await client.call('log.read', { room, afterSeq: 0, limit: 200 });
}

/** Past the rates of calls. */
async function say(t: TestSignaling, client: TestClient, count: number, text = 'x'): Promise<void> {
  for (let index = 0; index < count; index++) {
    t.clock.advance(1_000);
    await client.say(`${text} ${index}`);
  }
}

describe('log.sync', () => {
  test('answers with what follows the cursor, of each room, in the order of the request', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    await ada.call('room.join', { room: 'elsewhere' });
    await say(t, ada, 5);
    const { head, records } = await everything(ada);
    const synced = await sync(ada, cursorAt(head, records.at(-3)));
    expect(synced).toEqual({ room, status: 'records', records: records.slice(-2), more: false, head });
    const other = { epoch: 'x', seq: 0, messageId: '' };
    const two = { rooms: [room, 'elsewhere'].map((name) => ({ room: name, cursor: { ...other, epoch: head.epoch } })) };
    const { rooms } = await ada.call('log.sync', two);
    expect(rooms.map(({ room: name, status }) => [name, status])).toEqual([
      [room, 'records'],
      ['elsewhere', 'gap'],
    ]);
  });

  test('says gap, and why, of every cursor that is not of this log', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    await say(t, ada, 3);
    const { head, records } = await everything(ada);
    const [first, last] = [records[0]!, records.at(-1)!];
    const forged: [Partial<Cursor>, string][] = [
      [{ epoch: 'forged' }, 'epoch'],
      [{ seq: last.seq + 1 }, 'fork'],
      [{ seq: Number.MAX_SAFE_INTEGER }, 'fork'],
      [{ messageId: first.messageId }, 'fork'],
      [{ messageId: '' }, 'fork'],
      [{ seq: 0 }, 'fork'],
    ];
    for (const [change, gapReason] of forged) {
      const synced = await sync(ada, { ...cursorAt(head, last), ...change });
      expect(synced).toEqual({ room, status: 'gap', records: [], more: false, head, gapReason });
    }
    expect(await sync(ada, cursorAt(head))).toMatchObject({ status: 'records', records });
  });

  test('with a cursor of another room says gap', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const { log } = await ada.call('room.join', { room: 'elsewhere' });
    expect(await sync(ada, cursorAt(log))).toMatchObject({ status: 'gap', gapReason: 'epoch' });
  });

  test('with a number that is none fails with BAD_REQUEST', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    for (const seq of [-1, 0.5, 2 ** 60, '1', Number.NaN]) {
      const cursor = { epoch: 'e', seq, messageId: '' };
      expect((await ada.refusal('log.sync', { rooms: [{ room, cursor }] })).reason).toBe('BAD_REQUEST');
    }
    expect((await ada.refusal('log.sync', { rooms: [] })).reason).toBe('BAD_REQUEST');
  });

  test('with a room named twice fails with BAD_REQUEST', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const cursor = { epoch: 'e', seq: 0, messageId: '' };
    const rooms = [room, 'elsewhere', room].map((name) => ({ room: name, cursor }));
    expect((await ada.refusal('log.sync', { rooms })).reason).toBe('BAD_REQUEST');
  });

  test('of more rooms than the contract allows fails with BAD_REQUEST', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const cursor = { epoch: 'e', seq: 0, messageId: '' };
    const rooms = Array.from({ length: 201 }, (_, index) => ({ room: `r${index}`, cursor }));
    expect((await ada.refusal('log.sync', { rooms })).reason).toBe('BAD_REQUEST');
    expect((await ada.call('log.sync', { rooms: rooms.slice(1) })).rooms).toHaveLength(200);
  });

  test('refuses rooms that the caller is not in or may not read the past of, and answers the others', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada', can: ['join'] });
    const cursor = { epoch: 'e', seq: 0, messageId: '' };
    const request = { rooms: ['nowhere', room].map((name) => ({ room: name, cursor })) };
    const { rooms } = await ada.call('log.sync', request);
    expect(rooms.map(({ status, errorReason }) => [status, errorReason])).toEqual([
      ['refused', 'NOT_IN_ROOM'],
      ['refused', 'GRANT_MISSING'],
    ]);
    expect((await ada.refusal('log.read', { room })).reason).toBe('GRANT_MISSING');
  });

  test('pages within one budget for all rooms, and each leads to the end', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const other = await ada.call('room.join', { room: 'elsewhere' });
    const text = 'x'.repeat(16_000);
    const heads: Record<string, LogHead> = { [room]: (await everything(ada)).head, elsewhere: other.log };
    for (let index = 0; index < 24; index++) {
      t.clock.advance(1_000);
      await ada.say(`${index} ${text}`);
      await ada.say(`${index} ${text}`, { room: 'elsewhere', clientId: `e${index}` });
    }
    const read: Record<string, number[]> = { [room]: [], elsewhere: [] };
    const cursors = new Map(Object.entries(heads).map(([name, { epoch }]) => [name, { epoch, seq: 0, messageId: '' }]));
    for (let calls = 0, more = true; more; calls++) {
      expect(calls).toBeLessThan(20);
      t.clock.advance(1_000);
      const request = { rooms: [...cursors].map(([name, cursor]) => ({ room: name, cursor })) };
      const { rooms } = await ada.call('log.sync', request);
      expect(JSON.stringify(rooms).length).toBeLessThan(320 * 1024);
      for (const { room: name, status, records } of rooms) {
        expect(status).toBe('records');
        read[name]!.push(...records.map(({ seq }) => seq));
        const last = records.at(-1);
        if (last) cursors.set(name, { epoch: heads[name]!.epoch, seq: last.seq, messageId: last.messageId });
      }
      more = rooms.some((one) => one.more);
    }
    for (const [name, seqs] of Object.entries(read)) {
      expect(seqs.length).toBeGreaterThanOrEqual(24);
      expect(seqs).toEqual(seqs.map((_, index) => index + 1));
      expect(cursors.get(name)!.seq).toBe(seqs.length);
    }
  });

  test('serves a storm of readers from memory, and reads the store once for all who are further behind', async () => {
    const roomLog = createScriptedRoomLog();
    const t = startSignaling({ roomLog });
    const ada = await t.join({ identity: 'ada' });
    await say(t, ada, 200);
    const { head, records } = await everything(ada);
    const readers = await Promise.all([1, 2, 3, 4].map((index) => t.join({ identity: `reader-${index}` })));
    const before = roomLog.reads();
    for (const reader of readers) await sync(reader, cursorAt(head, records[150]));
    expect(roomLog.reads()).toBe(before);
    await Promise.all(readers.map((reader) => sync(reader, cursorAt(head, records[2]))));
    expect(roomLog.reads()).toBe(before + 1);
  });

  test('says that records were trimmed, of a cursor that is behind what was forgotten', async () => {
    const t = startSignaling({ chat: { retentionRecords: 3 } });
    const ada = await t.join({ identity: 'ada' });
    await say(t, ada, 6);
    const { head, records } = await everything(ada);
    t.clock.advance(retentionIntervalMs);
    await t.turns.end();
    const kept = await everything(ada);
    expect(kept.records.length).toBeLessThan(records.length);
    expect(kept.head.firstSeq).toBe(kept.records[0]!.seq);
    expect(await sync(ada, cursorAt(head, records[0]))).toMatchObject({ status: 'gap', gapReason: 'trimmed' });
    const edge = records.find(({ seq }) => seq === kept.head.firstSeq - 1);
    expect(await sync(ada, cursorAt(head, edge))).toMatchObject({ status: 'records', records: kept.records });
    expect(await sync(ada, { ...cursorAt(head, edge), messageId: 'm_forged' })).toMatchObject({ gapReason: 'fork' });
  });
});

describe('log.read', () => {
  test('pages back to the beginning, and forward to the end, each record once', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    await say(t, ada, 170);
    const { log } = await (await t.connect({ identity: 'bob' })).call('room.join', { room });
    const back: number[] = [];
    for (let before: number | undefined, more = true; more; ) {
      const page = await ada.call('log.read', { room, limit: 25, ...(before !== undefined && { beforeSeq: before }) });
      t.clock.advance(1_000);
      back.unshift(...page.records.map(({ seq }) => seq));
      before = page.records[0]?.seq;
      more = page.more;
    }
    expect(back.slice(0, log.seq)).toEqual(Array.from({ length: log.seq }, (_, index) => index + 1));
    const forward: number[] = [];
    for (let after = 0, more = true; more; ) {
      const page = await ada.call('log.read', { room, limit: 60, afterSeq: after });
      forward.push(...page.records.map(({ seq }) => seq));
      after = page.records.at(-1)?.seq ?? after;
      more = page.more;
    }
    expect(forward).toEqual(back);
  });

  test('with an absurd page or both directions fails with BAD_REQUEST; far places are empty pages', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    for (const wrong of [
      { limit: 201 },
      { limit: -1 },
      { beforeSeq: 0 },
      { beforeSeq: 1.5 },
      { beforeSeq: 1, afterSeq: 1 },
    ]) {
      expect((await ada.refusal('log.read', { room, ...wrong })).reason).toBe('BAD_REQUEST');
    }
    await ada.say('hi');
    const far = Number.MAX_SAFE_INTEGER;
    expect(await ada.call('log.read', { room, afterSeq: far })).toMatchObject({ records: [], more: false });
    expect((await ada.call('log.read', { room, beforeSeq: far })).records.at(-1)).toMatchObject({ kind: 'message' });
    expect(await ada.call('log.read', { room, beforeSeq: 1 })).toMatchObject({ records: [], more: false });
  });
});

describe('log.search', () => {
  test('finds messages by their words, the newest first, as they are now, page by page', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const { messageId } = await ada.say('red apple');
    await ada.say('green apple');
    await ada.say('apple pie');
    await ada.call('chat.edit', { room, clientId: 'e', messageId, text: 'red pear' });
    const first = await ada.call('log.search', { room, query: 'appl', limit: 1 });
    expect([first.records.map(({ message }) => message?.text), first.more]).toEqual([['apple pie'], true]);
    const rest = await ada.call('log.search', { room, query: 'appl', limit: 1, beforeSeq: first.records[0]!.seq });
    expect([rest.records.map(({ message }) => message?.text), rest.more]).toEqual([['green apple'], false]);
  });
});
