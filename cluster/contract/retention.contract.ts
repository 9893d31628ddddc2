import { describe, expect, test } from 'vitest';
import { ContractRoom, newRecord, type OpenLog } from './room.contract.ts';

const never = { beforeMs: 0, keep: 0 };

export function describeRetention(open: OpenLog): void {
  const filled = async (count: number): Promise<ContractRoom> => {
    const room = await ContractRoom.open(open);
    await room.log.append(Array.from({ length: count }, (_, at) => newRecord(room.name, { atMs: 1000 + at + 1 })));
    return room;
  };
  const left = async (room: ContractRoom): Promise<number[]> => (await room.read()).records.map(({ seq }) => seq);

  describe('trim()', () => {
    test('without limits forgets nothing', async () => {
      const room = await filled(3);
      expect(await room.log.trim(room.name, never)).toEqual({ trimmed: 0, more: false });
      expect(await left(room)).toEqual([1, 2, 3]);
    });

    test('forgets what is older than a time', async () => {
      const room = await filled(5);
      expect(await room.trimAll({ beforeMs: 1003, keep: 0 })).toBe(2);
      expect(await left(room)).toEqual([3, 4, 5]);
    });

    test('forgets all but the newest', async () => {
      const room = await filled(5);
      expect(await room.trimAll({ beforeMs: 0, keep: 2 })).toBe(3);
      expect(await left(room)).toEqual([4, 5]);
      expect(await room.trimAll({ beforeMs: 0, keep: 9 })).toBe(0);
    });

    test('with both limits forgets what either of them forgets', async () => {
      const room = await filled(6);
      expect(await room.trimAll({ beforeMs: 1003, keep: 2 })).toBe(4);
      expect(await left(room)).toEqual([5, 6]);
    });

    test('says of the head what is the oldest, and which record went last', async () => {
      const room = await filled(3);
      const second = (await room.read()).records[1]?.messageId;
      const before = await room.head();
      await room.trimAll({ beforeMs: 1003, keep: 0 });
      expect(await room.head()).toEqual({ ...before, firstSeq: 3, trimmedMessageId: second });
      const page = await room.read({ from: { after: 2 } });
      expect([page.fingerprint, page.records.length]).toEqual(['', 1]);
    });

    test('may leave nothing, and numbers go on', async () => {
      const room = await filled(3);
      const { messageId } = await room.head();
      await room.trimAll({ beforeMs: 2000, keep: 0 });
      expect(await room.head()).toMatchObject({ seq: 3, firstSeq: 4, messageId, trimmedMessageId: messageId });
      expect(await room.log.rooms(room.name.slice(0, -1), 1)).not.toContain(room.name);
      expect((await room.message()).seq).toBe(4);
      expect(await left(room)).toEqual([4]);
    });

    test('forgets many records a bounded number at a time', async () => {
      const room = await filled(3000);
      const first = await room.log.trim(room.name, { beforeMs: 0, keep: 10 });
      expect(first.more).toBe(true);
      expect(first.trimmed).toBeLessThanOrEqual(1000);
      expect(first.trimmed + (await room.trimAll({ beforeMs: 0, keep: 10 }))).toBe(2990);
    });

    test('what was forgotten is not found, not counted, and no target', async () => {
      const room = await ContractRoom.open(open);
      const { messageId: target } = await room.message({ searchText: 'word', mentions: ['bob'], atMs: 1 });
      await room.amend({ kind: 'mark', target, key: 'a', member: 'b', maxKeys: 9 }, { atMs: 3 });
      await room.trimAll({ beforeMs: 2, keep: 0 });
      expect(await room.found('word')).toEqual([]);
      const [counted] = await room.log.count([{ room: room.name, after: 0, identity: 'bob', limit: 9 }]);
      expect(counted).toEqual({ messages: 0, mentions: 0 });
      expect(await room.refusal({ kind: 'erase', target, payload: '' })).toBe('target-missing');
    });

    test('facts and watermarks outlive it', async () => {
      const room = await ContractRoom.open(open);
      await room.message({ facts: { key: 'value' } });
      await room.log.mark([{ room: room.name, identity: 'ann', delivered: 1, read: 1 }]);
      await room.trimAll({ beforeMs: 9_999_999, keep: 0 });
      expect(await room.facts()).toEqual({ key: 'value' });
      expect(await room.log.watermarks(room.name)).toHaveLength(1);
    });

    test('watermarks go when neither records nor facts are left', async () => {
      const room = await ContractRoom.open(open);
      await room.message({ facts: { key: 'value' } });
      await room.message({ facts: { key: null } });
      const many = Array.from({ length: 1500 }, (_, at) => `i${at}`);
      await room.log.mark(many.map((identity) => ({ room: room.name, identity, delivered: 1, read: 1 })));
      await room.trimAll({ beforeMs: 0, keep: 1 });
      expect(await room.log.watermarks(room.name)).toHaveLength(1000);
      await room.trimAll({ beforeMs: 9_999_999, keep: 0 });
      expect(await room.log.watermarks(room.name)).toEqual([]);
      expect((await room.message()).seq).toBe(3);
    });

    test('a client id is known for a day, although its record was forgotten', async () => {
      const room = await ContractRoom.open(open);
      const atMs = Date.now() - 60_000;
      const first = await room.message({ clientId: 'c1', atMs });
      await room.trimAll({ beforeMs: atMs + 1, keep: 0 });
      expect(await room.message({ clientId: 'c1' })).toEqual({ ...first, duplicate: true });
      expect((await room.append({ clientId: 'c1', contentHash: 'other' }))[0]?.outcome).toBe('conflict');
    });

    test('a client id is known for longer than a day while its record is there, and not when both are over', async () => {
      const room = await ContractRoom.open(open);
      const atMs = Date.now() - 25 * 60 * 60 * 1000;
      const first = await room.message({ clientId: 'c1', atMs });
      await room.trimAll(never);
      expect(await room.message({ clientId: 'c1' })).toEqual({ ...first, duplicate: true });
      await room.trimAll({ beforeMs: atMs + 1, keep: 0 });
      expect(await room.message({ clientId: 'c1' })).toMatchObject({ seq: 2, duplicate: false });
    });
  });
}
