import { describe, expect, test } from 'vitest';
import { createMessageId } from '../../core/ids.ts';
import { ContractRoom, newRecord, type OpenLog, randomRoom } from './room.contract.ts';

export function describeAppends(open: OpenLog): void {
  describe('append()', () => {
    test('numbers the records of each room 1, 2, 3, … however rooms are mixed in a batch', async () => {
      const room = await ContractRoom.open(open);
      const other = randomRoom();
      const names = [room.name, other, other, room.name, room.name, other];
      const results = await room.log.append(names.map((name) => newRecord(name)));
      expect(results.map((it) => it.outcome === 'appended' && it.seq)).toEqual([1, 1, 2, 2, 3, 3]);
      expect((await room.message()).seq).toBe(4);
    });

    test('carries out calls in the order in which they were made', async () => {
      const room = await ContractRoom.open(open);
      const calls = Array.from({ length: 20 }, () => room.message());
      const page = room.read();
      expect((await Promise.all(calls)).map(({ seq }) => seq)).toEqual(calls.map((_, at) => at + 1));
      expect((await page).records).toHaveLength(20);
    });

    test('answers with the id and time that the caller gave, in the epoch of the room', async () => {
      const room = await ContractRoom.open(open);
      const messageId = createMessageId();
      const { epoch } = await room.head();
      const answer = { outcome: 'appended', epoch, seq: 1, messageId, atMs: 1234, duplicate: false };
      expect(await room.append({ messageId, atMs: 1234 })).toEqual([answer]);
      expect(await room.head()).toMatchObject({ epoch, seq: 1, messageId, firstSeq: 1, trimmedMessageId: '' });
    });

    test('an empty batch appends nothing', async () => {
      const room = await ContractRoom.open(open);
      expect(await room.log.append([])).toEqual([]);
    });

    test('the same client id again is answered as the first time, and appends nothing', async () => {
      const room = await ContractRoom.open(open);
      const first = await room.message({ clientId: 'c1', contentHash: 'h', atMs: 5 });
      const again = await room.message({ clientId: 'c1', contentHash: 'h', atMs: 9 });
      expect(again).toEqual({ ...first, duplicate: true });
      expect((await room.head()).seq).toBe(1);
    });

    test('the same client id twice in one batch is a duplicate, and with another content a conflict', async () => {
      const room = await ContractRoom.open(open);
      const one = { clientId: 'c1', contentHash: 'h' };
      const results = await room.append(one, {}, one, { ...one, contentHash: 'other' }, {});
      expect(results.map((it) => (it.outcome === 'appended' ? [it.seq, it.duplicate] : it.outcome))).toEqual([
        [1, false],
        [2, false],
        [1, true],
        'conflict',
        [3, false],
      ]);
      expect((await room.read()).records).toHaveLength(3);
    });

    test('a client id belongs to its sender and its room', async () => {
      const room = await ContractRoom.open(open);
      const results = await room.log.append([
        newRecord(room.name, { clientId: 'c1', sender: 'ann', contentHash: '1' }),
        newRecord(room.name, { clientId: 'c1', sender: 'bob', contentHash: '2' }),
        newRecord(randomRoom(), { clientId: 'c1', sender: 'ann', contentHash: '3' }),
      ]);
      expect(results.map((it) => it.outcome === 'appended' && it.duplicate)).toEqual([false, false, false]);
    });

    test('without a client id nothing is a retry', async () => {
      const room = await ContractRoom.open(open);
      await room.append({}, {});
      expect((await room.head()).seq).toBe(2);
    });

    test('one that is to be a retry only is answered as the first time, and otherwise appends nothing', async () => {
      const room = await ContractRoom.open(open);
      const retry = { clientId: 'c1', retryOnly: true, facts: { key: 'value' } } as const;
      const refused = { outcome: 'refused', why: 'not-earlier' };
      expect(await room.append(retry, { retryOnly: true })).toEqual([refused, refused]);
      const first = await room.message({ clientId: 'c1' });
      const results = await room.append(retry, { ...retry, contentHash: 'other' }, { ...retry, sender: 'bob' });
      expect(results).toEqual([{ ...first, duplicate: true }, { outcome: 'conflict' }, refused]);
      expect(await room.facts()).toEqual({});
      expect((await room.message()).seq).toBe(2);
    });

    test('one that is to be a retry only finds an amendment although its target is erased by now', async () => {
      const room = await ContractRoom.open(open);
      const { messageId: target } = await room.message();
      const amendment = { kind: 'erase', target, payload: '' } as const;
      const retry = { kind: 'change', searchText: '', amendment, clientId: 'c1' };
      const first = await room.message(retry);
      expect(await room.append({ ...retry, retryOnly: true })).toEqual([{ ...first, duplicate: true }]);
    });

    test('racing retries append once', async () => {
      const room = await ContractRoom.open(open);
      const tries = await Promise.all(Array.from({ length: 10 }, () => room.message({ clientId: 'c1' })));
      expect(new Set(tries.map(({ messageId }) => messageId)).size).toBe(1);
      expect(tries.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    });

    test('records are read as they were written, whatever the letters', async () => {
      const room = await ContractRoom.open(open);
      const payload = JSON.stringify({ text: 'naïve 🤷🏽‍♀️ "quotes" \n\u0000 中文' });
      const parts = {
        payload,
        kind: 'message',
        sender: 'zoë',
        clientId: 'ü',
        threadId: 'm_thread',
        atMs: 1_700_000_000_123,
      };
      const { messageId } = await room.message(parts);
      expect((await room.read()).records).toEqual([
        { ...parts, seq: 1, messageId, erased: false, marks: {}, amendedSeq: 0 },
      ]);
    });
  });

  describe('facts', () => {
    test('hold from the append that sets them, until one removes them', async () => {
      const room = await ContractRoom.open(open);
      expect(await room.facts()).toEqual({});
      await room.append({ facts: { settings: '{}', 'ban:eve': '{}' } }, { facts: { settings: '{"a":1}' } });
      expect(await room.facts()).toEqual({ settings: '{"a":1}', 'ban:eve': '{}' });
      await room.message({ facts: { 'ban:eve': null, 'never:set': null } });
      expect(await room.facts()).toEqual({ settings: '{"a":1}' });
    });

    test('of an append that was a duplicate, a conflict or refused are not set', async () => {
      const room = await ContractRoom.open(open);
      const amendment = { kind: 'erase', target: 'm_missing', payload: '' } as const;
      await room.append(
        { clientId: 'c1', facts: { key: 'first' } },
        { clientId: 'c1', facts: { key: 'second' } },
        { clientId: 'c1', contentHash: 'other', facts: { key: 'third' } },
        { amendment, facts: { key: 'fourth' } },
      );
      expect(await room.facts()).toEqual({ key: 'first' });
    });

    test('are of one room', async () => {
      const room = await ContractRoom.open(open);
      const other = randomRoom();
      await room.message({ facts: { key: 'here' } });
      const memories = await room.log.open([other, room.name]);
      expect(memories.map(({ facts }) => facts)).toEqual([{}, { key: 'here' }]);
    });
  });

  describe('open()', () => {
    test('gives a room that there was not an epoch, which stays', async () => {
      const room = await ContractRoom.open(open);
      const head = await room.head();
      expect(head).toMatchObject({ seq: 0, messageId: '', firstSeq: 1, trimmedMessageId: '' });
      expect(head.epoch).not.toBe('');
      expect(await room.head()).toEqual(head);
      expect((await room.message()).epoch).toBe(head.epoch);
    });

    test('answers for many rooms in the order asked for, each with its own epoch', async () => {
      const room = await ContractRoom.open(open);
      const names = Array.from({ length: 100 }, randomRoom);
      await room.log.append(names.map((name) => newRecord(name, { payload: name })));
      const heads = (await room.log.open(names)).map(({ head }) => head);
      expect(new Set(heads.map(({ epoch }) => epoch)).size).toBe(100);
      const pages = await room.log.read(
        names.map((name) => ({ room: name, from: { after: 0 }, maxRecords: 1, maxBytes: 1 })),
      );
      expect(pages.map(({ records }) => records[0]?.payload)).toEqual(names);
      expect(pages.map(({ head }) => head)).toEqual(heads);
    });
  });

  describe('bumpEpoch()', () => {
    test('starts another epoch when the given one holds, and numbers go on', async () => {
      const room = await ContractRoom.open(open);
      const { epoch } = await room.message({ clientId: 'c1' });
      const next = await room.log.bumpEpoch(room.name, epoch);
      expect(next).not.toBe(epoch);
      expect(await room.log.bumpEpoch(room.name, epoch)).toBe(next);
      expect((await room.head()).epoch).toBe(next);
      expect(await room.message()).toMatchObject({ epoch: next, seq: 2 });
      expect(await room.message({ clientId: 'c1' })).toMatchObject({ epoch: next, seq: 1, duplicate: true });
    });

    test('of many at once, one wins and all hear of the same epoch', async () => {
      const room = await ContractRoom.open(open);
      const { epoch } = await room.head();
      const answers = await Promise.all(Array.from({ length: 5 }, () => room.log.bumpEpoch(room.name, epoch)));
      expect(new Set(answers).size).toBe(1);
    });
  });
}
