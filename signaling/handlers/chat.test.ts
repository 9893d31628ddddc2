import { describe, expect, test } from 'vitest';
import { startSignaling } from '../testing/start-signaling.ts';

describe('chat.send', () => {
  test('with no text, or too much of it, fails with BAD_REQUEST', async () => {
    const client = await startSignaling().join({ identity: 'ada' });
    const send = (text: unknown) => client.refusal('chat.send', { room: 'standup', text });
    expect((await send('')).message).toBe('text must not be empty.');
    expect((await send(undefined)).message).toBe('text is required.');
    expect((await send({})).message).toBe('text must be a string.');
    expect((await send('\ud800')).message).toBe('text must be well-formed Unicode.');
    expect((await send('é'.repeat(8193))).message).toBe('text must be at most 16384 bytes.');
    expect(client.link.take()).toEqual([]);
  });

  test('without the grant fails with GRANT_MISSING and reaches nobody', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada', can: ['join'] }), await t.join({ identity: 'bob' })];
    expect((await ada.refusal('chat.send', { room: 'standup', text: 'hi' })).reason).toBe('GRANT_MISSING');
    expect(bob.link.of('chatMessage')).toEqual([]);
  });

  test('reaches everyone in the room, the sender included, and nobody else', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada', name: 'Ada' });
    const [bob, cy] = [await t.join({ identity: 'bob' }), await t.join({ identity: 'cy' }, 'elsewhere')];
    const { message } = await ada.call('chat.send', { room: 'standup', text: 'hi' });
    expect(message).toEqual({
      messageId: expect.stringMatching(/^m_/),
      peerId: expect.stringMatching(/^p_/),
      identity: 'ada',
      name: 'Ada',
      text: 'hi',
      sentAtMs: t.clock.nowMs(),
    });
    expect(ada.link.of('chatMessage')).toEqual([{ room: 'standup', message }]);
    expect(bob.link.of('chatMessage')).toEqual([{ room: 'standup', message }]);
    expect(cy.link.of('chatMessage')).toEqual([]);
    expect(t.signaling.stats().messages).toBe(1);
  });

  test('gives everyone the very same event, so that it is encoded once', async () => {
    const t = startSignaling();
    const clients = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    const seen = new Set<unknown>();
    for (const { link } of clients) link.send = (event) => void seen.add(event);
    await clients[0]!.call('chat.send', { room: 'standup', text: 'hi' });
    expect(seen.size).toBe(1);
  });

  test('keeps the order of the room for everyone', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    for (let index = 0; index < 10; index++) {
      await (index % 2 === 0 ? ada : bob).call('chat.send', { room: 'standup', text: String(index) });
    }
    for (const { link } of [ada, bob]) {
      expect(
        link
          .of('chatMessage')
          .map(({ message }) => message.text)
          .join(''),
      ).toBe('0123456789');
    }
  });

  test('is not kept for a peer that is away', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    bob.link.lose();
    await ada.call('chat.send', { room: 'standup', text: 'hi' });
    const again = t.open();
    await again.connect(t.verifier.issue({ identity: 'bob' }), bob);
    await t.turns.end();
    expect(again.link.take()).toEqual([]);
  });
});
