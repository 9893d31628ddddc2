import { describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { ScriptedLog } from '../../test/scripted-log.ts';
import { messageContent, unread } from '../../test/snapshots.ts';
import { cut, type InChat, startInChat } from '../../test/start-in-chat.ts';

function filled(count: number): ScriptedLog {
  const log = new ScriptedLog();
  log.fill(count);
  return log;
}

const markersOf = ({ room }: InChat) =>
  [...room.chat.markers.values()].map(({ identity, readSeq, deliveredSeq }) => [identity, readSeq, deliveredSeq]);

describe('unread', () => {
  it('counts what others write, and what mentions the caller', async () => {
    await using test = await startInChat();
    test.log.push(
      test.server,
      test.log.append({ identity: 'ada' }),
      test.log.append({ message: messageContent('@ada', { mentions: ['ada'] }) }),
      test.log.append(),
    );
    await eventually(() => test.heard.seqs.length === 3, 'the records');
    expect(test.room.chat.unread).toMatchObject({ messages: 2, mentions: 1 });
    test.log.push(test.server, test.log.append({ kind: 'deleted', targetId: 'm2' }));
    await eventually(() => test.room.chat.unread.messages === 1, 'the deletion');
    expect(test.room.chat.unread.mentions).toBe(0);
  });

  it('is told to the server collected, and is nothing once all is read', async () => {
    await using test = await startInChat({
      answers: { 'chat.mark': ({ readSeq = 0 }) => ({ unread: unread({ readSeq, deliveredSeq: readSeq }) }) },
    });
    for (let count = 1; count <= 20; count += 1) {
      test.log.push(test.server, test.log.append());
      await eventually(() => test.heard.seqs.length === count, 'the record');
      test.room.chat.markRead();
    }
    expect(test.room.chat.unread).toMatchObject({ readSeq: 20, messages: 0 });
    const marks = () => test.server.connections[0]?.called('chat.mark') ?? [];
    await eventually(() => marks().at(-1)?.params['readSeq'] === 20, 'the last mark');
    expect(marks().length).toBeLessThan(20);
  });

  it('what was caught up with is not counted twice', async () => {
    const log = filled(2);
    await using test = await startInChat({ log });
    const resume = test.server.answers['session.connect'];
    if (!resume) throw new Error('unreachable');
    test.server.answers['session.connect'] = (params, connection) => {
      const answer = resume(params, connection) as { rooms: object[] };
      return { ...answer, rooms: answer.rooms.map((room) => ({ ...room, unread: unread({ messages: 5 }) })) };
    };
    await cut(test, () => log.fill(3));
    await eventually(() => test.heard.seqs.length === 3, 'the records');
    expect(test.room.chat.unread.messages).toBe(5);
  });

  it('what was read without a connection is told after the return', async () => {
    await using test = await startInChat({ log: filled(3) });
    await cut(test, () => test.room.chat.markRead(2));
    expect((await test.server.call(1, 'chat.mark')).params).toMatchObject({ readSeq: 2 });
  });

  it('ends with a message of the caller, from whichever of its devices, and nobody is told of it', async () => {
    await using test = await startInChat();
    const mention = { message: messageContent('@ada', { mentions: ['ada'] }) };
    test.log.push(
      test.server,
      test.log.append(mention),
      test.log.append({ identity: 'ada' }),
      test.log.append(mention),
    );
    await eventually(() => test.room.chat.unread.readSeq === 2, 'its message');
    expect(test.room.chat.unread).toEqual({ readSeq: 2, deliveredSeq: 2, messages: 1, mentions: 1 });
    test.room.chat.markRead(2);
    await test.client.ping();
    expect(test.server.connections[0]?.called('chat.mark')).toEqual([]);
  });

  it('that the server counted before ends with a message of the caller that is caught up with', async () => {
    const log = filled(1);
    await using test = await startInChat({ log });
    await cut(test, () => {
      log.append({ identity: 'ada' });
      log.fill(2);
    });
    await eventually(() => test.heard.seqs.length === 3, 'the records');
    expect(test.room.chat.unread).toMatchObject({ readSeq: 2, messages: 2 });
  });

  it('what was read of a log that went another way is not told of the new one', async () => {
    const log = filled(3);
    await using test = await startInChat({ log });
    test.room.chat.markRead(3);
    await cut(test, () => {
      log.fill(3);
      log.gapReason = 'fork';
    });
    await eventually(() => test.heard.gaps.length === 1, 'the gap');
    await test.client.ping();
    const marks = test.server.connections[1]?.called('chat.mark') ?? [];
    expect(marks.map(({ params }) => params['readSeq'])).toEqual([undefined]);
  });

  it('is asked for after a gap: what was missed was not counted', async () => {
    await using test = await startInChat({
      log: filled(3),
      answers: { 'chat.mark': () => ({ unread: unread({ readSeq: 1, messages: 72 }) }) },
    });
    test.log.fill(70);
    test.server.connections[0]?.event('logGap', { room: 'standup', reason: 'slow', head: test.log.head });
    await eventually(() => test.room.chat.unread.messages === 72, 'the count');
  });
});

describe('markers', () => {
  it('markers of others are followed and listed', async () => {
    const marker = (identity: string, readSeq: number) => ({ identity, readSeq, deliveredSeq: readSeq });
    await using test = await startInChat({
      answers: { 'chat.listMarkers': () => ({ markers: [marker('bob', 1), marker('eve', 3)] }) },
    });
    const { chat } = test.room;
    test.server.connections[0]?.event('markersChanged', { room: 'standup', markers: [marker('bob', 2)] });
    await eventually(() => chat.markers.size === 1, 'the marker');
    await chat.loadMarkers();
    expect([...chat.markers.values()].map(({ identity, readSeq }) => [identity, readSeq])).toEqual([
      ['bob', 2],
      ['eve', 3],
    ]);
  });

  it('an author has read everything up to its message, without being told of', async () => {
    await using test = await startInChat();
    test.server.connections[0]?.event('markersChanged', {
      room: 'standup',
      markers: [{ identity: 'eve', readSeq: 9, deliveredSeq: 9 }],
    });
    test.log.push(
      test.server,
      test.log.append({ identity: 'eve' }),
      test.log.append(),
      test.log.append({ kind: 'reaction', targetId: 'm1', reaction: { emoji: '👍', on: true }, identity: 'sue' }),
    );
    await eventually(() => test.heard.seqs.length === 3, 'the records');
    expect(markersOf(test)).toEqual([
      ['eve', 9, 9],
      ['bob', 2, 2],
    ]);
  });

  it('never move back', async () => {
    await using test = await startInChat();
    const event = (identity: string, readSeq: number) =>
      test.server.connections[0]?.event('markersChanged', {
        room: 'standup',
        markers: [{ identity, readSeq, deliveredSeq: readSeq }],
      });
    test.log.push(test.server, test.log.append(), test.log.append());
    event('bob', 1);
    event('eve', 1);
    await eventually(() => test.room.chat.markers.size === 2, 'the last one');
    expect(markersOf(test)).toEqual([
      ['bob', 2, 2],
      ['eve', 1, 1],
    ]);
  });

  it.each(['epoch', 'fork'] as const)(
    'of a log that is another one (%s) are forgotten, and asked for',
    async (reason) => {
      let markers = [{ identity: 'bob', readSeq: 3, deliveredSeq: 3 }];
      const log = filled(3);
      await using test = await startInChat({ log, answers: { 'chat.listMarkers': () => ({ markers }) } });
      await test.room.chat.loadMarkers();
      markers = [{ identity: 'bob', readSeq: 1, deliveredSeq: 1 }];
      await cut(test, () => {
        log.fill(1);
        log.gapReason = reason;
      });
      await eventually(() => markersOf(test).join() === 'bob,1,1', 'the new ones');
    },
  );
});
