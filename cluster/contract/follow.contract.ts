// What engines do that several nodes write to: two logs of one store.

import { afterAll, describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import type { Head, LogNews, LogPush, PushedRecord, RoomLog } from '../room-log.ts';
import { change, newRecord, randomRoom } from './room.contract.ts';

export interface SharedLogs extends AsyncDisposable {
  /** Each with the life of the node that it is of. */
  readonly one: { readonly log: RoomLog; readonly life: string };
  readonly other: { readonly log: RoomLog; readonly life: string };
  /** Another owner of the room, with the next term. */
  nextTerm(room: string): Promise<number>;
}

type Trimmed = Pick<Head, 'epoch' | 'firstSeq' | 'trimmedMessageId'>;

class Follower implements LogNews {
  readonly pushes: LogPush[] = [];
  readonly trims: Trimmed[] = [];
  interruptions = 0;

  get records(): PushedRecord[] {
    return this.pushes.flatMap((push) => push.records());
  }

  pushed(push: LogPush): void {
    this.pushes.push(push);
  }

  trimmed(head: Trimmed): void {
    this.trims.push(head);
  }

  interrupted(): void {
    this.interruptions += 1;
  }

  /** Resolves when it was told of so many records. */
  async told(count: number): Promise<PushedRecord[]> {
    await eventually(() => this.pushes.reduce((sum, push) => sum + push.count, 0) >= count, `${count} records`);
    return this.records;
  }
}

export function describeFollowing(engine: string, open: () => Promise<SharedLogs>): void {
  // All on the same two logs.
  describe.sequential(`room log of several nodes: ${engine}`, () => {
    let opened: Promise<SharedLogs> | undefined;
    const shared = () => {
      opened ??= open();
      return opened;
    };
    afterAll(async () => (await opened)?.[Symbol.asyncDispose]());

    test('what one appends is told to the other and to itself, as it is read', async () => {
      const { one, other } = await shared();
      const room = randomRoom();
      const followers = [new Follower(), new Follower()] as const;
      await one.log.follow(room, followers[0]);
      await other.log.follow(room, followers[1]);
      const payload = JSON.stringify({ text: 'naïve 🤷🏽‍♀️ \n\u0000 中文' });
      const thread = newRecord(room, { payload, sender: 'zoë', clientId: 'ü', threadId: 'm_thread', atMs: 12 });
      await one.log.append([newRecord(room, { clientId: 'c1' }), thread]);
      const [page] = await other.log.read([{ room, from: { after: 0 }, maxRecords: 9, maxBytes: 9_999 }]);
      const read = page!.records.map(({ erased: _, marks: __, amendedSeq: ___, ...record }) => record);
      for (const follower of followers) {
        expect(await follower.told(2)).toEqual(read);
        expect(follower.pushes).toMatchObject([
          { room, epoch: page!.head.epoch, firstSeq: 1, count: 2, previousId: '', origin: one.life },
        ]);
      }
    });

    test('records of both are told in one order, without a hole, each with the id of the one before', async () => {
      const { one, other } = await shared();
      const room = randomRoom();
      const followers = [new Follower(), new Follower()] as const;
      await one.log.follow(room, followers[0]);
      await other.log.follow(room, followers[1]);
      const some = () => Array.from({ length: 3 }, () => newRecord(room));
      await Promise.all(Array.from({ length: 10 }, (_, at) => (at % 2 ? one : other).log.append(some())));
      const [first, second] = [await followers[0].told(30), await followers[1].told(30)];
      expect(first.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
      expect(second).toEqual(first);
      const idOf = (seq: number) => first[seq - 1]?.messageId ?? '';
      for (const { firstSeq, previousId } of followers[1].pushes) expect(previousId).toBe(idOf(firstSeq - 1));
      expect(new Set(followers[0].pushes.map(({ origin }) => origin))).toEqual(new Set([one.life, other.life]));
    });

    test('an answer says which record is before it, as the store had it', async () => {
      const { one, other } = await shared();
      const room = randomRoom();
      const records = [newRecord(room), newRecord(room), newRecord(room)] as const;
      expect(await one.log.append(records.slice(0, 2))).toMatchObject([
        { seq: 1, previousId: '' },
        { seq: 2, previousId: records[0].messageId },
      ]);
      expect(await other.log.append([records[2]])).toMatchObject([{ seq: 3, previousId: records[1].messageId }]);
    });

    test('facts are told with the record that set them', async () => {
      const { one, other } = await shared();
      const room = randomRoom();
      const follower = new Follower();
      await other.log.follow(room, follower);
      const facts = { settings: '{"ä":1}', 'ban:eve': null };
      await one.log.append([newRecord(room), newRecord(room, { facts }), newRecord(room)]);
      expect((await follower.told(3)).map((record) => record.facts)).toEqual([undefined, facts, undefined]);
    });

    test('retries and refusals are not told, nor what is appended to other rooms', async () => {
      const { one, other } = await shared();
      const room = randomRoom();
      const follower = new Follower();
      await other.log.follow(room, follower);
      const first = newRecord(room, { clientId: 'c1' });
      const missing = { kind: 'erase', target: 'm_missing', payload: '' } as const;
      await one.log.append([first, first, { ...first, contentHash: 'other' }, change(room, missing)]);
      await one.log.append([newRecord(randomRoom())]);
      const last = newRecord(room);
      await one.log.append([last]);
      expect((await follower.told(2)).map(({ messageId }) => messageId)).toEqual([first.messageId, last.messageId]);
    });

    test('a retry by another node is answered as the first time', async () => {
      const { one, other } = await shared();
      const record = newRecord(randomRoom(), { clientId: 'c1' });
      const [first] = await one.log.append([record]);
      expect(await other.log.append([record])).toMatchObject([
        { seq: 1, messageId: record.messageId, duplicate: true },
      ]);
      expect(first).toMatchObject({ duplicate: false });
    });

    test('who has ended it is told nothing more, and others of the same room still are', async () => {
      const { one, other } = await shared();
      const room = randomRoom();
      const followers = [new Follower(), new Follower()] as const;
      const end = await other.log.follow(room, followers[0]);
      await other.log.follow(room, followers[1]);
      await one.log.append([newRecord(room)]);
      await followers[0].told(1);
      end();
      end();
      await one.log.append([newRecord(room)]);
      await followers[1].told(2);
      expect(followers[0].pushes).toHaveLength(1);
    });

    test('a trim is told, with the head that it leaves', async () => {
      const { one, other } = await shared();
      const room = randomRoom();
      const follower = new Follower();
      await other.log.follow(room, follower);
      await one.log.append([1, 2, 3].map((atMs) => newRecord(room, { atMs })));
      await one.log.trim(room, { beforeMs: 3, keep: 0 });
      await eventually(() => follower.trims.length > 0, 'it is told of the trim');
      const [memory] = await one.log.open([room]);
      const { epoch, firstSeq, trimmedMessageId } = memory!.head;
      expect(
        follower.trims.map(({ epoch, firstSeq, trimmedMessageId }) => [epoch, firstSeq, trimmedMessageId]),
      ).toEqual([[epoch, firstSeq, trimmedMessageId]]);
    });

    test('what an owner writes is appended in its term alone', async () => {
      const { one, other, nextTerm } = await shared();
      const room = randomRoom();
      const refused = { outcome: 'refused', why: 'not-owner' };
      expect(await one.log.append([newRecord(room, { fence: 1 })])).toEqual([refused]);
      const fence = await nextTerm(room);
      const mine = newRecord(room, { fence, clientId: 'c1', sender: '' });
      expect(await one.log.append([mine, newRecord(room)])).toMatchObject([{ seq: 1 }, { seq: 2 }]);
      await nextTerm(room);
      const late = newRecord(room, { fence, facts: { key: 'value' } });
      expect(await one.log.append([late, newRecord(room), mine])).toMatchObject([
        refused,
        { seq: 3 },
        { seq: 1, duplicate: true },
      ]);
      expect((await other.log.open([room]))[0]).toMatchObject({ head: { seq: 3 }, facts: {} });
    });

    test('another epoch is the one that records are told in from then on', async () => {
      const { one, other } = await shared();
      const room = randomRoom();
      const follower = new Follower();
      await other.log.follow(room, follower);
      await one.log.append([newRecord(room)]);
      const [memory] = await one.log.open([room]);
      const epoch = await other.log.bumpEpoch(room, memory!.head.epoch);
      await one.log.append([newRecord(room)]);
      await follower.told(2);
      expect(follower.pushes.map((push) => push.epoch)).toEqual([memory!.head.epoch, epoch]);
    });
  });
}
