import { describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { ScriptedLog } from '../../test/scripted-log.ts';
import { Refusal, silence } from '../../test/scripted-server.ts';
import { messageContent, messageRecord, roomSnapshot, unread } from '../../test/snapshots.ts';
import { cut, startInChat } from '../../test/start-in-chat.ts';

function filled(count: number): ScriptedLog {
  const log = new ScriptedLog();
  log.fill(count);
  return log;
}

describe('history', () => {
  it('loads page by page up to the first record, once however often it is asked for', async () => {
    await using test = await startInChat({ log: filled(120) });
    const { chat } = test.room;
    expect([chat.records.length, chat.hasOlder]).toEqual([0, true]);
    expect(await Promise.all([chat.loadOlder(), chat.loadOlder()])).toEqual([50, 50]);
    expect(await chat.loadOlder()).toBe(50);
    expect([await chat.loadOlder(), chat.hasOlder, await chat.loadOlder()]).toEqual([20, false, 0]);
    expect(chat.records.map(({ seq }) => seq)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
    expect(test.heard.seqs).toEqual([]);
    expect(test.server.connections[0]?.called('log.read')).toHaveLength(3);
  });

  it('ends where the server has forgotten what was before', async () => {
    const log = filled(10);
    await using test = await startInChat({ log });
    log.firstSeq = 11;
    expect(await test.room.chat.loadOlder()).toBe(0);
    expect(test.room.chat.hasOlder).toBe(false);
  });

  it('of an application without the right to it is not there', async () => {
    const log = filled(10);
    await using test = await startInChat({
      log,
      answers: { 'room.join': () => roomSnapshot({ log: log.head, grants: ['join', 'chat'] }) },
    });
    expect([test.room.chat.hasOlder, await test.room.chat.loadOlder()]).toEqual([false, 0]);
  });

  it('that fails to load may be asked for again', async () => {
    await using test = await startInChat({ log: filled(3) });
    test.server.answers['log.read'] = () => new Refusal('STORE_UNAVAILABLE');
    await expect(test.room.chat.loadOlder()).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
    test.server.answers['log.read'] = (params) => test.log.read(params);
    expect(await test.room.chat.loadOlder()).toBe(3);
  });

  it('an old page that comes after a gap is not mixed in', async () => {
    await using test = await startInChat({ log: filled(60) });
    test.server.answers['log.read'] = () => silence;
    const loading = test.room.chat.loadOlder();
    const old = await test.server.call(0, 'log.read');
    const answer = test.log.read({ beforeSeq: 61 });
    test.log.fill(40);
    test.server.answers['log.read'] = (params) => test.log.read(params);
    test.server.connections[0]?.event('logGap', { room: 'standup', reason: 'slow', head: test.log.head });
    await eventually(() => test.room.chat.records.length === 50, 'the newest page');
    test.server.connections[0]?.answer(old, answer);
    expect(await loading).toBe(0);
    expect(test.room.chat.records[0]?.seq).toBe(51);
  });

  it('threads and searches are answered by the server', async () => {
    await using test = await startInChat({
      answers: {
        'log.read': ({ afterSeq = 0 }) => ({
          ...test.log.read({}),
          records: [messageRecord(afterSeq + 1)],
          more: afterSeq < 2,
        }),
        'log.search': () => ({ records: [messageRecord(9)], more: true }),
      },
    });
    expect((await test.room.chat.thread('m1')).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(await test.room.chat.search('text', { limit: 1 })).toMatchObject({ more: true, records: [{ seq: 9 }] });
    expect((await test.server.call(0, 'log.search')).params).toEqual({ room: 'standup', query: 'text', limit: 1 });
  });
});

describe('unread', () => {
  it('counts what others write, and what mentions the caller', async () => {
    await using test = await startInChat();
    test.log.push(
      test.server,
      test.log.append(),
      test.log.append({ message: messageContent('@ada', { mentions: ['ada'] }) }),
      test.log.append({ identity: 'ada' }),
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
});

describe('typing', () => {
  it('is told once in a while, and taken back when no key is pressed', async () => {
    await using test = await startInChat({ client: { timing: { typingStopMs: 30, typingRepeatMs: 1_000 } } });
    for (let key = 0; key < 10; key += 1) test.room.chat.setTyping(true);
    await test.server.call(0, 'chat.setTyping', 1);
    const told = test.server.connections[0]?.called('chat.setTyping').map(({ params }) => params['typing']);
    expect(told).toEqual([true, false]);
  });

  it('of others is shown until they stop, write, or are silent', async () => {
    await using test = await startInChat({ client: { timing: { typingExpiryMs: 500 } } });
    const [connection] = test.server.connections;
    const event = (identity: string, typing: boolean) =>
      connection?.event('typingChanged', { room: 'standup', identity, name: identity, typing });
    for (const identity of ['ada', 'bob', 'eve', 'sue']) event(identity, true);
    const writers = () => test.room.chat.typing.map(({ identity }) => identity).join();
    await eventually(() => writers() === 'bob,eve,sue', 'all but the caller');
    event('eve', false);
    test.log.push(test.server, test.log.append({ identity: 'bob' }));
    await eventually(() => writers() === 'sue', 'one left');
    await eventually(() => writers() === '', 'nobody');
  });
});

describe('changes and rules', () => {
  it('edit(), delete() and react() answer with the receipt', async () => {
    const receipt = { epoch: 'e1', seq: 1, messageId: 'm1', atMs: 1, durability: 'disk', duplicate: false };
    await using test = await startInChat({
      answers: { 'chat.edit': () => receipt, 'chat.delete': () => receipt, 'chat.react': () => receipt },
    });
    const { chat } = test.room;
    expect(await chat.edit('m1', 'better')).toEqual(receipt);
    expect(await chat.react('m1', '👍', true)).toEqual(receipt);
    expect(await chat.delete('m1')).toEqual(receipt);
  });

  it('the room follows what moderators set', async () => {
    await using test = await startInChat();
    let changes = 0;
    test.room.on('rulesChanged', () => {
      changes += 1;
    });
    const settings = { slowModeMs: 5_000, retentionMs: 0, retentionRecords: 0 };
    test.log.push(
      test.server,
      test.log.append({ kind: 'configured', settings }),
      test.log.append({ kind: 'muted', subject: 'ada' }),
      test.log.append({ kind: 'muted', subject: 'bob', untilMs: 1 }),
    );
    await eventually(() => changes > 0, 'the change');
    expect(test.room.settings).toEqual(settings);
    expect(test.room.mutedUntilMs).toBe(8_640_000_000_000_000);
    test.log.push(test.server, test.log.append({ kind: 'unmuted', subject: 'ada' }));
    await eventually(() => test.room.mutedUntilMs === undefined, 'the end of the mute');
  });

  it('direct conversations and mentions elsewhere are events of the client', async () => {
    await using test = await startInChat({
      answers: { 'chat.openDirect': () => ({ room: 'dm:1' }), 'chat.listDirects': () => ({ directs: [] }) },
    });
    const heard: string[] = [];
    test.client.on('directOpened', ({ room, identity }) => heard.push(`${room} with ${identity}`));
    test.client.on('mentioned', ({ room, record }) => heard.push(`${record.messageId} in ${room}`));
    expect(await test.client.openDirect('bob')).toBe('dm:1');
    expect(await test.client.listDirects()).toEqual([]);
    test.server.connections[0]?.event('directOpened', { room: 'dm:1', identity: 'bob' });
    test.server.connections[0]?.event('mentioned', { room: 'elsewhere', record: messageRecord(7) });
    await eventually(() => heard.length === 2, 'both');
    expect(heard).toEqual(['dm:1 with bob', 'm7 in elsewhere']);
  });
});
