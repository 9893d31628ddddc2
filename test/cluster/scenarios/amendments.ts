import { expect } from 'vitest';
import { type Scenario, soon } from './scenario.ts';

export const amendmentScenarios: readonly Scenario[] = [
  [
    'edits, reactions and deletions come to all, and whoever comes later has the message as it is now',
    async ({ people, room }) => {
      const ada = await people.enter('ada', room);
      const bob = await people.enter('bob', room);
      const { messageId: kept } = await ada.room.chat.send('first').sent;
      const { messageId: gone } = await ada.room.chat.send('second').sent;
      await soon(() => bob.texts.length === 2, 'bob reads both');
      await ada.room.chat.edit(kept, 'first, better');
      await bob.room.chat.react(kept, '👍', true);
      await ada.room.chat.react(kept, '👍', true);
      await bob.room.chat.react(kept, '👍', false);
      await ada.room.chat.delete(gone);
      const eve = await people.enter('eve', room);
      await eve.room.chat.loadOlder();
      for (const { room: there } of [ada, bob, eve]) {
        const find = (id: string) => there.chat.records.find(({ messageId }) => messageId === id)?.message;
        await soon(() => find(gone)?.deletedBy === 'ada', 'the deletion is told');
        expect(find(kept)).toMatchObject({
          text: 'first, better',
          reactions: [{ emoji: '👍', identities: ['ada'] }],
        });
        expect(find(gone)?.text).toBe('');
      }
      await expect(bob.room.chat.edit(kept, 'not mine')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
      await expect(ada.room.chat.edit(gone, 'too late')).rejects.toMatchObject({ reason: 'MESSAGE_DELETED' });
    },
  ],
  [
    'answers stand in the thread of what they answer, whoever asks where',
    async ({ people, room }) => {
      const ada = await people.enter('ada', room);
      const bob = await people.enter('bob', room);
      const eve = await people.enter('eve', room);
      const { messageId } = await ada.room.chat.send('shall we?').sent;
      await soon(() => bob.texts.length === 1 && eve.texts.length === 1, 'all read it');
      await bob.room.chat.send('yes', { replyTo: messageId }).sent;
      await ada.room.chat.send('by the way').sent;
      await eve.room.chat.send('yes, yes', { replyTo: messageId }).sent;
      // A node answers with what it has been told; what the store has besides comes as an event.
      await soon(() => [ada, bob, eve].every(({ texts }) => texts.length === 4), 'all read all of it');
      for (const one of [ada, bob, eve]) {
        const thread = await one.room.chat.thread(messageId);
        expect(thread.map(({ message }) => message?.text)).toEqual(['shall we?', 'yes', 'yes, yes']);
      }
    },
  ],
];
