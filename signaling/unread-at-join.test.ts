import { expect, test } from 'vitest';
import { createMemoryRoomLog } from '../cluster/memory/memory-room-log.ts';
import type { RoomLog } from '../cluster/room-log.ts';
import { defaultRoom as room, startSignaling } from './testing/start-signaling.ts';

/** A store in which something may happen between the counting and the answer that says what was counted. */
function startWithSlowCount() {
  const memory = createMemoryRoomLog();
  let afterCount: (() => Promise<unknown>) | undefined;
  const roomLog: RoomLog = {
    ...memory,
    async count(requests) {
      const counted = await memory.count(requests);
      const happens = afterCount;
      afterCount = undefined;
      await happens?.();
      return counted;
    },
  };
  const t = startSignaling({ roomLog });
  return {
    t,
    afterNextCount(happens: () => Promise<unknown>) {
      afterCount = happens;
    },
  };
}

test('what is written while somebody is on the way into a room is unread in its snapshot', async () => {
  const { t, afterNextCount } = startWithSlowCount();
  const [ada, bob] = [await t.join({ identity: 'ada' }), await t.connect({ identity: 'bob' })];
  await ada.say('before');
  afterNextCount(() => ada.say('meanwhile', { mentions: ['bob'] }));
  const { log, unread } = await bob.call('room.join', { room });
  expect([log.seq, unread]).toEqual([2, { deliveredSeq: 0, readSeq: 0, messages: 2, mentions: 1 }]);
});

test('what is written while somebody comes back is unread in its snapshot', async () => {
  const { t, afterNextCount } = startWithSlowCount();
  const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
  bob.link.lose();
  afterNextCount(() => ada.say('meanwhile'));
  const { rooms } = await t.open().connect(t.verifier.issue({ identity: 'bob' }), bob);
  expect(rooms).toMatchObject([{ log: { seq: 1 }, unread: { readSeq: 0, messages: 1 } }]);
});
