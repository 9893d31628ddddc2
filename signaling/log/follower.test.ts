import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createScriptedRoomLog } from '../testing/scripted-room-log.ts';
import { startSignaling } from '../testing/start-signaling.ts';
import { maxBehindMs } from './follower.ts';
import { retentionIntervalMs } from './retention.ts';

const room = 'standup';

async function startTwo(wished: Parameters<typeof startSignaling>[0] = {}) {
  const t = startSignaling(wished);
  const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
  for (let turns = 0; turns < 4; turns++) await t.turns.end();
  for (const { link } of [ada, bob]) link.events.length = 0;
  return { t, ada, bob };
}

/** Bob takes nothing, and what he misses is in memory no more. */
async function startFarBehind() {
  const roomLog = createScriptedRoomLog();
  const { t, ada, bob } = await startTwo({ roomLog });
  bob.link.slow = true;
  for (let index = 0; index < 200; index++) {
    t.clock.advance(99);
    await ada.say(`${index}`);
  }
  return { t, ada, bob, roomLog };
}

describe('a reader that is slow', () => {
  test('is told nothing until it takes records again, then everything from where it stopped', async () => {
    const { t, ada, bob } = await startTwo();
    bob.link.slow = true;
    for (let index = 0; index < 30; index++) await ada.say(`${index}`);
    expect(bob.link.messages()).toEqual([]);
    bob.link.drain();
    expect(bob.link.messages()).toEqual(ada.link.messages());
    t.clock.advance(maxBehindMs * 2);
    await ada.say('on we go');
    expect(bob.link.messages()).toEqual(ada.link.messages());
    expect(bob.link.closedWith).toBeUndefined();
  });

  test('far behind what is in memory is caught up with from the store', async () => {
    const { t, ada, bob } = await startTwo();
    bob.link.slow = true;
    for (let index = 0; index < 200; index++) {
      t.clock.advance(99);
      await ada.say(`${index}`);
    }
    bob.link.drain();
    for (let turns = 0; turns < 10; turns++) await t.turns.end();
    expect(bob.link.messages()).toEqual(ada.link.messages());
  });

  test('that takes nothing for 20 s is closed with SLOW_CONSUMER', async () => {
    const { t, ada, bob } = await startTwo();
    bob.link.slow = true;
    await ada.say('hi');
    t.clock.advance(maxBehindMs - 1);
    expect(bob.link.closedWith).toBeUndefined();
    t.clock.advance(1);
    expect(bob.link.closedWith).toBe('SLOW_CONSUMER');
  });

  test('that leaves, or is closed, waits for nothing any more', async () => {
    const { t, ada, bob } = await startTwo();
    bob.link.slow = true;
    await ada.say('hi');
    await bob.call('room.leave', { room });
    bob.link.drain();
    t.clock.advance(maxBehindMs);
    expect([bob.link.closedWith, bob.link.messages()]).toEqual([undefined, []]);
  });

  test('behind what was forgotten meanwhile is told of the gap, and goes on behind the head', async () => {
    const { t, ada, bob } = await startTwo({ chat: { retentionRecords: 3 } });
    t.clock.advance(retentionIntervalMs - 5_000);
    await t.turns.end();
    bob.link.slow = true;
    for (let index = 0; index < 20; index++) await ada.say(`${index}`);
    t.clock.advance(5_000);
    await t.turns.end();
    bob.link.drain();
    const { head } = await ada.call('log.read', { room });
    expect(bob.link.of('logGap')).toEqual([{ room, reason: 'slow', head }]);
    expect(t.signaling.stats().logGaps).toEqual({ epoch: 0, trimmed: 0, fork: 0, slow: 1 });
    expect(bob.link.messages()).toEqual([]);
    await ada.say('on we go');
    expect(bob.link.messages().at(-1)!.message.text).toBe('on we go');
  });

  test('waits when the store does not have what the head promises, and goes on once it has', async () => {
    const { t, ada, bob, roomLog } = await startFarBehind();
    const { read } = roomLog;
    roomLog.read = async (requests) => (await read(requests)).map((page) => ({ ...page, records: [] }));
    const before = roomLog.reads();
    bob.link.drain();
    for (let turns = 0; turns < 50; turns++) await t.turns.end();
    expect(roomLog.reads() - before).toBe(1);
    roomLog.read = read;
    t.clock.advance(1_000);
    for (let turns = 0; turns < 10; turns++) await t.turns.end();
    expect(bob.link.messages()).toEqual(ada.link.messages());
    t.clock.advance(maxBehindMs * 2);
    expect(bob.link.closedWith).toBeUndefined();
  });

  test('is closed with SLOW_CONSUMER when the store never has what the head promises', async () => {
    const { t, bob, roomLog } = await startFarBehind();
    const { read } = roomLog;
    roomLog.read = async (requests) => (await read(requests)).map((page) => ({ ...page, records: [] }));
    bob.link.drain();
    for (let seconds = 0; seconds <= maxBehindMs; seconds += 1_000) {
      await t.turns.end();
      t.clock.advance(1_000);
    }
    expect(bob.link.closedWith).toBe('SLOW_CONSUMER');
  });

  test('of several rooms goes on in each of them', async () => {
    const { t, ada, bob } = await startTwo();
    for (const client of [ada, bob]) await client.call('room.join', { room: 'elsewhere' });
    await t.turns.end();
    bob.link.slow = true;
    await ada.say('here');
    await ada.say('there', { room: 'elsewhere' });
    bob.link.drain();
    await t.turns.end();
    expect(
      bob.link
        .messages()
        .map(({ message }) => message.text)
        .sort(),
    ).toEqual(['here', 'there']);
  });

  test('whatever it takes and whenever: it is told everything once, in order', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant('say' as const) },
      { weight: 2, arbitrary: fc.constant('slow' as const) },
      { weight: 2, arbitrary: fc.constant('drain' as const) },
      { weight: 2, arbitrary: fc.constant('turn' as const) },
      { weight: 1, arbitrary: fc.constant('burst' as const) },
      { weight: 1, arbitrary: fc.constant('unknown' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
        const roomLog = createScriptedRoomLog();
        const { t, ada, bob } = await startTwo({ roomLog });
        const first = (await ada.call('log.read', { room })).head.seq + 1;
        let sent = 0;
        const say = async () =>
          await ada.endpoint.call('chat.send', { room, clientId: `s${sent++}`, text: 'x'.repeat(3_000) });
        for (const one of steps) {
          t.clock.advance(1_000);
          if (one === 'slow') bob.link.slow = true;
          else if (one === 'drain') bob.link.drain();
          else if (one === 'turn') await t.turns.end();
          else {
            if (one === 'unknown') roomLog.failNext('unknown');
            for (let count = one === 'burst' ? 30 : 1; count > 0; count--) say().catch(() => {});
          }
        }
        for (let turns = 0; turns < 6; turns++) {
          t.clock.advance(1_000);
          await t.turns.end();
          bob.link.drain();
        }
        const seqs = bob.link.records().map(({ seq }) => seq);
        expect(seqs).toEqual(seqs.map((_, index) => first + index));
        const { head } = await ada.call('log.read', { room });
        expect(seqs.at(-1) ?? first - 1).toBe(head.seq);
      }),
      { numRuns: 60 },
    );
  });
});

