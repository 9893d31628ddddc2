import { describe, expect, test } from 'vitest';
import { startSignaling } from '../testing/start-signaling.ts';
import { directRoomOf } from './room-names.ts';

const room = 'standup';

describe('a mention', () => {
  test('reaches all sessions of those who may join and are not there, once each, and nobody else', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const there = await t.join({ identity: 'bob' });
    const elsewhere = [await t.connect({ identity: 'bob' }), await t.join({ identity: 'cy' }, 'elsewhere')];
    const mayNot = await t.connect({ identity: 'cy', room: 'elsewhere' });
    const notMeant = await t.connect({ identity: 'dan' });
    const { seq, messageId } = await ada.say('both of you', { mentions: ['bob', 'cy', 'bob', 'ada', 'nobody'] });
    for (const { link } of elsewhere) {
      expect(link.of('mentioned')).toMatchObject([
        { room, record: { seq, messageId, message: { text: 'both of you' } } },
      ]);
    }
    for (const { link } of [ada, there, mayNot, notMeant]) expect(link.of('mentioned')).toEqual([]);
    await ada.say('both of you', { clientId: 'say-1', mentions: ['bob', 'cy', 'bob', 'ada', 'nobody'] });
    expect(elsewhere[0]?.link.of('mentioned')).toHaveLength(1);
  });

  test('does not reach who is kept out of the room', async () => {
    const t = startSignaling();
    const mod = await t.join({ identity: 'mod', can: ['join', 'chat', 'moderate'] });
    const eve = await t.connect({ identity: 'eve' });
    await mod.call('moderation.banIdentity', { room, identity: 'eve' });
    await mod.say('about you', { mentions: ['eve'] });
    expect(eve.link.of('mentioned')).toEqual([]);
  });

  test('does not reach whose token does not grant both join and history there', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const [one, other] = [
      await t.connect({ identity: 'bob', can: ['join', 'chat'] }),
      await t.connect({ identity: 'bob', can: ['history', 'chat'] }),
    ];
    await ada.say('for you', { mentions: ['bob'] });
    for (const { link } of [one, other]) expect(link.of('mentioned')).toEqual([]);
  });

  test('in a room of two is every message to the other one, and reaches no third', async () => {
    const t = startSignaling();
    const dm = directRoomOf('ada', 'bob');
    const [ada, bob, cy] = [
      await t.connect({ identity: 'ada' }),
      await t.connect({ identity: 'bob' }),
      await t.connect({ identity: 'cy' }),
    ];
    await ada.call('chat.openDirect', { identity: 'bob' });
    await ada.call('room.join', { room: dm });
    await ada.say('secret', { room: dm, mentions: ['cy'] });
    expect(bob.link.of('mentioned')).toMatchObject([{ room: dm, record: { message: { text: 'secret' } } }]);
    expect([...ada.link.of('mentioned'), ...cy.link.of('mentioned')]).toEqual([]);
  });
});
