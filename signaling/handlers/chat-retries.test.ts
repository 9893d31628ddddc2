import { describe, expect, test } from 'vitest';
import { maxRingRecords } from '../log/record-ring.ts';
import { logOf } from '../testing/log-of.ts';
import { startSignaling, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';
import type { GrantName } from '../token-verifier.ts';

const room = 'standup';
const moderatorGrants: readonly GrantName[] = ['join', 'chat', 'history', 'moderate'];
const joinModerator = (t: TestSignaling) => t.join({ identity: 'mod', can: moderatorGrants });

/** More than is in memory. */
async function sayMuch(t: TestSignaling, client: TestClient): Promise<void> {
  for (let index = 0; index <= maxRingRecords; index++) {
    t.clock.advance(1_000);
    await client.say('…');
  }
  t.clock.advance(10_000);
}

describe('a write that is tried again when it may not be made any more', () => {
  test('because its writer was muted gets its first receipt, and what was never taken is refused', async () => {
    const t = startSignaling();
    const [mod, eve] = [await joinModerator(t), await t.join({ identity: 'eve' })];
    const sending = { room, clientId: 's', text: 'hi' };
    const sent = await eve.call('chat.send', sending);
    const { messageId } = sent;
    const editing = { room, clientId: 'e', messageId, text: 'ho' };
    const edited = await eve.call('chat.edit', editing);
    const reacting = { room, clientId: 'r', messageId, emoji: '👍', on: true };
    const reacted = await eve.call('chat.react', reacting);
    await mod.call('moderation.muteIdentity', { room, identity: 'eve' });
    for (const beyondMemory of [false, true]) {
      if (beyondMemory) await sayMuch(t, mod);
      expect(await eve.call('chat.send', sending)).toEqual({ ...sent, duplicate: true });
      expect(await eve.call('chat.edit', editing)).toEqual({ ...edited, duplicate: true });
      expect(await eve.call('chat.react', reacting)).toEqual({ ...reacted, duplicate: true });
    }
    const before = await logOf(t);
    const refusals = [
      await eve.refusal('chat.send', { ...sending, clientId: 's2' }),
      await eve.refusal('chat.edit', { ...editing, clientId: 'e2' }),
      await eve.refusal('chat.react', { ...reacting, clientId: 'r2', emoji: '!' }),
    ];
    expect(refusals.map(({ reason }) => reason)).toEqual(['MUTED', 'MUTED', 'MUTED']);
    expect((await eve.refusal('chat.send', { ...sending, text: 'other' })).reason).toBe('CLIENT_ID_CONFLICT');
    expect(await logOf(t)).toEqual(before);
  });

  test('because of slow mode gets its first receipt', async () => {
    const t = startSignaling();
    const [mod, eve] = [await joinModerator(t), await t.join({ identity: 'eve' })];
    const sent = await eve.say('hi', { clientId: 's' });
    await sayMuch(t, mod);
    await mod.call('moderation.configureRoom', { room, settings: { slowModeMs: 60_000 } });
    await eve.say('newer');
    expect(await eve.say('hi', { clientId: 's' })).toEqual({ ...sent, duplicate: true });
    const refusal = await eve.refusal('chat.send', { room, clientId: 'x', text: 'hi' });
    expect([refusal.reason, refusal.retryAfterMs]).toEqual(['SLOW_MODE', 60_000]);
  });

  test('because its message was forgotten gets its first receipt', async () => {
    const t = startSignaling();
    const [mod, eve] = [await joinModerator(t), await t.join({ identity: 'eve' })];
    const { messageId } = await eve.say('hi');
    const answering = { room, clientId: 'a', text: 'answer', replyTo: messageId };
    const editing = { room, clientId: 'e', messageId, text: 'ho' };
    const deleting = { room, clientId: 'd', messageId };
    const answered = await eve.call('chat.send', answering);
    const edited = await eve.call('chat.edit', editing);
    const deleted = await eve.call('chat.delete', deleting);
    await sayMuch(t, mod);
    await t.roomLog.trim(room, { beforeMs: 0, keep: 5 });
    expect(await eve.call('chat.send', answering)).toEqual({ ...answered, duplicate: true });
    expect(await eve.call('chat.edit', editing)).toEqual({ ...edited, duplicate: true });
    expect(await eve.call('chat.delete', deleting)).toEqual({ ...deleted, duplicate: true });
    for (const [method, more] of [
      ['chat.send', { text: 'answer', replyTo: messageId }],
      ['chat.edit', { messageId, text: 'ho' }],
      ['chat.delete', { messageId }],
    ] as const) {
      const refusal = await eve.refusal(method, { room, clientId: 'new', ...more });
      expect([refusal.reason, refusal.details]).toEqual(['MESSAGE_NOT_FOUND', { messageId }]);
    }
  });

  test('because its writer moderates no more gets its first receipt', async () => {
    const t = startSignaling();
    const [mod, eve] = [await joinModerator(t), await t.join({ identity: 'eve' })];
    const { messageId } = await eve.say('spam');
    const other = await eve.say('more spam');
    const deleted = await mod.call('chat.delete', { room, clientId: 'd', messageId });
    const former = await t.join({ identity: 'mod' });
    expect(await former.call('chat.delete', { room, clientId: 'd', messageId })).toEqual({
      ...deleted,
      duplicate: true,
    });
    const refusal = await former.refusal('chat.delete', { room, clientId: 'd2', messageId: other.messageId });
    expect(refusal.reason).toBe('MESSAGE_NOT_OWN');
  });
});
