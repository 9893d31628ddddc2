import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import type { Room } from '../src/index.ts';
import { createMemoryOutboxStore } from '../src/index.ts';
import { startRestartableServer } from './restartable-server.ts';
import { hear } from './start-in-chat.ts';

const slow = 60_000;

/** Texts of messages as they came. */
function textsOf(heard: ReturnType<typeof hear>): (string | undefined)[] {
  return heard.records.flatMap(({ kind, message }) => (kind === 'message' ? [message?.text] : []));
}

/** Once and without a hole, from the first that came. */
function expectContiguous({ seqs, gaps }: ReturnType<typeof hear>): void {
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  expect(gaps).toEqual([]);
}

const numbered = (author: string, count: number) => Array.from({ length: count }, (_, index) => `${author} ${index}`);

async function writeAll(room: Room, texts: readonly string[], pauseMs: number): Promise<void> {
  const sent: Promise<unknown>[] = [];
  for (const text of texts) {
    sent.push(room.chat.send(text).sent);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  await Promise.all(sent);
}

describe.skipIf(!requireOrSkip('mediasoup'))('chat with a whole server', () => {
  it('nothing is lost, twice or out of order while connections are cut and the server is restarted', {
    timeout: slow,
  }, async () => {
    await using server = await startRestartableServer();
    const ada = await (await server.connect('ada')).join('standup');
    const bob = await (await server.connect('bob')).join('standup');
    const heard = [hear(ada), hear(bob)];
    const texts = { ada: numbered('ada', 60), bob: numbered('bob', 60) };
    const writing = Promise.all([writeAll(ada, texts.ada, 40), writeAll(bob, texts.bob, 40)]);
    for (let count = 0; count < 4; count += 1) {
      const before = heard[0]?.seqs.length ?? 0;
      await eventually(() => (heard[0]?.seqs.length ?? 0) > before + 3, 'some records', 20_000);
      server.relay.cut();
      if (count === 1 || count === 3) await server.restart();
      server.relay.mend();
    }
    await writing;
    await eventually(() => heard.every((each) => textsOf(each).length >= 120), 'all messages', 30_000);
    for (const each of heard) {
      expectContiguous(each);
      for (const [author, own] of Object.entries(texts)) {
        expect(textsOf(each).filter((text) => text?.startsWith(author))).toEqual(own);
      }
    }
    expect(heard[0]?.records.map(({ messageId }) => messageId).slice(-50)).toEqual(
      heard[1]?.records.map(({ messageId }) => messageId).slice(-50),
    );
    await eventually(() => ada.chat.outgoing.length + bob.chat.outgoing.length === 0, 'empty outboxes');
  });

  it('somebody who was away learns edits, deletions and reactions, and finds them in the history', {
    timeout: slow,
  }, async () => {
    await using server = await startRestartableServer();
    const ada = await (await server.connect('ada')).join('standup');
    const bobBefore = await server.connect('bob');
    const before = await bobBefore.join('standup');
    const [first, second] = [await ada.chat.send('first').sent, await ada.chat.send('second').sent];
    await eventually(() => before.chat.records.filter(({ kind }) => kind === 'message').length === 2, 'both messages');
    const { cursor } = before.chat;
    await bobBefore.close();

    await ada.chat.edit(first.messageId, 'first, better');
    await ada.chat.react(first.messageId, '👍', true);
    await ada.chat.delete(second.messageId);
    await server.restart();

    const bob = await (await server.connect('bob')).join('standup', { cursor });
    const heard = hear(bob);
    await eventually(() => heard.records.some(({ kind }) => kind === 'deleted'), 'the deletion', 20_000);
    expect(heard.records.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['edited', 'reaction', 'deleted']));
    expectContiguous(heard);
    while (bob.chat.hasOlder) await bob.chat.loadOlder();
    const find = (messageId: string) => bob.chat.records.find((record) => record.messageId === messageId)?.message;
    expect(find(first.messageId)).toMatchObject({
      text: 'first, better',
      reactions: [{ emoji: '👍', identities: ['ada'] }],
    });
    expect(find(second.messageId)).toMatchObject({ text: '', deletedBy: 'ada' });
    expect((await bob.chat.search('better')).records).toHaveLength(1);
    expect((await bob.chat.search('second')).records).toEqual([]);
  });

  it('what was written without a network is sent by the next life of the page', { timeout: slow }, async () => {
    await using server = await startRestartableServer();
    const outbox = createMemoryOutboxStore();
    const before = await server.connect('ada', { outbox });
    const room = await before.join('standup');
    const bob = await (await server.connect('bob')).join('standup');
    const heard = hear(bob);
    server.relay.cut();
    for (const text of numbered('ada', 20)) room.chat.send(text);
    await before.close();
    server.relay.mend();
    const after = await server.connect('ada', { outbox });
    await (await after.join('standup')).chat.send('ada again').sent;
    await eventually(() => textsOf(heard).length === 21, 'all of them', 20_000);
    expect(textsOf(heard)).toEqual([...numbered('ada', 20), 'ada again']);
    expectContiguous(heard);
  });

  it('unread counts, markers and typing go between two people', { timeout: slow }, async () => {
    await using server = await startRestartableServer();
    const ada = await (await server.connect('ada')).join('standup');
    const bob = await (await server.connect('bob')).join('standup');
    ada.chat.setTyping(true);
    await eventually(() => bob.chat.typing.length === 1, 'Ada writing');
    const { seq } = await ada.chat.send('hello @bob', { mentions: ['bob'] }).sent;
    await eventually(() => bob.chat.unread.mentions === 1, 'the mention');
    expect(bob.chat.typing).toEqual([]);
    expect(ada.chat.unread.messages).toBe(0);
    bob.chat.markRead();
    expect(bob.chat.unread).toMatchObject({ messages: 0, mentions: 0 });
    await eventually(() => (ada.chat.markers.get('bob')?.readSeq ?? 0) >= seq, 'the marker at Ada’s', 20_000);
  });

  it('direct conversations are told to both', { timeout: slow }, async () => {
    await using server = await startRestartableServer();
    const ada = await server.connect('ada');
    const bob = await server.connect('bob');
    const opened: string[] = [];
    bob.on('directOpened', ({ room, identity }) => opened.push(`${room} ${identity}`));
    const name = await ada.openDirect('bob');
    expect(await bob.openDirect('ada')).toBe(name);
    await eventually(() => opened.includes(`${name} ada`), 'the opening at Bob’s', 20_000);
    await (await ada.join(name)).chat.send('just between us').sent;
    expect(await bob.listDirects()).toMatchObject([
      { room: name, identity: 'ada', unread: { messages: 1 }, lastMessage: { message: { text: 'just between us' } } },
    ]);
  });
});
