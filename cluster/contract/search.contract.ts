import { describe, expect, test } from 'vitest';
import { ContractRoom, newRecord, type OpenLog, randomRoom } from './room.contract.ts';

export function describeSearch(open: OpenLog): void {
  describe('search()', () => {
    test('finds messages that have all the words, the newest first', async () => {
      const room = await ContractRoom.open(open);
      const texts = ['the red house', 'a red car', 'The House is RED!', 'houses, reddish'];
      await room.append(...texts.map((searchText) => ({ searchText })));
      expect(await room.found('red house')).toEqual([3, 1]);
      expect(await room.found('house red')).toEqual([3, 1]);
      expect(await room.found('car')).toEqual([2]);
      expect(await room.found('car house')).toEqual([]);
    });

    test('takes the last word for the beginning of one', async () => {
      const room = await ContractRoom.open(open);
      await room.append({ searchText: 'houses by the sea' }, { searchText: 'house boat' });
      expect(await room.found('hou')).toEqual([2, 1]);
      expect(await room.found('house')).toEqual([2, 1]);
      expect(await room.found('the se')).toEqual([1]);
      expect(await room.found('hou sea')).toEqual([]);
    });

    test('takes a single letter for a whole word', async () => {
      const room = await ContractRoom.open(open);
      await room.append({ searchText: 'plan b' }, { searchText: 'blue plan' });
      expect(await room.found('b')).toEqual([1]);
      expect(await room.found('plan b')).toEqual([1]);
      expect(await room.found('bl')).toEqual([2]);
    });

    test('looks at words without case, accents and punctuation, in any script', async () => {
      const room = await ContractRoom.open(open);
      const texts = ['Crème brûlée?', 'ПРИВЕТ, мир', '你好世界', 'e-mail to bob@example.org', 'ﬁne №5'];
      await room.append(...texts.map((searchText) => ({ searchText })));
      expect(await room.found('creme BRULEE')).toEqual([1]);
      expect(await room.found('привет')).toEqual([2]);
      expect(await room.found('世界')).toEqual([3]);
      expect(await room.found('bob@example.org')).toEqual([4]);
      expect(await room.found('fine')).toEqual([5]);
    });

    test('what means something to a query language means nothing here', async () => {
      const room = await ContractRoom.open(open);
      await room.append({ searchText: 'one OR two' }, { searchText: 'three' });
      for (const query of ['', '  ', '"', '*', '^', '()', "';--", '{}']) expect(await room.found(query)).toEqual([]);
      expect(await room.found('one OR three')).toEqual([]);
      expect(await room.found('"one" NEAR two*')).toEqual([]);
      expect(await room.found('words: "two')).toEqual([]);
      expect(await room.found('or"one')).toEqual([1]);
      expect(await room.found(`${'x'.repeat(5000)} one`)).toEqual([]);
    });

    test('pages by a number and a limit', async () => {
      const room = await ContractRoom.open(open);
      await room.append(...Array.from({ length: 5 }, () => ({ searchText: 'word' })));
      expect(await room.found('word', 6, 2)).toEqual([5, 4]);
      expect(await room.found('word', 4, 2)).toEqual([3, 2]);
      expect(await room.found('word', 2, 2)).toEqual([1]);
      expect(await room.found('word', 1, 2)).toEqual([]);
    });

    test('finds nothing of other rooms, and nothing that has no search text', async () => {
      const room = await ContractRoom.open(open);
      await room.log.append([newRecord(randomRoom(), { searchText: 'word' })]);
      await room.append({ searchText: '', payload: 'word' }, { searchText: 'word', kind: 'message' });
      expect(await room.found('word')).toEqual([2]);
    });

    test('an edited message is found by its new text alone, an erased one not at all', async () => {
      const room = await ContractRoom.open(open);
      const { messageId: target } = await room.message({ searchText: 'old words' });
      await room.amend({ kind: 'replace', target, payload: '{"text":"new"}', searchText: 'new words' });
      expect(await room.found('old')).toEqual([]);
      expect(await room.found('words')).toEqual([1]);
      const [found] = await room.log.search({ room: room.name, query: 'new', before: 100, limit: 1 });
      expect(found).toMatchObject({ seq: 1, messageId: target, payload: '{"text":"new"}', amendedSeq: 2 });
      await room.amend({ kind: 'erase', target, payload: '' });
      expect(await room.found('new')).toEqual([]);
      expect(await room.found('words')).toEqual([]);
    });
  });
}
