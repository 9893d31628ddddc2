import { describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { ScriptedLog } from '../../test/scripted-log.ts';
import { Refusal, silence } from '../../test/scripted-server.ts';
import { messageRecord, roomSnapshot } from '../../test/snapshots.ts';
import { startInChat } from '../../test/start-in-chat.ts';

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
