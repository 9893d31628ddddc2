import { describe, expect, test } from 'vitest';
import type { ReadRequest } from '../room-log.ts';
import { ContractRoom, newRecord, type OpenLog } from './room.contract.ts';

export function describeReads(open: OpenLog): void {
  const filled = async (count: number): Promise<ContractRoom> => {
    const room = await ContractRoom.open(open);
    await room.log.append(Array.from({ length: count }, (_, at) => newRecord(room.name, { payload: `p${at + 1}` })));
    return room;
  };
  const page = async (room: ContractRoom, request: Partial<ReadRequest>) => {
    const { records, more } = await room.read(request);
    return { seqs: records.map(({ seq }) => seq), more };
  };

  describe('read()', () => {
    test('pages forward from behind a number, and says when there is more', async () => {
      const room = await filled(7);
      expect(await page(room, { from: { after: 0 }, maxRecords: 3 })).toEqual({ seqs: [1, 2, 3], more: true });
      expect(await page(room, { from: { after: 3 }, maxRecords: 3 })).toEqual({ seqs: [4, 5, 6], more: true });
      expect(await page(room, { from: { after: 6 }, maxRecords: 3 })).toEqual({ seqs: [7], more: false });
      expect(await page(room, { from: { after: 4 }, maxRecords: 3 })).toEqual({ seqs: [5, 6, 7], more: false });
      expect(await page(room, { from: { after: 7 }, maxRecords: 3 })).toEqual({ seqs: [], more: false });
    });

    test('pages backward from below a number, each page in the order of the log', async () => {
      const room = await filled(7);
      expect(await page(room, { from: { before: 8 }, maxRecords: 3 })).toEqual({ seqs: [5, 6, 7], more: true });
      expect(await page(room, { from: { before: 5 }, maxRecords: 3 })).toEqual({ seqs: [2, 3, 4], more: true });
      expect(await page(room, { from: { before: 2 }, maxRecords: 3 })).toEqual({ seqs: [1], more: false });
      expect(await page(room, { from: { before: 1 }, maxRecords: 3 })).toEqual({ seqs: [], more: false });
    });

    test('absurd numbers read nothing that is not there', async () => {
      const room = await filled(2);
      const far = Number.MAX_SAFE_INTEGER;
      expect(await page(room, { from: { before: far } })).toEqual({ seqs: [1, 2], more: false });
      expect(await page(room, { from: { after: far } })).toEqual({ seqs: [], more: false });
      expect(await page(room, { from: { after: 2 ** 32 } })).toEqual({ seqs: [], more: false });
    });

    test('a page ends before it has more bytes than asked for, but has one record', async () => {
      const room = await ContractRoom.open(open);
      await room.append({ payload: 'ä'.repeat(10) }, { payload: 'b'.repeat(20) }, { payload: 'c' });
      expect(await page(room, { maxBytes: 40 })).toEqual({ seqs: [1, 2], more: true });
      expect(await page(room, { maxBytes: 39 })).toEqual({ seqs: [1], more: true });
      expect(await page(room, { maxBytes: 1 })).toEqual({ seqs: [1], more: true });
      expect(await page(room, { maxBytes: 41 })).toEqual({ seqs: [1, 2, 3], more: false });
      expect(await page(room, { from: { before: 4 }, maxBytes: 21 })).toEqual({ seqs: [2, 3], more: true });
    });

    test('marks count towards the bytes of a page', async () => {
      const room = await ContractRoom.open(open);
      const { messageId: target } = await room.message({ payload: 'a' });
      await room.message({ payload: 'b' });
      for (const member of ['ann', 'zoë'])
        await room.amend({ kind: 'mark', target, key: '+1', member, maxKeys: 9 }, { payload: '' });
      expect(await page(room, { maxBytes: 11 })).toEqual({ seqs: [1, 2, 3, 4], more: false });
      expect(await page(room, { maxBytes: 10 })).toEqual({ seqs: [1], more: true });
    });

    test('names the record that the reader stands on, and nothing where there is none', async () => {
      const room = await ContractRoom.open(open);
      const { messageId } = await room.message();
      await room.message();
      const at = async (from: ReadRequest['from']) => (await room.read({ from })).fingerprint;
      expect(await at({ after: 1 })).toBe(messageId);
      expect(await at({ after: 0 })).toBe('');
      expect(await at({ after: 3 })).toBe('');
      expect(await at({ before: 2 })).toBe('');
    });

    test('a thread is its first message and what belongs to it', async () => {
      const room = await ContractRoom.open(open);
      await room.append({}, { threadId: 'm_other' });
      const { messageId: threadId } = await room.message();
      await room.append({}, { threadId }, {}, { threadId }, { threadId });
      expect(await page(room, { threadId })).toEqual({ seqs: [3, 5, 7, 8], more: false });
      expect(await page(room, { threadId, maxRecords: 2 })).toEqual({ seqs: [3, 5], more: true });
      expect(await page(room, { threadId, from: { after: 3 }, maxRecords: 3 })).toEqual({
        seqs: [5, 7, 8],
        more: false,
      });
      expect(await page(room, { threadId, from: { after: 5 }, maxRecords: 1 })).toEqual({ seqs: [7], more: true });
      const back = (before: number, maxRecords: number) => page(room, { threadId, from: { before }, maxRecords });
      expect(await back(9, 2)).toEqual({ seqs: [7, 8], more: true });
      expect(await back(7, 2)).toEqual({ seqs: [3, 5], more: false });
      expect(await back(7, 1)).toEqual({ seqs: [5], more: true });
      expect(await page(room, { threadId: 'm_none' })).toEqual({ seqs: [], more: false });
      expect(await page(room, { threadId: '' })).toEqual({ seqs: [], more: false });
    });

    test('answers requests of one call in their order', async () => {
      const room = await filled(3);
      const one = { room: room.name, maxRecords: 1, maxBytes: 100 };
      const pages = await room.log.read([
        { ...one, from: { after: 2 } },
        { ...one, from: { before: 3 } },
        { ...one, from: { after: 0 } },
      ]);
      expect(pages.map(({ records }) => records[0]?.payload)).toEqual(['p3', 'p2', 'p1']);
    });
  });

  describe('rooms()', () => {
    test('names rooms with records in order, from behind a name', async () => {
      const room = await ContractRoom.open(open);
      const names = ['a', 'b', 'c'].map((it) => `${room.name}-${it}`);
      await room.log.append([...names].reverse().map((name) => newRecord(name)));
      await room.log.open([`${room.name}-empty`]);
      const [a, b, c] = names;
      expect(await room.log.rooms(room.name, 2)).toEqual([a, b]);
      expect(await room.log.rooms(b!, 1)).toEqual([c]);
      expect(await room.log.rooms(c!, 5)).not.toContain(`${room.name}-empty`);
    });
  });
}
