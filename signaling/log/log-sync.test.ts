import { expect, test } from 'vitest';
import type { ReadRequest } from '../../cluster/room-log.ts';
import { createScriptedRoomLog } from '../testing/scripted-room-log.ts';
import { startSignaling } from '../testing/start-signaling.ts';
import { maxSyncBytes } from './log-sync.ts';

/** Somebody in rooms whose first records are in memory no more, and what is asked of the store from then on. */
async function startInRooms(count: number) {
  const roomLog = createScriptedRoomLog();
  const t = startSignaling({ roomLog, rooms: { maxRooms: 100 }, sessions: { maxRooms: 100 } });
  const ada = await t.connect({ identity: 'ada' });
  const text = 'x'.repeat(15_000);
  const places = [];
  for (const room of Array.from({ length: count }, (_, index) => `room-${index}`)) {
    const { log } = await ada.call('room.join', { room });
    const first = await ada.say(text, { room, clientId: `${room}-first` });
    for (let index = 0; index < 40; index++) {
      t.clock.advance(1_000);
      await ada.say(text, { room, clientId: `${room}-${index}` });
    }
    places.push({ room, epoch: log.epoch, seq: first.seq, messageId: first.messageId });
  }
  const calls: (readonly ReadRequest[])[] = [];
  const { read } = roomLog;
  roomLog.read = (requests) => {
    calls.push([...requests]);
    return read(requests);
  };
  return { t, ada, places, calls };
}

test('what many rooms miss is read from the store in one call, of no more than one answer holds, and nothing is left out', async () => {
  const { ada, places, calls } = await startInRooms(8);
  const missing = new Map(places.map((place) => [place.room, place]));
  let answers = 0;
  while (missing.size > 0 && answers < 50) {
    answers += 1;
    const before = calls.length;
    const rooms = [...missing.values()].map(({ room, epoch, seq, messageId }) => ({
      room,
      cursor: { epoch, seq, messageId },
    }));
    for (const sync of (await ada.call('log.sync', { rooms })).rooms) {
      expect(sync.status).toBe('records');
      const place = missing.get(sync.room)!;
      for (const { seq, messageId } of sync.records) {
        expect(seq).toBe(place.seq + 1);
        Object.assign(place, { seq, messageId });
      }
      if (!sync.more) missing.delete(sync.room);
    }
    expect(calls.length - before).toBeLessThanOrEqual(1);
    const asked = (calls[before] ?? []).reduce((sum, { maxBytes }) => sum + maxBytes, 0);
    expect(asked).toBeLessThanOrEqual(maxSyncBytes);
  }
  expect(missing.size).toBe(0);
});

test('forged cursors use up the answer too: the store reads no more for them than one answer holds', async () => {
  const { t, ada, places, calls } = await startInRooms(8);
  const forged = places.map(({ room, epoch }) => ({ room, cursor: { epoch, seq: 2, messageId: 'forged' } }));
  const { rooms } = await ada.call('log.sync', { rooms: forged });
  expect(rooms.map(({ gapReason }) => gapReason)).toEqual(rooms.map(() => 'fork'));
  expect(calls.length).toBe(1);
  expect(calls.flat().reduce((sum, { maxBytes }) => sum + maxBytes, 0)).toBeLessThanOrEqual(maxSyncBytes);
  expect(t.signaling.stats().logGaps).toEqual({ epoch: 0, trimmed: 0, fork: 8, slow: 0 });
});

test('a cursor that the store has just trimmed away is told so, though the room was not told yet', async () => {
  const { t, ada, places } = await startInRooms(1);
  const { room, epoch, seq, messageId } = places[0]!;
  await t.roomLog.trim(room, { beforeMs: 0, keep: 5 });
  const { rooms } = await ada.call('log.sync', { rooms: [{ room, cursor: { epoch, seq, messageId } }] });
  expect(rooms).toMatchObject([{ status: 'gap', gapReason: 'trimmed', head: { firstSeq: 37 } }]);
});
