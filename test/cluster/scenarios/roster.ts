import { expect } from 'vitest';
import { isAway, seenBy } from './people.ts';
import { type Scenario, soon } from './scenario.ts';

export const rosterScenarios: readonly Scenario[] = [
  [
    'everybody sees who is there, who comes and who leaves',
    async ({ people, room }) => {
      const ada = await people.enter('ada', room);
      const bob = await people.enter('bob', room);
      const eve = await people.enter('eve', room);
      await soon(() => seenBy(ada).length === 2 && seenBy(bob).length === 2, 'everybody sees two others');
      expect(seenBy(eve)).toEqual(['ada', 'bob']);
      expect(eve.room.peerCount).toBe(3);
      await bob.room.leave();
      await soon(() => seenBy(ada).length === 1 && seenBy(eve).length === 1, 'both see that bob left');
      expect(ada.told).toEqual(['+bob', '+eve', '-bob']);
      expect(eve.told).toEqual(['-bob']);
    },
  ],
  [
    'the options of whoever opened a room hold for all, wherever they come in',
    async ({ people, room }) => {
      const ada = await people.come('ada', { can: ['moderate'] });
      const bob = await people.come('bob', { can: ['moderate'] });
      const eve = await people.come('eve');
      await ada.join(room, { maxPeers: 2 });
      await bob.join(room, { maxPeers: 50 });
      await expect(eve.join(room)).rejects.toMatchObject({ reason: 'ROOM_FULL' });
    },
  ],
  [
    'somebody whose connection is lost is away, and back as who it was: at the same node and at another',
    async ({ people, room }) => {
      const bob = await people.enter('bob', room);
      const ada = await people.enter('ada', room);
      await soon(() => seenBy(bob).length === 1, 'bob sees ada');
      const { peerId } = ada.room;
      const awayOf: boolean[] = [];
      bob.room.on('peersChanged', ({ changed }) => awayOf.push(...changed.map(({ away }) => away)));
      for (const step of [0, 1]) {
        ada.place += step;
        const before = awayOf.length;
        ada.cut();
        await soon(() => ada.client.state === 'reconnecting', 'ada notices');
        await soon(() => ada.client.state === 'connected', 'ada is connected');
        await ada.room.chat.send(`back ${step}`).sent;
        await soon(() => awayOf.length > before || step === 1, 'bob was told');
        await soon(() => !isAway(bob, 'ada') && bob.texts.includes(`back ${step}`), 'bob sees that ada is back');
      }
      expect(ada.room.peerId).toBe(peerId);
      expect(seenBy(ada)).toEqual(['bob']);
      expect(bob.told).toEqual(['+ada']);
    },
  ],
  [
    'two devices of one person are two peers, on whichever nodes',
    async ({ people, room }) => {
      const bob = await people.enter('bob', room);
      await people.enter('ada', room);
      const second = await people.enter('ada', room);
      await soon(() => bob.room.peerCount === 3, 'bob sees both');
      await second.room.leave();
      await soon(() => bob.room.peerCount === 2, 'one of them left');
      expect(seenBy(bob)).toEqual(['ada']);
    },
  ],
];
