import { describe, expect, test } from 'vitest';
import { ContractRoom, type OpenLog, randomRoom } from './room.contract.ts';

export function describeWatermarks(open: OpenLog): void {
  describe('mark(), watermarks() and watermarksOf()', () => {
    test('watermarks move forward only, each by itself', async () => {
      const room = await ContractRoom.open(open);
      const move = (delivered: number, read: number) =>
        room.log.mark([{ room: room.name, identity: 'ann', delivered, read }]);
      await move(5, 2);
      await move(3, 4);
      await move(4, 1);
      expect(await room.log.watermarks(room.name)).toEqual([
        { room: room.name, identity: 'ann', delivered: 5, read: 4 },
      ]);
    });

    test('those that moved last come first, and what did not move keeps its place', async () => {
      const room = await ContractRoom.open(open);
      const at = (identity: string, read: number) => ({ room: room.name, identity, delivered: read, read });
      await room.log.mark([at('ann', 5), at('bob', 1), at('eve', 1)]);
      await room.log.mark([at('bob', 2)]);
      await room.log.mark([at('ann', 3)]);
      const names = (await room.log.watermarks(room.name)).map(({ identity }) => identity);
      expect(names).toEqual(['bob', 'eve', 'ann']);
    });

    test('rooms have their own', async () => {
      const room = await ContractRoom.open(open);
      const other = randomRoom();
      const ann = { room: room.name, identity: 'ann', delivered: 1, read: 1 };
      await room.log.mark([ann, { ...ann, identity: 'bob' }, { ...ann, room: other, read: 0 }]);
      expect(await room.log.watermarks(room.name)).toHaveLength(2);
      expect(await room.log.watermarks(other)).toEqual([{ ...ann, room: other, read: 0 }]);
    });

    test('many people of many rooms may be asked for at once, each as often as wanted', async () => {
      const room = await ContractRoom.open(open);
      const names = [room.name, randomRoom(), randomRoom()];
      const everybody = Array.from({ length: 600 }, (_, at) => ({
        room: names[at % 3] ?? '',
        identity: `i${at}`,
        delivered: at + 1,
        read: at,
      }));
      await room.log.mark(everybody);
      const asked = [...everybody].reverse();
      expect(await room.log.watermarksOf(asked)).toEqual(asked);
      const [ann] = everybody;
      const who = { room: room.name, identity: 'i0' };
      const strangers = [
        { room: room.name, identity: 'i1' },
        { room: randomRoom(), identity: 'i0' },
      ];
      const nowhere = strangers.map((stranger) => ({ ...stranger, delivered: 0, read: 0 }));
      expect(await room.log.watermarksOf([who, ...strangers, who])).toEqual([ann, ...nowhere, ann]);
      expect(await room.log.watermarksOf([])).toEqual([]);
      // Whoever is asked for is not marked by it.
      const namesOf = async (name: string) => (await room.log.watermarks(name)).map(({ identity }) => identity);
      expect(await namesOf(room.name)).not.toContain('i1');
    });

    test('at most 1000 are answered', async () => {
      const room = await ContractRoom.open(open);
      const many = Array.from({ length: 1010 }, (_, at) => ({
        room: room.name,
        identity: `i${at}`,
        delivered: 1,
        read: 1,
      }));
      await room.log.mark(many);
      const marks = await room.log.watermarks(room.name);
      expect([marks.length, marks[0]?.identity]).toEqual([1000, 'i1009']);
    });
  });

  describe('count()', () => {
    test('counts messages of others behind a number, and those that mention the reader', async () => {
      const room = await ContractRoom.open(open);
      await room.append(
        { mentions: ['bob'] },
        { sender: 'bob', mentions: ['bob', 'ann'] },
        { kind: 'joined', searchText: '', mentions: ['bob'] },
        { mentions: ['ann', 'bob'] },
        {},
      );
      const count = async (identity: string, after: number, limit = 100) =>
        (await room.log.count([{ room: room.name, after, identity, limit }]))[0];
      expect(await count('bob', 0)).toEqual({ messages: 3, mentions: 2 });
      expect(await count('bob', 1)).toEqual({ messages: 2, mentions: 1 });
      expect(await count('ann', 0)).toEqual({ messages: 1, mentions: 1 });
      expect(await count('eve', 0)).toEqual({ messages: 4, mentions: 0 });
      expect(await count('bob', 5)).toEqual({ messages: 0, mentions: 0 });
      expect(await count('bob', 0, 1)).toEqual({ messages: 1, mentions: 1 });
    });

    test('leaves out what was erased', async () => {
      const room = await ContractRoom.open(open);
      const { messageId: target } = await room.message({ mentions: ['bob'] });
      await room.message({ mentions: ['bob'] });
      await room.amend({ kind: 'erase', target, payload: '' });
      const request = { room: room.name, after: 0, identity: 'bob', limit: 100 };
      expect(await room.log.count([request, { ...request, after: 1 }, { ...request, room: randomRoom() }])).toEqual([
        { messages: 1, mentions: 1 },
        { messages: 1, mentions: 1 },
        { messages: 0, mentions: 0 },
      ]);
    });
  });
}
