import { expect } from 'vitest';
import { seenBy } from './people.ts';
import { type Scenario, soon } from './scenario.ts';

const can = ['moderate'] as const;

export const moderationScenarios: readonly Scenario[] = [
  [
    'somebody who is removed is told why and stays out of every node until it is allowed again',
    async ({ people, room }) => {
      const mod = await people.enter('mod', room, { can });
      const eve = await people.enter('eve', room);
      const bob = await people.enter('bob', room);
      await soon(() => mod.room.peerCount === 3 && bob.room.peerCount === 3, 'all see each other');
      const left: unknown[] = [];
      eve.room.on('left', (why) => left.push(why));
      await mod.room.removePeer(eve.room.peerId, 'be nice');
      await soon(() => left.length > 0, 'eve is told');
      expect(left).toEqual([{ reason: 'removed', explanation: 'be nice' }]);
      await soon(() => seenBy(mod).join() === 'bob' && seenBy(bob).join() === 'mod', 'she is gone for the others');
      for (const place of [0, 1, 2]) {
        const other = await people.come('eve', { place });
        await expect(other.join(room)).rejects.toMatchObject({ reason: 'IDENTITY_REMOVED' });
      }
      expect(await mod.room.listRemoved()).toEqual(['eve']);
      await mod.room.allowIdentity('eve');
      const back = await people.come('eve');
      expect(seenBy(await back.join(room))).toEqual(['bob', 'mod']);
    },
  ],
  [
    'a ban removes every peer of an identity, on all nodes',
    async ({ people, room }) => {
      const mod = await people.enter('mod', room, { can });
      const devices = [await people.enter('eve', room), await people.enter('eve', room)];
      await soon(() => mod.room.peerCount === 3, 'the moderator sees both');
      const left = devices.map(({ room: there }) => new Promise((resolve) => there.on('left', resolve)));
      await mod.room.banIdentity('eve', { explanation: 'enough' });
      for (const why of await Promise.all(left)) expect(why).toEqual({ reason: 'removed', explanation: 'enough' });
      await soon(() => mod.room.peerCount === 1, 'both are gone');
      expect(await mod.room.listRestrictions()).toMatchObject([{ identity: 'eve', kind: 'banned' }]);
    },
  ],
  [
    'somebody who is muted reads and does not write, at any node, until that is taken back',
    async ({ people, room }) => {
      const mod = await people.enter('mod', room, { can });
      const eve = await people.enter('eve', room);
      await soon(() => mod.room.peerCount === 2, 'the moderator sees eve');
      await mod.room.muteIdentity('eve');
      await soon(() => eve.room.mutedUntilMs !== undefined, 'eve knows');
      await expect(eve.room.chat.send('but').sent).rejects.toMatchObject({ reason: 'MUTED' });
      const elsewhere = await people.enter('eve', room);
      await expect(elsewhere.room.chat.send('but here').sent).rejects.toMatchObject({ reason: 'MUTED' });
      await mod.room.unmuteIdentity('eve');
      await soon(() => eve.room.mutedUntilMs === undefined, 'eve knows again');
      await eve.room.chat.send('thank you').sent;
      await soon(() => mod.texts.includes('thank you'), 'she is read');
      expect(mod.texts).toEqual(['thank you']);
    },
  ],
  [
    'slow mode holds for all, and for one person at whichever node it writes',
    async ({ people, room }) => {
      const mod = await people.enter('mod', room, { can });
      const eve = await people.enter('eve', room);
      const slowModeMs = 60_000 * 60;
      await mod.room.configure({ slowModeMs });
      await soon(() => eve.room.settings.slowModeMs === slowModeMs, 'eve knows');
      await eve.room.chat.send('one').sent;
      await expect(eve.room.chat.send('two').sent).rejects.toMatchObject({ reason: 'SLOW_MODE' });
      const elsewhere = await people.enter('eve', room);
      await soon(() => elsewhere.room.settings.slowModeMs === slowModeMs, 'the other node knows');
      await expect(elsewhere.room.chat.send('three').sent).rejects.toMatchObject({ reason: 'SLOW_MODE' });
      await mod.room.chat.send('moderators may').sent;
      await mod.room.chat.send('write on').sent;
    },
  ],
];
