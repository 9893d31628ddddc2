import { expect } from 'vitest';
import type { Room } from '../../../client/src/index.ts';
import { type Scenario, soon } from './scenario.ts';

const textsOf = (records: Room['chat']['records']) =>
  records.flatMap(({ kind, message }) => (kind === 'message' ? [message?.text] : []));

export const historyScenarios: readonly Scenario[] = [
  [
    'who comes later loads what was written before, page by page and without holes',
    async ({ people, room }) => {
      const ada = await people.enter('ada', room);
      const texts = Array.from({ length: 30 }, (_, at) => `message ${at}`);
      await Promise.all(texts.map((text) => ada.room.chat.send(text).sent));
      const late = [await people.enter('bob', room), await people.enter('eve', room)];
      for (const { room: there } of late) {
        await soon(() => !there.chat.catchingUp && there.chat.records.length > 0, 'the newest page');
        while (there.chat.hasOlder) await there.chat.loadOlder(7);
        expect(textsOf(there.chat.records)).toEqual(texts);
        expect(there.chat.records[0]?.seq).toBe(1);
      }
    },
  ],
  [
    'who was away reads what it missed from its cursor on, at any node, once',
    async ({ people, room }) => {
      const ada = await people.enter('ada', room);
      const before = await people.enter('bob', room);
      await ada.room.chat.send('seen').sent;
      await soon(() => before.texts.includes('seen'), 'bob has read it');
      const { cursor } = before.room.chat;
      await before.client.close();
      await Promise.all(['missed 1', 'missed 2'].map((text) => ada.room.chat.send(text).sent));
      const bob = await people.come('bob');
      const back = await bob.join(room, { cursor });
      await soon(() => back.texts.length === 2, 'bob catches up');
      await ada.room.chat.send('live').sent;
      await soon(() => back.texts.includes('live'), 'bob reads on');
      expect(back.texts).toEqual(['missed 1', 'missed 2', 'live']);
      expect(back.records[0]?.seq).toBe(cursor.seq + 1);
      expect(back.gaps).toEqual([]);
    },
  ],
  [
    'a cursor of another log is told that what it read is not this',
    async ({ people, room }) => {
      const ada = await people.enter('ada', room);
      const { messageId } = await ada.room.chat.send('hello').sent;
      const { epoch, seq } = ada.room.chat.head;
      const bob = await people.come('bob');
      const other = await bob.join(room, { cursor: { epoch: 'anotherepoch', seq: 3, messageId } });
      await soon(() => other.gaps.length > 0, 'bob is told of the gap');
      const eve = await people.come('eve');
      const fork = await eve.join(room, { cursor: { epoch, seq, messageId: 'm_of_a_fork' } });
      await soon(() => fork.gaps.length > 0, 'eve is told of the gap');
      expect([other.gaps, fork.gaps]).toEqual([['epoch'], ['fork']]);
      await soon(() => textsOf(other.room.chat.records).includes('hello'), 'bob starts anew from what there is');
    },
  ],
  [
    'a message is found by its words, and not any more when it was deleted',
    async ({ people, room }) => {
      const ada = await people.enter('ada', room);
      const bob = await people.enter('bob', room);
      const { messageId } = await ada.room.chat.send('the train leaves at noon').sent;
      await bob.room.chat.send('which train?').sent;
      await ada.room.chat.send('noon is fine').sent;
      const find = async (who: typeof ada, query: string) => textsOf((await who.room.chat.search(query)).records);
      expect(await find(bob, 'train')).toEqual(['which train?', 'the train leaves at noon']);
      expect(await find(bob, 'noon TRAIN')).toEqual(['the train leaves at noon']);
      await ada.room.chat.delete(messageId);
      expect(await find(bob, 'train')).toEqual(['which train?']);
      expect(await find(ada, 'train')).toEqual(['which train?']);
    },
  ],
];
