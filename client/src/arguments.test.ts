import { describe, expect, it } from 'vitest';
import { startInChat } from '../test/start-in-chat.ts';
import type { Cursor } from './index.ts';

const none = undefined as unknown as string;

describe('what an application hands over', () => {
  it('is refused where it would mean something else to the server, and nothing is sent', async () => {
    await using test = await startInChat();
    const { client, room } = test;
    const { chat } = room;
    const cursor = (changes: Partial<Cursor>): Cursor => ({ epoch: 'e1', seq: 0, messageId: '', ...changes });
    const refused: readonly [string, () => unknown][] = [
      ['text must not be empty.', () => chat.send('')],
      ['text must be a text.', () => chat.send(none)],
      ['replyTo must not be empty.', () => chat.send('a', { replyTo: '' })],
      ['mentions must be a list of texts.', () => chat.send('a', { mentions: [none] })],
      ['seq must be a whole number, 0 or more.', () => chat.markRead(Number.NaN)],
      ['seq must be a whole number, 0 or more.', () => chat.markRead(-1)],
      ['limit must be a whole number, 0 or more.', () => chat.loadOlder(Number.NaN)],
      ['limit must be a whole number, 0 or more.', () => chat.loadOlder(1.5)],
      ['threadId must be a text.', () => chat.thread(none)],
      ['query must not be empty.', () => chat.search('')],
      ['beforeSeq must be a whole number, 0 or more.', () => chat.search('a', { beforeSeq: Number.POSITIVE_INFINITY })],
      ['messageId must be a text.', () => chat.edit(none, 'a')],
      ['text must not be empty.', () => chat.edit('m1', '')],
      ['messageId must be a text.', () => chat.delete(none)],
      ['on must be true or false.', () => chat.react('m1', '👍', undefined as unknown as boolean)],
      ['durationMs must be a number of milliseconds, more than 0.', () => room.banIdentity('a', { durationMs: NaN })],
      ['durationMs must be a number of milliseconds, more than 0.', () => room.muteIdentity('a', { durationMs: 0 })],
      ['muted must be true or false.', () => room.muteProducer('p', { muted: none as unknown as boolean })],
      ['slowModeMs must be a whole number, 0 or more.', () => room.configure({ slowModeMs: Number.NaN })],
      ['room must be a text.', () => client.join(none)],
      ['cursor.seq must be a whole number, 0 or more.', () => client.join('a', { cursor: cursor({ seq: NaN }) })],
      ['cursor.epoch must not be empty.', () => client.join('a', { cursor: cursor({ epoch: '' }) })],
      ['identity must be a text.', () => client.openDirect(none)],
      ['limit must be a whole number, 0 or more.', () => client.listDirects(Number.NaN)],
    ];
    const sent = test.server.connections[0]?.calls.length;
    for (const [message, call] of refused) {
      const outcome = await Promise.resolve()
        .then(call)
        .catch((error: unknown) => error);
      expect(outcome, String(call)).toMatchObject({ reason: 'BAD_REQUEST', message });
    }
    expect(test.server.connections[0]?.calls.length).toBe(sent);
    expect(chat.outgoing).toEqual([]);
  });

  it('settings that are undefined stay as they are', async () => {
    await using test = await startInChat({ answers: { 'moderation.configureRoom': () => ({}) } });
    const settings = { slowModeMs: undefined as unknown as number, retentionRecords: 10 };
    await test.room.configure(settings);
    const { params } = await test.server.call(0, 'moderation.configureRoom');
    expect(params['settings']).toEqual({ slowModeMs: 0, retentionMs: 0, retentionRecords: 10 });
  });

  it('a list that the application changes afterwards is sent as it was', async () => {
    await using test = await startInChat();
    const mentions = ['bob'];
    const { sent } = test.room.chat.send('@bob', { mentions });
    mentions.push('eve');
    await sent;
    expect((await test.server.call(0, 'chat.send')).params['mentions']).toEqual(['bob']);
  });
});
