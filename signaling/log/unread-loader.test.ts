import { expect, test } from 'vitest';
import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import { type RoomLog, StoreError } from '../../cluster/room-log.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { createMessageId, type RoomId } from '../../core/ids.ts';
import { startSignaling } from '../testing/start-signaling.ts';
import { maxReadersOfCall, maxWaitingReaders, UnreadLoader } from './unread-loader.ts';

const people = 500;
const room = 'lobby' as RoomId;
const identities = Array.from({ length: people }, (_, index) => `person-${index}`);

/** A room with a message of each person, of which person n has read n. */
async function startFilled() {
  const memory = createMemoryRoomLog({ clock: new FakeClock() });
  await memory.append(
    identities.map((sender) => ({
      room,
      messageId: createMessageId(),
      kind: 'message',
      sender,
      clientId: '',
      contentHash: '',
      atMs: 1,
      payload: '{"message":{"text":"hi"}}',
      searchText: 'hi',
      mentions: [],
      threadId: '',
    })),
  );
  await memory.mark(identities.map((identity, read) => ({ room, identity, delivered: read, read })));
  /** How many readers each call named. */
  const asked = { watermarksOf: [] as number[], count: [] as number[] };
  let failing = false;
  const roomLog: RoomLog = {
    ...memory,
    watermarksOf(who) {
      asked.watermarksOf.push(who.length);
      return memory.watermarksOf(who);
    },
    count(requests) {
      asked.count.push(requests.length);
      return failing ? Promise.reject(new StoreError('busy', 'busy')) : memory.count(requests);
    },
  };
  const fail = (isFailing: boolean) => {
    failing = isFailing;
  };
  return { roomLog, asked, fail };
}

test('500 people who join in one turn are counted in one call, and each is told what it has not read', async () => {
  const { roomLog, asked } = await startFilled();
  const t = startSignaling({ roomLog, rooms: { maxPeers: people } });
  const clients = await Promise.all(identities.map((identity) => t.connect({ identity })));
  const snapshots = await Promise.all(clients.map((client) => client.call('room.join', { room })));
  expect(snapshots.map(({ unread }) => unread)).toEqual(
    // The message behind what it has read is its own.
    identities.map((_, read) => ({ deliveredSeq: read, readSeq: read, messages: people - read - 1, mentions: 0 })),
  );
  expect(asked).toEqual({ watermarksOf: [people], count: [people] });
});

test('500 people who come back in one turn are counted in one call, each from where it is at least', async () => {
  const { roomLog, asked } = await startFilled();
  const t = startSignaling({ roomLog, rooms: { maxPeers: people } });
  const lost = await Promise.all(identities.map((identity) => t.join({ identity }, room)));
  for (const { link } of lost) link.lose();
  asked.watermarksOf.length = asked.count.length = 0;
  const answers = await Promise.all(
    lost.map((client, index) => t.open().connect(t.verifier.issue({ identity: identities[index]! }), client)),
  );
  expect(answers.map(({ rooms }) => rooms[0]?.unread.readSeq)).toEqual(identities.map((_, read) => read));
  expect(asked).toEqual({ watermarksOf: [people], count: [people] });
});

test('who has been marked further than the store knows is counted from there', async () => {
  const { roomLog } = await startFilled();
  const loader = new UnreadLoader(roomLog);
  const known = { deliveredSeq: people, readSeq: people - 3, messages: 0, mentions: 0 };
  const [further, behind] = await Promise.all([
    loader.load({ room, identity: 'person-0', known }),
    loader.load({ room, identity: 'person-499', known: { ...known, readSeq: 1 } }),
  ]);
  expect(further).toEqual({ ...known, messages: 3 });
  expect(behind).toEqual({ deliveredSeq: people, readSeq: people - 1, messages: 0, mentions: 0 });
});

test('a store that fails is told to all who wait for that call, and asked again by the next one', async () => {
  const { roomLog, fail } = await startFilled();
  const loader = new UnreadLoader(roomLog);
  const load = (identity: string) => loader.load({ room, identity });
  fail(true);
  for (const outcome of await Promise.allSettled(identities.map(load))) {
    expect(outcome).toMatchObject({ reason: { reason: 'STORE_BUSY' } });
  }
  fail(false);
  expect((await load('person-7')).readSeq).toBe(7);
});

test('a call has a bound of readers, and beyond the bound of those that wait the answer is STORE_BUSY', async () => {
  const memory = createMemoryRoomLog();
  const asked: number[] = [];
  const loader = new UnreadLoader({
    watermarksOf: (who) => memory.watermarksOf(who),
    count(requests) {
      asked.push(requests.length);
      return memory.count(requests);
    },
  });
  const loads = Array.from({ length: maxWaitingReaders }, (_, index) => loader.load({ room, identity: `i${index}` }));
  await expect(loader.load({ room, identity: 'eve' })).rejects.toMatchObject({ reason: 'STORE_BUSY' });
  await Promise.all(loads);
  expect(asked).toEqual(new Array(maxWaitingReaders / maxReadersOfCall).fill(maxReadersOfCall));
  await loader.load({ room, identity: 'eve' });
});
