import { expect } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { type Scenario, soon } from './scenario.ts';

export const readingScenarios: readonly Scenario[] = [
  [
    'who writes is shown to the others, until the message is there',
    async ({ people, room }) => {
      const ada = await people.enter('ada', room);
      const bob = await people.enter('bob', room);
      const eve = await people.enter('eve', room);
      await soon(() => bob.room.peerCount === 3 && eve.room.peerCount === 3, 'all see each other');
      ada.room.chat.setTyping(true);
      const writers = ({ room: { chat } }: typeof ada) => chat.typing.map(({ identity }) => identity).join();
      await soon(() => writers(bob) === 'ada' && writers(eve) === 'ada', 'both see ada writing');
      expect(writers(ada)).toBe('');
      await ada.room.chat.send('done').sent;
      await soon(() => writers(bob) === '' && writers(eve) === '', 'nobody is seen writing');
    },
  ],
  [
    'what is unread is counted, and how far people have read is told to the others',
    async ({ people, room }) => {
      const ada = await people.enter('ada', room);
      const bob = await people.enter('bob', room);
      await soon(() => ada.room.peerCount === 2, 'ada sees bob');
      await ada.room.chat.send('hello').sent;
      const { seq } = await ada.room.chat.send('hello @bob', { mentions: ['bob'] }).sent;
      await soon(() => bob.room.chat.unread.messages === 2, 'both are unread');
      expect(bob.room.chat.unread.mentions).toBe(1);
      bob.room.chat.markRead();
      await soon(() => (ada.room.chat.markers.get('bob')?.readSeq ?? 0) >= seq, 'ada sees how far bob is');
      await bob.client.close();
      await ada.room.chat.send('one more').sent;
      // Counted by the node where he comes in now.
      const again = await people.enter('bob', room);
      expect(again.room.chat.unread).toMatchObject({ messages: 1, mentions: 0, readSeq: seq });
      // What follows from writing is kept within a second, by the node of whoever wrote.
      const load = async () => {
        await again.room.chat.loadMarkers();
        return again.room.chat.markers.get('ada')?.readSeq === seq + 1;
      };
      await eventually(load, 'how far ada is', 30_000, 250);
    },
  ],
  [
    'somebody who is mentioned in a room where it is not is told so, once, wherever it is',
    async ({ people, room }) => {
      const ada = await people.enter('ada', room);
      const bob = await people.come('bob');
      const eve = await people.come('eve');
      const told: string[] = [];
      for (const { client, identity } of [bob, eve]) {
        client.on('mentioned', ({ record }) => told.push(`${identity}: ${record.message?.text}`));
      }
      await ada.room.chat.send('where is @bob?', { mentions: ['bob'] }).sent;
      await ada.room.chat.send('and @bob, and @eve?', { mentions: ['bob', 'eve'] }).sent;
      await soon(() => told.length >= 3, 'all are told');
      expect([...told].sort()).toEqual(['bob: and @bob, and @eve?', 'bob: where is @bob?', 'eve: and @bob, and @eve?']);
    },
  ],
  [
    'two people have one direct conversation, wherever they are',
    async ({ people, room }) => {
      const [me, you] = [`ada-${room}`, `bob-${room}`];
      const ada = await people.come(me);
      const bob = await people.come(you);
      const opened: string[] = [];
      bob.client.on('directOpened', ({ identity }) => opened.push(identity));
      const name = await ada.client.openDirect(you);
      expect(await bob.client.openDirect(me)).toBe(name);
      await soon(() => opened.includes(me), 'bob is told of it');
      const here = await ada.join(name);
      await here.room.chat.send('just between us').sent;
      const there = await bob.join(name);
      await there.room.chat.send('quite so').sent;
      await soon(() => here.texts.length === 2, 'ada reads the answer');
      const [first] = await ada.client.listDirects();
      expect(first).toMatchObject({ room: name, identity: you });
      const eve = await people.come('eve');
      await expect(eve.join(name)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    },
  ],
];
