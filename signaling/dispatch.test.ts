import { describe, expect, test } from 'vitest';
import { startSignaling } from './testing/start-signaling.ts';

type Observed = [method: string, outcome: string];

describe('call()', () => {
  test('of a method that there is not fails with UNKNOWN_METHOD, whoever calls', async () => {
    const t = startSignaling();
    for (const client of [t.open(), await t.connect({ identity: 'ada' })]) {
      for (const method of ['room.explode', 'join', '', '__proto__', 'constructor.prototype']) {
        const error = await client.refusal(method, {});
        expect(error.reason).toBe('UNKNOWN_METHOD');
        expect(error.message).toBe(`There is no method ${method}.`);
      }
    }
  });

  test('of an unknown method does not repeat an absurdly long name', async () => {
    const error = await startSignaling().open().refusal('x'.repeat(100_000), {});
    expect(error.message.length).toBeLessThan(100);
  });

  test('before session.connect fails with NOT_CONNECTED', async () => {
    const client = startSignaling().open();
    for (const method of ['session.ping', 'room.join', 'chat.send', 'media.produce', 'moderation.removePeer']) {
      expect((await client.refusal(method, {})).reason).toBe('NOT_CONNECTED');
    }
  });

  test('with a wrong request fails with BAD_REQUEST that names the field', async () => {
    const t = startSignaling();
    const client = await t.connect({ identity: 'ada' });
    const problems: [string, unknown, string][] = [
      ['room.join', {}, 'room is required.'],
      ['room.join', { room: 7 }, 'room must be a string.'],
      ['room.join', { room: 'a b' }, 'room must match [A-Za-z0-9][A-Za-z0-9_.:@-]*.'],
      ['room.join', { room: 'a', colour: 'red' }, 'colour is not known.'],
      ['room.join', { room: 'a', options: { maxPeers: -1 } }, 'options.maxPeers must be from 1 to 100000.'],
      ['room.join', [], 'The message must be an object.'],
      ['session.ping', 'hello', 'The message must be an object.'],
    ];
    for (const [method, params, message] of problems) {
      const error = await client.refusal(method, params);
      expect([error.reason, error.message]).toEqual(['BAD_REQUEST', message]);
    }
    expect(await client.call('session.ping', { payload: 'still here' })).toEqual({ payload: 'still here' });
  });

  test('in a room that the session is not in fails with NOT_IN_ROOM', async () => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada' }, 'here');
    const error = await client.refusal('chat.send', { room: 'there', clientId: 'c', text: 'hi' });
    expect([error.reason, error.message]).toEqual(['NOT_IN_ROOM', 'Join the room there first.']);
  });

  test('without the grant that the policy requires fails with GRANT_MISSING', async () => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada', can: ['join'] });
    const error = await client.refusal('chat.send', { room: 'standup', clientId: 'c', text: 'hi' });
    expect([error.reason, error.details]).toEqual(['GRANT_MISSING', { grant: 'chat' }]);
  });

  test('more often than the policy allows fails with RATE_LIMITED and says when to try again', async () => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada' });
    const send = () => client.say('hi');
    for (let sent = 0; sent < 40; sent++) await send();
    const error = await client.refusal('chat.send', { room: 'standup', clientId: 'c', text: 'hi' });
    expect([error.reason, error.message, error.retryAfterMs]).toEqual([
      'RATE_LIMITED',
      'Too many calls of chat.send.',
      100,
    ]);
    expect((await client.refusal('chat.send', 'even when it is malformed')).reason).toBe('RATE_LIMITED');
    t.clock.advance(100);
    await send();
    expect((await client.refusal('chat.send', { room: 'standup', clientId: 'c', text: 'hi' })).reason).toBe(
      'RATE_LIMITED',
    );
  });

  test('is counted by session and by method', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    for (let sent = 0; sent < 40; sent++) await ada.say('hi');
    await ada.call('room.listPeers', { room: 'standup', pageToken: '0' });
    await bob.say('hi');
  });

  test('without params is a call with none', async () => {
    const client = await startSignaling().connect({ identity: 'ada' });
    expect(await client.endpoint.call('session.ping', undefined)).toEqual({ payload: '' });
  });

  test('that waits for nothing is answered at once, with no timer', async () => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada' });
    const timers = t.clock.pendingTimers;
    expect(client.endpoint.call('session.ping', { payload: 'x' })).toEqual({ payload: 'x' });
    const page = { room: 'standup', pageToken: '0' };
    expect(client.endpoint.call('room.listPeers', page)).toEqual({ peers: [], nextPageToken: '' });
    expect(t.clock.pendingTimers).toBe(timers);
  });

  test('that takes too long fails with CALL_TIMEOUT, and its late answer is dropped', async () => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada' });
    const release = t.media.room('standup').hold();
    const refusal = client.refusal('media.createTransport', { room: 'standup', direction: 'send' });
    await t.turns.end();
    t.clock.advance(t.options.sessions.callTimeoutMs);
    expect((await refusal).message).toBe('The call took longer than 8000 ms.');
    release();
    await t.turns.end();
  });

  test('has the deadline of its policy before the configured one', async () => {
    const t = startSignaling();
    const client = await t.connect({ identity: 'ada' });
    t.verifier.hold();
    const refusal = client.refusal('session.refresh', { token: t.verifier.issue({ identity: 'ada' }) });
    await t.turns.end();
    t.clock.advance(10_000);
    expect((await refusal).details).toEqual({ timeoutMs: 10_000 });
  });

  test('that is open when the connection closes fails with CALL_CANCELLED and leaves no timer', async () => {
    const t = startSignaling({ sessions: { resumeGraceMs: 0 } });
    const client = await t.join({ identity: 'ada' });
    t.media.room('standup').hold();
    const refusal = client.refusal('media.createTransport', { room: 'standup', direction: 'send' });
    await t.turns.end();
    client.link.lose();
    expect((await refusal).reason).toBe('CALL_CANCELLED');
    await t.turns.end();
    t.clock.advance(t.options.rooms.idleTimeoutMs);
    expect(t.clock.pendingTimers).toBe(t.idleTimers);
  });
});

test('observeCall hears of every call once, with its outcome', async () => {
  const observed: Observed[] = [];
  const t = startSignaling({}, (method, seconds, outcome) => {
    expect(seconds).toBeGreaterThanOrEqual(0);
    observed.push([method, outcome]);
  });
  const client = t.open();
  await client.refusal('room.explode', {});
  await client.refusal('session.ping', {});
  await client.connect(t.verifier.issue({ identity: 'ada' }));
  await client.call('session.ping', {});
  await client.refusal('session.refresh', { token: 'nonsense' });
  expect(observed).toEqual([
    ['unknown', 'UNKNOWN_METHOD'],
    ['session.ping', 'NOT_CONNECTED'],
    ['session.connect', 'ok'],
    ['session.ping', 'ok'],
    ['session.refresh', 'TOKEN_MALFORMED'],
  ]);
});

test('observeCall measures how long a call was waited for', async () => {
  const seconds: number[] = [];
  const t = startSignaling({}, (method, took) => {
    if (method === 'media.createTransport') seconds.push(took);
  });
  const client = await t.join({ identity: 'ada' });
  const release = t.media.room('standup').hold();
  const answer = client.call('media.createTransport', { room: 'standup', direction: 'send' });
  await t.turns.end();
  t.clock.advance(1500);
  release();
  await answer;
  expect(seconds).toEqual([1.5]);
});
