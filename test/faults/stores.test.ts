// Stores that fail below a whole server. At once, because most of it is waiting: for processes to start, and for a client to
// try again.

import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Room } from '../../client/src/index.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { ServerProcess } from '../support/server-process.ts';
import { countedFrom, Member, seqsOf, toCursor } from './member.ts';
import { connectSdk } from './sdk-reader.ts';
import { canMount, fillUp, mountSmallDisk } from './small-disk.ts';

const room = 'standup';
/** What a full disk leaves for the store at first. */
const spareBytes = 512 * 1024;
const sqlite: readonly string[] = [];
const memory = ['store.engine=memory'];

async function sendAll(member: Member, name: string, count: number) {
  const receipts = [];
  for (const n of countedFrom(1, count)) receipts.push(await member.send(room, `${name}-${n}`));
  return receipts;
}

/** What an application is told: gaps and records in their order. */
function follow({ chat }: Room) {
  const told: (LogRecord | string)[] = [];
  chat.on('gap', ({ reason }) => told.push(reason));
  chat.on('records', ({ records }) => told.push(...records));
  return {
    gaps: () => told.filter((it) => typeof it === 'string'),
    /** The client ids of messages behind the last gap. */
    sinceGap: () =>
      told
        .slice(told.findLastIndex((it) => typeof it === 'string') + 1)
        .flatMap((it) => (typeof it !== 'string' && it.kind === 'message' ? [it.clientId] : [])),
  };
}

const messagesOf = (records: readonly LogRecord[]): string[] =>
  records.flatMap(({ kind, clientId }) => (kind === 'message' ? [clientId] : []));

const names = (name: string, count: number): string[] => countedFrom(1, count).map((n) => `${name}-${n}`);

