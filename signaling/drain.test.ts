import { describe, expect, test } from 'vitest';
import { toAppError } from '../core/errors.ts';
import { noLogCounts } from './log/log-counts.ts';
import { createScriptedRoomLog } from './testing/scripted-room-log.ts';
import { startSignaling } from './testing/start-signaling.ts';

/** Whether a promise has ended by now. */
async function hasEnded(promise: Promise<unknown>): Promise<boolean> {
  let ended = false;
  void promise.then(() => {
    ended = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return ended;
}

describe('drain()', () => {
  test('refuses new sessions, resumes and plain chat with SERVER_DRAINING', async () => {
    const t = startSignaling();
    const away = await t.join({ identity: 'away' });
    away.link.lose();
    const early = t.open();
    const release = t.verifier.hold();
    const verifying = t.open();
    const refusal = verifying.refusal('session.connect', { token: t.verifier.issue({ identity: 'ada' }) });
    const verifyingChat = t.openPlainChat({ token: t.verifier.issue({ identity: 'bob' }) });
    void t.signaling.drain(5_000);
    release();
    expect((await refusal).reason).toBe('CALL_CANCELLED');
    const late = t.open();
    for (const { link } of [early, verifying, late]) expect(link.closedWith).toBe('SERVER_DRAINING');
    const token = t.verifier.issue({ identity: 'away' });
    const resume = { sessionId: away.session!.sessionId, secret: away.session!.resumeSecret };
    expect((await late.refusal('session.connect', { token, resume })).reason).toBe('SERVER_DRAINING');
    for (const chat of [verifyingChat, t.openPlainChat({ user: 'Gus' })]) {
      expect(toAppError(await chat.catch((thrown: unknown) => thrown)).reason).toBe('SERVER_DRAINING');
    }
    expect(t.signaling.stats().sessions).toEqual({ connected: 0, away: 0 });
  });

  test('asks each client to come back at a moment of its own, then closes it', async () => {
    const t = startSignaling();
    const clients = [];
    for (let index = 0; index < 50; index++) clients.push(await t.join({ identity: `peer-${index}` }, 'hall'));
    const guest = await t.openPlainChat({ user: 'Gus' });
    for (const { link } of [...clients, guest]) link.take();
    const drained = t.signaling.drain(5_000);
    const retries: number[] = [];
    for (const { link } of [...clients, guest]) {
      const [closing] = link.of('sessionClosing');
      expect(closing?.reason).toBe('SERVER_DRAINING');
      retries.push(closing?.retryAfterMs ?? 0);
    }
    await t.turns.end();
    for (const { link } of [...clients, guest]) {
      expect(link.names()).toEqual(['sessionClosing']);
      expect(link.closedWith).toBe('SERVER_DRAINING');
    }
    await drained;
    // 200 in a second, the first after half of one: whatever the jitter, each has its own slot of 5 ms.
    retries.forEach((retryMs, index) => {
      expect(retryMs).toBeGreaterThanOrEqual(500 + index * 5);
      expect(retryMs).toBeLessThanOrEqual(500 + (index + 1) * 5);
    });
    expect(t.signaling.stats()).toMatchObject({ sessions: { connected: 0, away: 0 }, peers: { client: 0, chat: 0 } });
  });

  test('lets open calls end before it closes, and takes no new ones', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const release = t.media.room('standup').hold();
    const answer = ada.call('media.createTransport', { room: 'standup', direction: 'send' });
    const drained = t.signaling.drain(5_000);
    await t.turns.end();
    expect(ada.link.closedWith).toBeUndefined();
    expect((await ada.refusal('session.ping', {})).reason).toBe('SERVER_DRAINING');
    expect(await hasEnded(drained)).toBe(false);
    release();
    expect(await answer).toHaveProperty('transportId');
    await t.turns.end();
    expect(ada.link.closedWith).toBe('SERVER_DRAINING');
    await drained;
  });

  test('closes at its deadline what has not ended by then', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    t.media.room('standup').hold();
    const refusal = ada.refusal('media.createTransport', { room: 'standup', direction: 'send' });
    const drained = t.signaling.drain(5_000);
    await t.turns.end();
    t.clock.advance(4_999);
    expect(ada.link.closedWith).toBeUndefined();
    t.clock.advance(1);
    expect(ada.link.closedWith).toBe('SERVER_DRAINING');
    expect((await refusal).reason).toBe('CALL_CANCELLED');
    await drained;
  });

  test('of nobody is done at once', async () => {
    const t = startSignaling();
    await t.signaling.drain(5_000);
    expect(t.clock.pendingTimers).toBe(t.idleTimers);
  });

  test('twice is draining once', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const drains = [t.signaling.drain(5_000), t.signaling.drain(1)];
    await t.turns.end();
    await Promise.all(drains);
    expect(ada.link.of('sessionClosing')).toHaveLength(1);
  });
});

test('drain() waits for what is on its way into the log, also of clients that are gone', async () => {
  const roomLog = createScriptedRoomLog();
  const t = startSignaling({ roomLog });
  const guest = await t.openPlainChat({ user: 'Gus' });
  const release = roomLog.hold();
  const sent = guest.send({ type: 'message', content: 'last words' });
  await t.turns.end();
  let drained = false;
  const draining = t.signaling.drain(60_000).then(() => {
    drained = true;
  });
  for (let turns = 0; turns < 5; turns++) await t.turns.end();
  expect([drained, t.signaling.stats().log.pending > 0]).toEqual([false, true]);
  release();
  await draining;
  await sent;
  expect(t.signaling.stats().log.pending).toBe(0);
});

describe('close()', () => {
  test('ends everything at once and leaves no timer behind', async () => {
    const t = startSignaling();
    const [ada, away] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'away' })];
    const [early, guest] = [t.open(), await t.openPlainChat({ user: 'Gus' })];
    away.link.lose();
    t.signaling.close();
    for (const { link } of [ada, early, guest]) expect(link.closedWith).toBe('SERVER_DRAINING');
    expect(ada.link.of('roomLeft')).toEqual([]);
    await t.turns.end();
    expect(t.media.room('standup').closed).toBe(true);
    expect(t.clock.pendingTimers).toBe(0);
    expect(t.signaling.stats()).toEqual({
      sessions: { connected: 0, away: 0 },
      rooms: 0,
      peers: { client: 0, chat: 0, phone: 0 },
      calls: 0,
      ingest: { whip: 0, whep: 0 },
      direct: { calls: 0, connected: 0, tried: 0 },
      sdp: { sessions: { publish: 0, subscribe: 0 }, refused: 0 },
      messages: 0,
      log: { pending: 0, failures: 0, open: 1 },
      logGaps: { epoch: 0, trimmed: 0, fork: 0, slow: 0 },
      logRepairs: noLogCounts(),
    });
  });
});
