import { describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { ScriptedLog } from '../../test/scripted-log.ts';
import { connectResponse, Refusal, silence } from '../../test/scripted-server.ts';
import { logHead, messageRecord, roomSnapshot } from '../../test/snapshots.ts';
import { cut, startInChat } from '../../test/start-in-chat.ts';

function filled(count: number): ScriptedLog {
  const log = new ScriptedLog();
  log.fill(count);
  return log;
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('following a log', () => {
  it('live records come as they are pushed', async () => {
    await using test = await startInChat({ log: filled(3) });
    expect(test.room.chat.cursor).toEqual({ epoch: 'e1', seq: 3, messageId: 'm3' });
    test.log.push(test.server, test.log.append(), test.log.append());
    await eventually(() => test.heard.seqs.length === 2, 'the records');
    expect(test.heard).toMatchObject({ seqs: [4, 5], live: [4, 5], gaps: [] });
    expect(test.room.chat.records.map(({ seq }) => seq)).toEqual([4, 5]);
    expect(test.room.chat.head).toMatchObject({ seq: 5, messageId: 'm5' });
    expect(test.server.connections[0]?.called('log.sync')).toHaveLength(0);
  });

  it('what is missing before a live record is asked for, and comes first', async () => {
    await using test = await startInChat();
    test.log.fill(3);
    const last = test.log.append();
    test.log.push(test.server, last);
    await eventually(() => test.heard.seqs.length === 4, 'all of them');
    expect(test.heard).toMatchObject({ seqs: upTo(4), gaps: [] });
    expect(test.room.chat.catchingUp).toBe(false);
  });

  it('live records that come while others are asked for wait for these', async () => {
    await using test = await startInChat({ answers: { 'log.sync': () => silence } });
    test.log.fill(2);
    test.log.push(test.server, test.log.append());
    const sync = await test.server.call(0, 'log.sync');
    expect(test.room.chat.catchingUp).toBe(true);
    const answer = { rooms: [test.log.sync('e1', 0)] };
    test.log.push(test.server, test.log.append());
    test.server.connections[0]?.answer(sync, answer);
    await eventually(() => test.heard.seqs.length === 4, 'all of them');
    expect(test.heard).toMatchObject({ seqs: upTo(4), live: [4] });
  });

  it('records out of order and twice come in order and once', async () => {
    await using test = await startInChat();
    const [one, two, three, four] = [1, 2, 3, 4].map(() => test.log.append());
    if (!one || !two || !three || !four) throw new Error('unreachable');
    test.log.push(test.server, two, one);
    test.log.push(test.server, three);
    test.log.push(test.server, one, two, three, four);
    test.log.push(test.server, four);
    await eventually(() => test.heard.seqs.length === 4, 'all of them');
    await test.client.ping();
    expect(test.heard.seqs).toEqual(upTo(4));
  });

  it('what was missed while the connection was lost comes page by page', async () => {
    await using test = await startInChat({ log: filled(2) });
    await cut(test, () => test.log.fill(120));
    await eventually(() => test.heard.seqs.length === 120, 'all of them');
    expect(test.heard).toMatchObject({ seqs: upTo(122, 3), live: [], gaps: [] });
    expect(test.server.connections[1]?.called('log.sync').map(({ params }) => params['rooms'])).toMatchObject([
      [{ cursor: { seq: 2, messageId: 'm2' } }],
      [{ cursor: { seq: 52 } }],
      [{ cursor: { seq: 102 } }],
    ]);
  });

  it('nothing is asked for when nothing was missed', async () => {
    await using test = await startInChat({ log: filled(2) });
    await cut(test);
    await test.client.ping();
    expect(test.server.connections[1]?.called('log.sync')).toEqual([]);
    expect(test.room.chat.catchingUp).toBe(false);
  });

  it('several rooms catch up in one call', async () => {
    const rooms = ['standup', 'other', 'third'];
    const snapshot = (room: string, seq: number) => roomSnapshot({ room, log: logHead({ seq, messageId: `m${seq}` }) });
    await using test = await startInChat({ answers: { 'room.join': ({ room }) => snapshot(room, 1) } });
    for (const room of rooms.slice(1)) await test.client.join(room);
    test.server.answers['session.connect'] = () =>
      connectResponse({ resumed: true, rooms: rooms.map((room) => snapshot(room, 2)) });
    test.server.answers['log.sync'] = (params) => ({
      rooms: params.rooms.map(({ room }) => ({ ...test.log.sync('e1', 9), room, records: [messageRecord(2)] })),
    });
    await cut(test);
    await eventually(() => test.heard.seqs.length === 1, 'the record');
    const calls = test.server.connections[1]?.called('log.sync') ?? [];
    expect(calls.map(({ params }) => (params['rooms'] as { room: string }[]).map(({ room }) => room))).toEqual([rooms]);
  });

  it('catching up is tried again when it fails, and when the connection is lost over it', async () => {
    let failures = 0;
    await using test = await startInChat({
      answers: {
        'log.sync': ({ rooms }, connection) => {
          failures += 1;
          if (failures === 1) return new Refusal('STORE_UNAVAILABLE');
          if (failures === 2) {
            connection.kill();
            return silence;
          }
          return { rooms: rooms.map(({ cursor }) => test.log.sync(cursor.epoch, cursor.seq)) };
        },
      },
    });
    await cut(test, () => test.log.fill(3));
    await eventually(() => test.heard.seqs.length === 3, 'all of them');
    expect(test.heard.seqs).toEqual(upTo(3));
  });

  it('goes on from the cursor of an earlier life of the application', async () => {
    await using test = await startInChat({
      log: filled(5),
      join: { cursor: { epoch: 'e1', seq: 2, messageId: 'm2' } },
    });
    await eventually(() => test.heard.seqs.length === 3, 'all of them');
    expect(test.heard).toMatchObject({ seqs: [3, 4, 5], live: [] });
    expect(test.room.chat.hasOlder).toBe(true);
    expect((await test.server.call(0, 'room.join')).params).toEqual({ room: 'standup', hops: 0 });
  });

  it('more live records than are kept meanwhile are asked for', async () => {
    await using test = await startInChat({ answers: { 'log.sync': () => silence } });
    test.log.append();
    test.log.push(test.server, test.log.append());
    const sync = await test.server.call(0, 'log.sync');
    const answer = { rooms: [test.log.sync('e1', 0)] };
    for (let count = 0; count < 1_200; count += 1) test.log.push(test.server, test.log.append());
    test.log.pageSize = 500;
    test.server.answers['log.sync'] = ({ rooms }) => ({
      rooms: rooms.map(({ cursor }) => test.log.sync(cursor.epoch, cursor.seq)),
    });
    await test.client.ping();
    test.server.connections[0]?.answer(sync, answer);
    await eventually(() => test.heard.seqs.length === 1_202, 'all of them');
    expect(test.heard.seqs).toEqual(upTo(1_202));
  });
});

describe('a gap', () => {
  it.each(['epoch', 'trimmed', 'fork', 'slow'] as const)(
    '%s is told, and the newest page is loaded',
    async (reason) => {
      await using test = await startInChat({ log: filled(3) });
      await test.room.chat.loadOlder();
      await cut(test, () => {
        test.log.fill(70);
        test.log.gapReason = reason;
      });
      await eventually(() => test.room.chat.records.at(-1)?.seq === 73, 'the newest page');
      expect(test.heard).toMatchObject({ seqs: [], gaps: [reason] });
      expect(test.room.chat.records.map(({ seq }) => seq)).toEqual(upTo(73, 24));
      expect(test.room.chat.catchingUp).toBe(false);
      test.log.push(test.server, test.log.append());
      await eventually(() => test.heard.seqs.length === 1, 'the next record');
      expect(test.room.chat.records.map(({ seq }) => seq)).toEqual(upTo(74, 24));
    },
  );

  it('is told when live records are of another epoch', async () => {
    await using test = await startInChat({ log: filled(3) });
    test.log.epoch = 'e2';
    test.log.push(test.server, test.log.append());
    await eventually(() => test.heard.gaps.length === 1, 'the gap');
    expect(test.heard).toMatchObject({ seqs: [], gaps: ['epoch'] });
    expect(test.room.chat.cursor).toEqual({ epoch: 'e2', seq: 4, messageId: 'm4' });
  });

  it('is told when the number of the last record names another one', async () => {
    await using test = await startInChat({ log: filled(3) });
    test.log.gapReason = 'fork';
    test.log.push(test.server, messageRecord(3, { messageId: 'another' }));
    await eventually(() => test.heard.gaps.length === 1, 'the gap');
    expect(test.heard).toMatchObject({ seqs: [], gaps: ['fork'] });
  });

  it('that the server tells by itself leads on from its head', async () => {
    await using test = await startInChat({ log: filled(3) });
    test.log.fill(1_000);
    test.server.connections[0]?.event('logGap', { room: 'standup', reason: 'slow', head: test.log.head });
    test.log.push(test.server, test.log.append());
    await eventually(() => test.room.chat.records.length > 1, 'the newest page');
    expect(test.heard).toMatchObject({ seqs: [1_004], gaps: ['slow'] });
    expect(test.room.chat.records.map(({ seq }) => seq)).toEqual(upTo(1_004, 954));
  });

  it('is told to those who may not read what they missed', async () => {
    await using test = await startInChat({
      log: filled(3),
      answers: {
        'log.sync': ({ rooms }) => ({
          rooms: rooms.map(({ room }) => ({
            room,
            status: 'refused',
            records: [],
            more: false,
            errorReason: 'GRANT_MISSING',
          })),
        }),
      },
    });
    await cut(test, () => test.log.fill(3));
    await eventually(() => test.heard.gaps.length === 1, 'the gap');
    test.log.push(test.server, test.log.append());
    await eventually(() => test.heard.seqs.length === 1, 'the next record');
    expect(test.heard).toMatchObject({ seqs: [7], gaps: ['slow'] });
  });
});
