import { expect, test } from 'vitest';
import { createScriptedRoomLog } from '../testing/scripted-room-log.ts';
import { startSignaling } from '../testing/start-signaling.ts';

test('forged cursors use up the answer too: the store is read a bounded number of times for them', async () => {
  const roomLog = createScriptedRoomLog();
  const t = startSignaling({ roomLog, rooms: { maxRooms: 100 }, sessions: { maxRooms: 100 } });
  const ada = await t.connect({ identity: 'ada' });
  const text = 'x'.repeat(15_000);
  const names = Array.from({ length: 8 }, (_, index) => `room-${index}`);
  const cursors = [];
  for (const room of names) {
    const { log } = await ada.call('room.join', { room });
    for (let index = 0; index < 100; index++) {
      t.clock.advance(1_000);
      await ada.say(text, { room, clientId: `${room}-${index}` });
    }
    cursors.push({ room, cursor: { epoch: log.epoch, seq: 1, messageId: 'forged' } });
  }
  const before = roomLog.reads();
  const { rooms } = await ada.call('log.sync', { rooms: cursors });
  expect(roomLog.reads() - before).toBeLessThan(names.length);
  expect(rooms[0]).toMatchObject({ status: 'gap', gapReason: 'fork' });
  expect(rooms.at(-1)).toMatchObject({ status: 'records', records: [], more: true });
});