describe.skipIf(!requireOrSkip('mediasoup')).concurrent('a server', { timeout: 120_000 }, () => {
  test('that comes back with an older copy of its data tells every reader of a fork, and goes on in order', async () => {
    await using server = await ServerProcess.start();
    const database = join(server.dataDir, 'room-log.db');
    const copy = join(server.dataDir, 'copy.db');
    const [early] = await sendAll(await Member.join(server, 'ada', room), 'kept', 5);
    await server.stop();
    copyFileSync(database, copy);
    await server.startAgain();
    const sdk = await connectSdk(server, 'cleo');
    const joined = await sdk.join(room);
    const told = follow(joined);
    const lost = await sendAll(await Member.join(server, 'ada', room), 'lost', 10);
    await eventually(() => told.sinceGap().length === 10, 'what will be lost');
    await server.kill();
    for (const suffix of ['-wal', '-shm']) rmSync(`${database}${suffix}`, { force: true });
    copyFileSync(copy, database);
    await server.startAgain();

    const bob = await Member.join(server, 'bob', room);
    // The newest is beyond the log of now; the first may have a number that was given again.
    for (const receipt of [lost.at(-1), lost[0]]) {
      expect(await bob.sync(room, toCursor(receipt ?? fail()))).toMatchObject({ status: 'gap', gapReason: 'fork' });
    }
    const ada = await Member.join(server, 'ada', room);
    await sendAll(ada, 'new', 12);
    // Now all numbers were given again.
    for (const receipt of lost) {
      expect(await bob.sync(room, toCursor(receipt))).toMatchObject({ status: 'gap', gapReason: 'fork', records: [] });
    }
    const caughtUp = await bob.sync(room, toCursor(early ?? fail()));
    expect(caughtUp.status).toBe('records');
    expect(messagesOf(caughtUp.records)).toEqual([...names('kept', 5).slice(1), ...names('new', 12)]);
    expect(seqsOf(caughtUp.records)).toEqual(countedFrom((early?.seq ?? 0) + 1, caughtUp.records.length));
    expect(messagesOf(bob.heard(room))).toEqual(names('new', 12));

    // It shows the room anew, as it is, and hears of what comes next.
    await eventually(() => messagesOf(joined.chat.records).at(-1) === 'new-12', 'the room anew at the SDK');
    expect(told.gaps()).toEqual(['fork']);
    await sendAll(ada, 'next', 3);
    await eventually(() => told.sinceGap().at(-1) === 'next-3', 'the newest message at the SDK');
    expect(told.sinceGap().slice(-3)).toEqual(names('next', 3));
    while (joined.chat.hasOlder) await joined.chat.loadOlder();
    expect(messagesOf(joined.chat.records)).toEqual([...names('kept', 5), ...names('new', 12), ...names('next', 3)]);
    expect(seqsOf(joined.chat.records)).toEqual(countedFrom(1, joined.chat.records.length));
    expect(await server.metric('parley_log_gaps_total{reason="fork"}')).toBeGreaterThan(lost.length);
    await sdk.close();
  });

  test('that comes back with another engine tells every reader of another epoch, and has its data when it is set back', async () => {
    await using server = await ServerProcess.start({ options: sqlite });
    const onDisk = await sendAll(await Member.join(server, 'ada', room), 'disk', 5);
    const sdk = await connectSdk(server, 'cleo');
    const joined = await sdk.join(room);
    const told = follow(joined);
    const enter = async (options: readonly string[], back: number) => {
      await server.stop();
      await server.startAgain(options);
      const bob = await Member.join(server, 'bob', room);
      await eventually(() => told.gaps().length === back, 'the gap at the SDK');
      return bob;
    };

    const inMemory = await enter(memory, 1);
    expect(await inMemory.sync(room, toCursor(onDisk[4] ?? fail()))).toMatchObject({
      status: 'gap',
      gapReason: 'epoch',
    });
    const [volatile] = await sendAll(inMemory, 'volatile', 3);
    expect(volatile).toMatchObject({ durability: 'memory', duplicate: false });
    await eventually(() => told.sinceGap().length === 3, 'what is in memory');

    const again = await enter(sqlite, 2);
    expect(await again.sync(room, toCursor(volatile ?? fail()))).toMatchObject({ status: 'gap', gapReason: 'epoch' });
    const page = await again.sync(room, toCursor(onDisk[0] ?? fail()));
    expect(page.status).toBe('records');
    expect(messagesOf(await again.readAll(room))).toEqual(names('disk', 5));
    const ada = await Member.join(server, 'ada', room);
    expect(await ada.send(room, 'disk-5')).toMatchObject({ ...onDisk[4], duplicate: true });
    await sendAll(ada, 'later', 2);
    await eventually(() => told.sinceGap().length === 2, 'what came later');
    expect(told.gaps()).toEqual(['epoch', 'epoch']);
    expect(told.sinceGap()).toEqual(names('later', 2));
    while (joined.chat.hasOlder) await joined.chat.loadOlder();
    expect(messagesOf(joined.chat.records)).toEqual([...names('disk', 5), ...names('later', 2)]);
    await sdk.close();
  });

  test.skipIf(!canMount())(
    'with a full disk refuses what is new so that it can be tried again, and takes nothing else away',
    async () => {
      using disk = mountSmallDisk();
      await using server = await ServerProcess.start({ folder: disk.folder });
      const ada = await Member.join(server, 'ada', room);
      const bob = await Member.join(server, 'bob', room);
      const sdk = await connectSdk(server, 'cleo');
      const cleo = await sdk.join(room);
      const first = await ada.send(room, 'first', 'there was space once');
      const filler = join(disk.folder, 'filler');
      fillUp(filler, spareBytes);

      const text = 'x'.repeat(16_000);
      let taken = 0;
      const refused = await eventually(async () => {
        const answer = await ada.call('chat.send', { room, clientId: `large-${taken}`, text });
        if (answer.result) taken++;
        return answer.error;
      }, 'a refusal');
      expect(refused.data).toMatchObject({ reason: 'STORE_UNAVAILABLE', code: 'UNAVAILABLE' });
      expect(refused.data.retryAfterMs).toBeGreaterThan(0);
      const ready = await fetch(`${server.url}/ready`);
      expect([ready.status, await ready.json()]).toEqual([
        200,
        { status: 'ready', degraded: [expect.stringContaining('no space left')] },
      ]);
      expect(await server.metric('parley_store_writable')).toBe(0);
      expect(await server.metric('parley_store_failures_total{kind="full"}')).toBeGreaterThan(0);
      const sending = cleo.chat.send(`${text}, written into a full disk`);

      // Who is there reads on, and others come in. What is as small as the record of a joining may still have found a place.
      const before = await bob.readAll(room);
      expect(before.filter(({ kind }) => kind === 'message')).toHaveLength(1 + taken);
      expect(seqsOf(before)).toEqual(countedFrom(1, before.length));
      expect(await bob.get('log.search', { room, query: 'space once' })).toMatchObject({
        records: [{ messageId: first.messageId }],
      });
      expect(await bob.sync(room, toCursor(first))).toMatchObject({ status: 'records' });
      const late = await Member.join(server, 'dora', room);
      expect(seqsOf(await late.readAll(room)).slice(0, before.length)).toEqual(seqsOf(before));
      const other = await Member.join(server, 'ada', 'a-room-that-nobody-was-in');
      expect((await other.readAll('a-room-that-nobody-was-in')).length).toBeLessThanOrEqual(1);
      expect(cleo.chat.outgoing).toMatchObject([{ state: 'sending' }]);

      rmSync(filler);
      const again = await ada.send(room, `large-${taken}`, text);
      expect(again).toMatchObject({ duplicate: false, durability: 'disk' });
      // What the SDK kept goes by itself.
      await expect(sending.sent).resolves.toMatchObject({ duplicate: false });
      const after = await bob.readAll(room);
      expect(seqsOf(after)).toEqual(countedFrom(1, after.length));
      expect(after.filter(({ kind }) => kind === 'message')).toHaveLength(taken + 3);
      await eventually(() => bob.heard(room).at(-1)?.seq === after.length, 'the newest record at Bob’s');
      const heard = seqsOf(bob.heard(room));
      expect(heard).toEqual(countedFrom(heard[0] ?? 0, heard.length));
      expect(await (await fetch(`${server.url}/ready`)).json()).toEqual({ status: 'ready' });
      expect(await server.metric('parley_store_writable')).toBe(1);
      await sdk.close();
    },
  );
});

function fail(): never {
  throw new Error('no receipt');
}