describe('joining', () => {
  test('while others write has no window: the snapshot and the events after it are the whole log', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 4, maxLength: 24 }), async (steps) => {
        const { t, ada } = await startTwo({ chat: { coalesceMs: 10 } });
        const carl = await t.connect({ identity: 'carl' });
        let index = 0;
        let joining: ReturnType<typeof carl.call<'room.join'>> | undefined;
        for (const endsTurn of steps) {
          // 24 of them are shorter than a call may take, in case none ends a turn.
          t.clock.advance(400);
          if (endsTurn) await t.turns.end();
          else
            Promise.resolve(ada.endpoint.call('chat.send', { room, clientId: `${index++}`, text: 'x' })).catch(
              () => {},
            );
          if (index === 2) joining ??= carl.call('room.join', { room });
        }
        joining ??= carl.call('room.join', { room });
        for (let turns = 0; turns < 5; turns++) await t.turns.end();
        const { log } = await joining;
        const seqs = carl.link.records().map(({ seq }) => seq);
        expect(seqs).toEqual(seqs.map((_, at) => log.seq + 1 + at));
        const { head } = await ada.call('log.read', { room });
        expect(seqs.at(-1) ?? log.seq).toBe(head.seq);
      }),
      { numRuns: 60 },
    );
  });

  test('a large room, records that wait for their frame are told to those who were there, and not twice to who joins', async () => {
    const { t, ada } = await startTwo({ sessions: { maxPerIdentity: 1000 } });
    for (let index = 0; index < 100; index++) await t.join({ identity: `peer-${index}` });
    t.clock.advance(10);
    await t.turns.end();
    ada.link.events.length = 0;
    await ada.say('at once');
    await ada.say('waits');
    const late = await t.connect({ identity: 'late' });
    const { log } = await late.call('room.join', { room });
    await ada.say('waits too');
    expect(ada.link.messages().map(({ message }) => message.text)).toEqual(['at once']);
    t.clock.advance(10);
    await t.turns.end();
    expect(ada.link.messages().map(({ message }) => message.text)).toEqual(['at once', 'waits', 'waits too']);
    expect(late.link.messages().map(({ message }) => message.text)).toEqual(['waits too']);
    expect(late.link.records()[0]!.seq).toBeGreaterThan(log.seq);
  });
});
