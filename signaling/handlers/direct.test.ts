import { describe, expect, test } from 'vitest';
import { directTimes as times } from '../direct/direct-state.ts';
import { memberGrants } from '../testing/memory-verifier.ts';
import { startSignaling, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';

const room = 'standup';

async function join(t: TestSignaling, identity: string, { directCapable = true } = {}): Promise<TestClient> {
  const client = await t.connect({ identity });
  await client.call('room.join', { room, directCapable });
  await t.turns.end();
  return client;
}

async function publish(client: TestClient): Promise<string> {
  const { transportId } = await client.call('media.createTransport', { room, direction: 'send' });
  const rtpParameters = { codecs: [{ mimeType: 'audio/opus' }], encodings: [] };
  const request = { room, transportId, kind: 'audio', source: 'microphone', rtpParameters } as const;
  return (await client.call('media.produce', request)).producerId;
}

const modes = (client: TestClient) => client.link.of('mediaModeChanged').map(({ mode }) => mode);
const lastMode = (client: TestClient) => modes(client).at(-1);
const peerIdOf = (client: TestClient) => lastMode(client)?.peerId;

/** Two who are being tried. */
async function startTry(wished: Parameters<typeof startSignaling>[0] = { rooms: { direct: 'auto' } }) {
  const t = startSignaling(wished);
  const ada = await join(t, 'ada');
  const bob = await join(t, 'bob');
  const producerId = await publish(ada);
  t.clock.advance(times.settleMs);
  return { t, ada, bob, producerId };
}

async function startDirect() {
  const started = await startTry();
  for (const client of [started.ada, started.bob]) {
    await client.call('direct.report', { room, generation: 1, outcome: 'connected' });
  }
  return started;
}

const signal = { room, generation: 1, kind: 'candidate', data: 'candidate:1' } as const;

describe('a room whose policy is auto', () => {
  test('tries two who are alone, one of whom makes the offer', async () => {
    const { ada, bob } = await startTry();
    expect([ada, bob].map((client) => lastMode(client)?.mode)).toEqual(['trying', 'trying']);
    expect([ada, bob].filter((client) => lastMode(client)?.initiator)).toHaveLength(1);
    expect(peerIdOf(ada)).not.toBe(peerIdOf(bob));
  });

  test('does not before anything is sent, so that nobody’s address is told for nothing', async () => {
    const t = startSignaling({ rooms: { direct: 'auto' } });
    const ada = await join(t, 'ada');
    await join(t, 'bob');
    t.clock.advance(times.settleMs * 10);
    expect(modes(ada)).toEqual([]);
  });

  test.each([
    ['one of them cannot', false, 'client'],
    ['one of them is there by the plain chat', true, 'chat'],
  ])('does not when %s', async (_, directCapable, kind) => {
    const t = startSignaling({ rooms: { direct: 'auto' } });
    const ada = await join(t, 'ada');
    if (kind === 'chat') await t.openPlainChat({ room, user: 'bob' });
    else await join(t, 'bob', { directCapable });
    await publish(ada);
    t.clock.advance(times.settleMs * 10);
    expect(modes(ada)).toEqual([]);
  });

  test('does not with somebody whose session descriptions the server writes, and lifts when that begins', async () => {
    const { ada, bob } = await startDirect();
    await bob.refusal('sdp.publish', { room, offer: 'v=0' });
    expect(lastMode(ada)).toMatchObject({ mode: 'sfu', reason: 'policy' });
  });

  test('does not with end-to-end encryption, and says so', async () => {
    const t = startSignaling({ rooms: { direct: 'auto' } });
    const ada = await t.connect({ identity: 'ada', can: [...memberGrants, 'moderate'] });
    const { mediaMode } = await ada.call('room.join', { room, options: { e2ee: true }, directCapable: true });
    expect(mediaMode).toMatchObject({ mode: 'sfu', reason: 'e2ee' });
    await t.turns.end();
    await join(t, 'bob');
    t.clock.advance(times.settleMs * 10);
    expect(modes(ada)).toEqual([]);
  });

  test('may be any room’s own, against what the server says', async () => {
    for (const [server, own, expected] of [
      ['auto', 'never', undefined],
      ['never', 'auto', 'trying'],
      ['never', '', undefined],
    ] as const) {
      const t = startSignaling({ rooms: { direct: server } });
      const ada = await t.connect({ identity: 'ada', can: [...memberGrants, 'moderate'] });
      await ada.call('room.join', { room, options: { direct: own }, directCapable: true });
      await t.turns.end();
      await join(t, 'bob');
      await publish(ada);
      t.clock.advance(times.settleMs);
      expect(lastMode(ada)?.mode).toBe(expected);
    }
  });

  test('lifts when a third one joins, whose own answer says so too, and goes direct again when it has left', async () => {
    const { t, ada, bob } = await startDirect();
    expect(lastMode(ada)?.mode).toBe('direct');
    const cleo = await t.connect({ identity: 'cleo' });
    const snapshot = await cleo.call('room.join', { room, directCapable: true });
    await t.turns.end();
    expect(snapshot.mediaMode).toMatchObject({ mode: 'sfu', generation: 2 });
    for (const client of [ada, bob]) {
      expect(lastMode(client)).toMatchObject({ mode: 'sfu', generation: 2, reason: 'joined' });
      await client.call('direct.report', { room, generation: 2, outcome: 'lifted' });
    }
    expect(modes(cleo)).toEqual([]);
    await cleo.call('room.leave', { room });
    t.clock.advance(times.settleMs);
    expect(lastMode(ada)).toMatchObject({ mode: 'trying', generation: 3 });
  });

  test('lifts when a moderator mutes somebody, and stays at the server for as long', async () => {
    const { t, ada, producerId } = await startDirect();
    await t.media.room(room).muteProducer(producerId, { muted: true, lock: true });
    expect(lastMode(ada)).toMatchObject({ mode: 'sfu', reason: 'policy' });
    t.clock.advance(times.liftMs + times.settleMs * 10);
    expect(lastMode(ada)?.mode).toBe('sfu');
    await t.media.room(room).muteProducer(producerId, { muted: false, lock: false });
    t.clock.advance(times.settleMs);
    expect(lastMode(ada)?.mode).toBe('trying');
  });

  test('lifts when somebody may receive no more', async () => {
    const { t, ada, bob } = await startDirect();
    await bob.call('session.refresh', { token: t.verifier.issue({ identity: 'bob', can: ['join', 'publish:audio'] }) });
    expect(lastMode(ada)).toMatchObject({ mode: 'sfu', reason: 'policy' });
  });

  test('goes on over a lost connection, and says how it stands when that is back', async () => {
    const { t, ada, bob } = await startDirect();
    bob.link.lose();
    t.clock.advance(5_000);
    expect(lastMode(ada)?.mode).toBe('direct');
    const again = t.open();
    const { rooms } = await again.connect(t.verifier.issue({ identity: 'bob' }), bob);
    expect(rooms[0]?.mediaMode).toMatchObject({ mode: 'direct', generation: 1 });
    // And when it does not come back.
    again.link.lose();
    t.clock.advance(t.options.sessions.resumeGraceMs);
    expect(lastMode(ada)).toMatchObject({ mode: 'sfu', reason: 'left' });
  });

  test('tries nothing any more when the server drains, and lets those go on who send to each other', async () => {
    const { t, ada } = await startDirect();
    const other = startSignaling({ rooms: { direct: 'auto' } });
    const cleo = await join(other, 'cleo');
    await join(other, 'dan');
    await publish(cleo);
    for (const { signaling } of [t, other]) void signaling.drain(60_000);
    other.clock.advance(times.settleMs);
    expect(modes(cleo)).toEqual([]);
    expect(lastMode(ada)?.mode).toBe('direct');
    expect(t.signaling.stats().direct).toEqual({ calls: 1, tried: 1, connected: 1 });
  });

  test('has no timers when nobody is there', async () => {
    const { t, ada, bob } = await startTry();
    for (const client of [ada, bob]) await client.call('room.leave', { room });
    t.signaling.close();
    expect(t.signaling.stats().direct.calls).toBe(0);
  });
});

describe('direct.signal', () => {
  test('reaches the other one and nobody else, as it is', async () => {
    const { ada, bob } = await startTry();
    const data = '\u0000 not read by the server {"';
    await ada.call('direct.signal', { ...signal, kind: 'offer', data });
    expect(bob.link.of('directSignal')).toEqual([{ room, generation: 1, kind: 'offer', data }]);
    expect(ada.link.of('directSignal')).toEqual([]);
  });

  test('of an older generation is dropped, and of one that never was is refused', async () => {
    const { t, ada, bob } = await startTry();
    expect((await ada.refusal('direct.signal', { ...signal, generation: 2 })).reason).toBe('DIRECT_NOT_POSSIBLE');
    await ada.call('direct.report', { room, generation: 1, outcome: 'failed' });
    await ada.call('direct.signal', signal);
    expect(bob.link.of('directSignal')).toEqual([]);
    // At the server by now: nothing is passed on.
    expect((await ada.refusal('direct.signal', { ...signal, generation: 2 })).reason).toBe('DIRECT_NOT_POSSIBLE');
    t.clock.advance(times.restAfterFailedMs);
    expect(lastMode(ada)).toMatchObject({ mode: 'trying', generation: 3 });
  });

  test('is refused in a room that never is direct, and to whom is not in it', async () => {
    const t = startSignaling();
    const ada = await join(t, 'ada');
    await join(t, 'bob');
    expect((await ada.refusal('direct.signal', signal)).reason).toBe('DIRECT_NOT_POSSIBLE');
    expect((await ada.refusal('direct.report', { room, generation: 0, outcome: 'bad' })).reason).toBe(
      'DIRECT_NOT_POSSIBLE',
    );
    const cleo = await t.connect({ identity: 'cleo' });
    expect((await cleo.refusal('direct.signal', signal)).reason).toBe('NOT_IN_ROOM');
  });

  test.each([
    ['too large', { data: 'x'.repeat(32_769) }],
    ['of a kind that is none', { kind: 'rollback' }],
    ['without a kind', { kind: '' }],
    ['of no number', { generation: 'x' }],
    ['no text', { data: { sdp: 'v=0' } }],
  ])('%s is refused', async (_, wrong) => {
    const { ada, bob } = await startTry();
    expect((await ada.refusal('direct.signal', { ...signal, ...wrong })).reason).toBe('BAD_REQUEST');
    expect(bob.link.of('directSignal')).toEqual([]);
  });

  test('comes as fast as a call needs it and not faster, by calls and by bytes', async () => {
    const { t, ada, bob } = await startTry();
    const data = 'x'.repeat(32_000);
    for (let sent = 0; sent < 8; sent += 1) await ada.call('direct.signal', { ...signal, data });
    const refused = await ada.refusal('direct.signal', { ...signal, data });
    expect(refused.reason).toBe('RATE_LIMITED');
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    // The other one has bytes of its own.
    await bob.call('direct.signal', { ...signal, data });
    t.clock.advance(2_000);
    await ada.call('direct.signal', { ...signal, data });
    let accepted = 0;
    for (let sent = 0; sent < 300; sent += 1) {
      if (
        await bob.call('direct.signal', signal).then(
          () => true,
          () => false,
        )
      )
        accepted += 1;
    }
    expect(accepted).toBeLessThan(260);
    expect(accepted).toBeGreaterThan(100);
  });
});

describe('direct.report', () => {
  test('of a way that is bad lifts both', async () => {
    const { t, ada, bob } = await startDirect();
    await bob.call('direct.report', { room, generation: 1, outcome: 'bad', detail: 'loss' });
    expect([ada, bob].map(lastMode)).toMatchObject([{ reason: 'bad' }, { reason: 'bad' }]);
    t.clock.advance(times.restAfterBadMs - 1);
    expect(lastMode(ada)?.mode).toBe('sfu');
    t.clock.advance(1);
    expect(lastMode(ada)?.mode).toBe('trying');
  });

  test.each([
    ['garbage', { outcome: 'wonderful' }],
    ['too long a detail', { outcome: 'bad', detail: 'x'.repeat(257) }],
  ])('of %s is refused', async (_, wrong) => {
    const { ada } = await startDirect();
    expect((await ada.refusal('direct.report', { room, generation: 1, ...wrong })).reason).toBe('BAD_REQUEST');
    expect(lastMode(ada)?.mode).toBe('direct');
  });
});
