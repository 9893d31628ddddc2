import { describe, expect, test } from 'vitest';
import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import type { RoomLog, StoreError } from '../../cluster/room-log.ts';
import { createScriptedRoomLog } from '../testing/scripted-room-log.ts';
import { defaultRoom as room, startSignaling, type TestSignaling } from '../testing/start-signaling.ts';

/** Two people, and everything that their coming put into the log is told. */
async function startTwo(roomLog = createScriptedRoomLog()) {
  const t = startSignaling({ roomLog });
  const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
  for (let turns = 0; turns < 5; turns++) await t.turns.end();
  for (const { link } of [ada, bob]) link.events.length = 0;
  return { t, ada, bob, roomLog };
}

async function turn(t: TestSignaling, times = 5): Promise<void> {
  for (let turns = 0; turns < times; turns++) await t.turns.end();
}

const message = (clientId: string, text = 'hi') => ({ room, clientId, text });

describe('a store that fails', () => {
  const outcomes: [StoreError['kind'], string][] = [
    ['full', 'STORE_UNAVAILABLE'],
    ['corrupt', 'STORE_UNAVAILABLE'],
    ['closed', 'STORE_UNAVAILABLE'],
    ['busy', 'STORE_BUSY'],
    ['unknown', 'STORE_OUTCOME_UNKNOWN'],
  ];
  test.each(outcomes)('as %s fails the call with %s, which may be tried again', async (kind, reason) => {
    const { ada, bob, roomLog } = await startTwo();
    roomLog.failNext(kind);
    const error = await ada.refusal('chat.send', message('c'));
    expect([error.reason, typeof error.retryAfterMs]).toEqual([reason, 'number']);
    const receipt = await ada.call('chat.send', message('c'));
    expect(receipt.duplicate).toBe(kind === 'unknown');
    expect(bob.link.messages()).toMatchObject([{ seq: receipt.seq, clientId: 'c' }]);
  });

  test('in a way that is not known, and has the record all the same, tells it by itself', async () => {
    const { t, ada, bob, roomLog } = await startTwo();
    roomLog.failNext('unknown');
    await ada.refusal('chat.send', message('c', 'lost answer'));
    await turn(t);
    expect(bob.link.messages()).toMatchObject([{ message: { text: 'lost answer' } }]);
    await ada.say('next');
    const seqs = bob.link.messages().map(({ seq }) => seq);
    expect(seqs).toEqual([seqs[0], seqs[0]! + 1]);
  });

  test('keeps nobody from resuming a session', async () => {
    const { t, ada, roomLog } = await startTwo();
    ada.link.lose();
    roomLog.setBackTo({ ...createMemoryRoomLog(), count: () => Promise.reject(new Error('broken')) });
    const again = t.open();
    const { resumed, rooms } = await again.connect(t.verifier.issue({ identity: 'ada' }), ada);
    expect([resumed, rooms.length]).toEqual([true, 1]);
  });

  test('keeps people out of rooms that are not open', async () => {
    const roomLog = createScriptedRoomLog();
    const broken: RoomLog = { ...createMemoryRoomLog() };
    await broken.close();
    roomLog.setBackTo(broken);
    const t = startSignaling({ roomLog });
    const ada = await t.connect({ identity: 'ada' });
    const error = await ada.refusal('room.join', { room });
    expect([error.reason, t.signaling.stats().rooms]).toEqual(['STORE_UNAVAILABLE', 0]);
  });

  test('because it was set back to an older copy says logGap to everyone, and the room goes on in another epoch', async () => {
    const { t, ada, bob, roomLog } = await startTwo();
    const { epoch } = await ada.say('one');
    await ada.say('two');
    roomLog.setBackTo(emptyCopy(epoch));
    const receipt = await ada.say('three');
    await turn(t);
    expect(receipt.epoch).toBe('another');
    expect(bob.link.of('logGap')).toMatchObject([{ room, reason: 'epoch', head: { epoch: 'another', seq: 1 } }]);
    await ada.say('four');
    expect(bob.link.of('logRecords').at(-1)).toMatchObject({ epoch: 'another', records: [{ seq: 2 }] });
  });
});

test('a store that was set back further than what is in memory is found out all the same', async () => {
  const { t, ada, bob, roomLog } = await startTwo();
  for (let index = 0; index < 140; index++) {
    t.clock.advance(1_000);
    await ada.say(`${index}`);
  }
  const { epoch } = bob.link.of('logRecords').at(-1)!;
  roomLog.setBackTo(emptyCopy(epoch));
  t.clock.advance(1_000);
  expect(await ada.say('after')).toMatchObject({ epoch: 'another', seq: 1 });
  expect(bob.link.of('logGap')).toMatchObject([{ reason: 'epoch', head: { epoch: 'another', seq: 1 } }]);
});

test('facts that are appended while a room fetches what it missed hold afterwards', async () => {
  const { t, ada, bob, roomLog } = await startTwo();
  const mod = await t.join({ identity: 'mod', can: ['join', 'moderate'] });
  await turn(t);
  const { open } = roomLog;
  let muting: Promise<unknown> | undefined;
  roomLog.open = async (rooms) => {
    const memories = await open(rooms);
    if (muting === undefined) {
      // Behind what was found out, and before the records are read.
      muting = mod.call('moderation.muteIdentity', { room, identity: 'bob' });
      await turn(t, 2);
    }
    return memories;
  };
  roomLog.failNext('unknown');
  await ada.refusal('chat.send', message('c', 'lost answer'));
  await turn(t, 10);
  await muting;
  expect(muting).toBeDefined();
  expect(ada.link.messages()).toMatchObject([{ message: { text: 'lost answer' } }]);
  expect((await bob.refusal('chat.send', message('d'))).reason).toBe('MUTED');
  const seqs = ada.link.records().map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, at) => (seqs[0] ?? 0) + at));
});

/** A copy from before anything was said: the same epoch, until there is to be another, and numbers that were given already. */
function emptyCopy(epoch: string): RoomLog {
  const older = createMemoryRoomLog();
  let now = epoch;
  return {
    ...older,
    open: async (rooms) => (await older.open(rooms)).map((one) => ({ ...one, head: { ...one.head, epoch: now } })),
    append: async (records) => (await older.append(records)).map((one) => ({ ...one, epoch: now })),
    bumpEpoch: async () => {
      now = 'another';
      return now;
    },
  };
}
