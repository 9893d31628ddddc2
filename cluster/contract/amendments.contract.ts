import { describe, expect, test } from 'vitest';
import { maxMarkMembers } from '../room-log.ts';
import { ContractRoom, change, newRecord, type OpenLog, randomRoom } from './room.contract.ts';

const maxKeys = 3;

export function describeAmendments(open: OpenLog): void {
  describe('amendments', () => {
    test('replace gives the message another payload, under the number that it had', async () => {
      const room = await ContractRoom.open(open);
      const { messageId } = await room.message();
      const edit = await room.amend({
        kind: 'replace',
        target: messageId,
        payload: '{"text":"new"}',
        searchText: 'new',
      });
      const { records } = await room.read();
      expect(
        records.map(({ seq, kind, payload, amendedSeq, erased }) => [seq, kind, payload, amendedSeq, erased]),
      ).toEqual([
        [1, 'message', '{"text":"new"}', 2, false],
        [2, 'change', '{"change":true}', 0, false],
      ]);
      expect(edit.seq).toBe(2);
    });

    test('replace leaves nothing of the texts that were edited away, and the records of those edits stay', async () => {
      const room = await ContractRoom.open(open);
      const { messageId: target } = await room.message({ payload: 'secret one' });
      const other = await room.message();
      const edit = (of: string, text: string) =>
        room.amend({ kind: 'replace', target: of, payload: text, searchText: text }, { payload: `edit: ${text}` });
      await edit(target, 'secret two');
      await edit(other.messageId, 'kept');
      await edit(target, 'secret three');
      await edit(target, 'last');
      const { records } = await room.read();
      expect(records.map(({ seq, payload, erased }) => [seq, payload, erased])).toEqual([
        [1, 'last', false],
        [2, 'kept', false],
        [3, '', false],
        [4, 'edit: kept', false],
        [5, '', false],
        [6, 'edit: last', false],
      ]);
      expect(await room.found('secret')).toEqual([]);
    });

    test('erase leaves nothing of the message, of its marks and of the edits that it had', async () => {
      const room = await ContractRoom.open(open);
      const { messageId } = await room.message({ payload: '{"text":"secret one"}' });
      const other = await room.message({ payload: '{"text":"kept"}' });
      const replace = {
        kind: 'replace',
        target: messageId,
        payload: '{"text":"secret two"}',
        searchText: 'two',
      } as const;
      await room.amend(replace, { payload: '{"edit":"secret two"}' });
      await room.amend(
        { ...replace, target: other.messageId, payload: '{"text":"kept"}' },
        { payload: '{"edit":"kept"}' },
      );
      await room.amend({ kind: 'mark', target: messageId, key: '+1', member: 'bob', maxKeys });
      const erasing = await room.amend({ kind: 'erase', target: messageId, payload: '{"deletedBy":"ann"}' });
      const { records } = await room.read();
      expect(JSON.stringify(records)).not.toContain('secret');
      expect(records[0]).toMatchObject({
        payload: '{"deletedBy":"ann"}',
        erased: true,
        marks: {},
        amendedSeq: erasing.seq,
      });
      expect(records[1]).toMatchObject({ payload: '{"text":"kept"}', erased: false });
      expect(records[2]).toMatchObject({ kind: 'change', payload: '', erased: true });
      expect(records[3]).toMatchObject({ payload: '{"edit":"kept"}', erased: false });
      expect(records.at(-1)).toMatchObject({ payload: '{"change":true}', erased: false });
    });

    test('erase forgets the content of the message and its edits, and still knows their client ids', async () => {
      const room = await ContractRoom.open(open);
      const sent = await room.message({ clientId: 'c1', contentHash: 'one' });
      const target = sent.messageId;
      await room.message({ clientId: 'c2', contentHash: 'one' });
      const replace = { kind: 'replace', target, payload: 'two', searchText: 'two' } as const;
      const edited = await room.amend(replace, { clientId: 'c3', sender: 'bob', contentHash: 'two' });
      const erase = { kind: 'erase', target, payload: '' } as const;
      await room.amend(erase, { clientId: 'c4', contentHash: 'four' });
      for (const contentHash of ['one', 'guessed']) {
        expect(await room.message({ clientId: 'c1', contentHash })).toEqual({ ...sent, duplicate: true });
        const retry = { clientId: 'c3', sender: 'bob', contentHash };
        expect(await room.amend(replace, retry)).toEqual({ ...edited, duplicate: true });
      }
      expect(await room.append({ clientId: 'c2', contentHash: 'guessed' })).toEqual([{ outcome: 'conflict' }]);
      expect(await room.append({ clientId: 'c4', contentHash: 'guessed' })).toEqual([{ outcome: 'conflict' }]);
    });

    test('mark and unmark move members in and out of sets, in the order of the first mark', async () => {
      const room = await ContractRoom.open(open);
      const { messageId: target } = await room.message();
      const turn = (kind: 'mark' | 'unmark', key: string, member: string) =>
        room.amend({ kind, target, key, member, maxKeys });
      const marks = async () => Object.entries((await room.record(target)).marks);
      await turn('mark', '🎉', 'bob');
      await turn('mark', '+1', 'zoe');
      await turn('mark', '🎉', 'ann');
      await turn('mark', '+1', 'zoe');
      expect(await marks()).toEqual([
        ['🎉', ['bob', 'ann']],
        ['+1', ['zoe']],
      ]);
      await turn('unmark', '🎉', 'bob');
      await turn('unmark', 'never', 'bob');
      expect(await marks()).toEqual([
        ['🎉', ['ann']],
        ['+1', ['zoe']],
      ]);
      await turn('unmark', '🎉', 'ann');
      await turn('mark', '🎉', 'bob');
      expect(await marks()).toEqual([
        ['+1', ['zoe']],
        ['🎉', ['bob']],
      ]);
      expect((await room.record(target)).amendedSeq).toBe(9);
    });

    test('a mark with one key too many is refused, and known keys still take members', async () => {
      const room = await ContractRoom.open(open);
      const { messageId: target } = await room.message();
      const mark = (key: string, member: string) => ({ kind: 'mark', target, key, member, maxKeys: 2 }) as const;
      await room.amend(mark('a', 'ann'));
      await room.amend(mark('b', 'ann'));
      expect(await room.refusal(mark('c', 'ann'))).toBe('too-many-marks');
      await room.amend(mark('a', 'bob'));
      await room.amend({ ...mark('b', 'ann'), kind: 'unmark' });
      await room.amend(mark('c', 'ann'));
      expect((await room.record(target)).marks).toEqual({ a: ['ann', 'bob'], c: ['ann'] });
    });

    test('a mark with one member too many is refused, and who is in the set may mark again', async () => {
      const room = await ContractRoom.open(open);
      const { messageId: target } = await room.message();
      const mark = (key: string, member: string) => ({ kind: 'mark', target, key, member, maxKeys }) as const;
      const members = Array.from({ length: maxMarkMembers }, (_, at) => `p${at}`);
      await room.log.append(members.map((member) => change(room.name, mark('a', member))));
      expect(await room.refusal(mark('a', 'late'))).toBe('too-many-marks');
      await room.amend(mark('a', 'p0'));
      await room.amend(mark('b', 'late'));
      expect((await room.record(target)).marks).toEqual({ a: members, b: ['late'] });
      await room.amend({ ...mark('a', 'p0'), kind: 'unmark' });
      await room.amend(mark('a', 'late'));
      expect((await room.record(target)).marks['a']).toEqual([...members.slice(1), 'late']);
    });

    test('a target that does not exist, is in another room, or is no message is missing', async () => {
      const room = await ContractRoom.open(open);
      const elsewhere = newRecord(randomRoom());
      await room.log.append([elsewhere]);
      const noMessage = await room.message({ kind: 'joined', searchText: '' });
      for (const target of ['m_never', elsewhere.messageId, noMessage.messageId]) {
        expect(await room.refusal({ kind: 'erase', target, payload: '' })).toBe('target-missing');
        expect(await room.refusal({ kind: 'replace', target, payload: '', searchText: '' })).toBe('target-missing');
        expect(await room.refusal({ kind: 'mark', target, key: 'a', member: 'b', maxKeys })).toBe('target-missing');
      }
      expect((await room.head()).seq).toBe(1);
    });

    test('what was erased cannot be changed any more', async () => {
      const room = await ContractRoom.open(open);
      const { messageId: target } = await room.message();
      await room.amend({ kind: 'erase', target, payload: '' });
      expect(await room.refusal({ kind: 'erase', target, payload: '' })).toBe('target-erased');
      expect(await room.refusal({ kind: 'replace', target, payload: '', searchText: 'x' })).toBe('target-erased');
      expect(await room.refusal({ kind: 'mark', target, key: 'a', member: 'b', maxKeys })).toBe('target-erased');
      expect(await room.refusal({ kind: 'unmark', target, key: 'a', member: 'b', maxKeys })).toBe('target-erased');
      expect((await room.head()).seq).toBe(2);
    });

    test('a retry of an amendment is a duplicate, although its target is erased by now', async () => {
      const room = await ContractRoom.open(open);
      const { messageId: target } = await room.message();
      const erase = { kind: 'erase', target, payload: '' } as const;
      const first = await room.amend(erase, { clientId: 'c1' });
      expect(await room.amend(erase, { clientId: 'c1' })).toEqual({ ...first, duplicate: true });
    });

    test('one that was refused is not remembered: the same client id may be used when the target is there', async () => {
      const room = await ContractRoom.open(open);
      const late = newRecord(room.name);
      const mark = { kind: 'mark', target: late.messageId, key: 'a', member: 'ann', maxKeys } as const;
      const retry = change(room.name, mark, { clientId: 'c1' });
      const results = await room.log.append([retry, late, { ...retry, contentHash: 'other' }]);
      expect(results.map(({ outcome }) => outcome)).toEqual(['refused', 'appended', 'appended']);
      expect((await room.record(late.messageId)).marks).toEqual({ a: ['ann'] });
    });

    test('reach messages of the same batch', async () => {
      const room = await ContractRoom.open(open);
      const message = newRecord(room.name, { searchText: 'early' });
      const { messageId: target } = message;
      await room.log.append([
        message,
        change(room.name, { kind: 'replace', target, payload: '{"text":"late"}', searchText: 'late' }),
      ]);
      expect((await room.record(target)).payload).toBe('{"text":"late"}');
      expect(await room.found('early')).toEqual([]);
      expect(await room.found('late')).toEqual([1]);
    });
  });
}
