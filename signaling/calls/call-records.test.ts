import { describe, expect, test } from 'vitest';
import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import { callBetween, callNumber, endOf, enter, settle, signIn, startCall, stepsOf } from '../testing/call-people.ts';
import { createScriptedRoomLog } from '../testing/scripted-room-log.ts';
import { startSignaling } from '../testing/start-signaling.ts';

describe('what is left of calls', () => {
  test('stands in the lists of both, the newest first, page by page, and in the log of the room', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const [call, phone] = await callNumber(t, ada);
    phone.setState({ codec: 'G722' });
    t.clock.advance(61_000);
    phone.report({ mos: 4.2, loss: 0.01, jitterMs: 3, rttMs: 40 });
    phone.leave('left');
    await settle(t);
    const missed = await startCall(t, ada, { user: 'bob' });
    await bob.call('call.decline', { callId: missed.callId });
    await settle(t);
    const first = await ada.call('call.list', { pageSize: 1 });
    expect(first.calls).toMatchObject([
      { callId: missed.callId, direction: 'outgoing', endReason: 'declined', durationMs: 0 },
    ]);
    const rest = await ada.call('call.list', { pageToken: first.nextPageToken });
    expect(rest.calls).toMatchObject([
      { callId: call.callId, room: call.room, durationMs: 61_000, endReason: 'hung-up' },
    ]);
    expect(rest.calls[0]?.legs[1]).toMatchObject({ codec: 'G722', quality: { mos: 4.2, loss: 0.01 } });
    expect(rest.nextPageToken).toBe('');
    expect((await bob.call('call.list', {})).calls).toMatchObject([{ callId: missed.callId, direction: 'missed' }]);
    expect(await stepsOf(t, call)).toEqual(['started', 'answered', 'left', 'ended']);
    expect((await ada.refusal('call.list', { pageToken: 'x' })).reason).toBe('BAD_REQUEST');
  });

  test('is in the list of whoever was told of the end, however long the store takes', async () => {
    const roomLog = createScriptedRoomLog();
    const t = startSignaling({ roomLog });
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const call = await callBetween(t, ada, bob, 'bob');
    const release = roomLog.hold();
    await ada.call('call.end', { callId: call.callId });
    await settle(t);
    expect([endOf(ada), endOf(bob)]).toEqual(['hung-up', 'hung-up']);
    const lists = Promise.all([ada, bob].map((one) => one.call('call.list', {})));
    await settle(t);
    release();
    await settle(t);
    const directions = (await lists).map(({ calls }) => calls.map(({ callId, direction }) => [callId, direction]));
    expect(directions).toEqual([[[call.callId, 'outgoing']], [[call.callId, 'incoming']]]);
  });

  test('is listed later when the store fails, and the list is not held up by that', async () => {
    const roomLog = createScriptedRoomLog();
    const t = startSignaling({ roomLog });
    const [ada] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const call = await startCall(t, ada, { user: 'bob' });
    for (let failures = 0; failures < 5; failures++) roomLog.failNext('busy');
    await ada.call('call.end', { callId: call.callId });
    expect((await ada.call('call.list', {})).calls).toEqual([]);
    for (let tries = 0; tries < 8; tries++) {
      t.clock.advance(16_000);
      await settle(t);
    }
    expect((await ada.call('call.list', {})).calls).toMatchObject([{ callId: call.callId }]);
  });

  test('can be read in the call’s room by whoever was in it', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await t.connect({ identity: 'bob', room: 'nowhere' })];
    const call = await callBetween(t, ada, bob, 'bob');
    await bob.call('chat.send', { room: call.room, text: 'the number is 7', clientId: 'c1' });
    await ada.call('call.end', { callId: call.callId });
    await settle(t);
    expect(bob.link.of('roomLeft')).toMatchObject([{ room: call.room }]);
    await enter(t, bob, call);
    const { records } = await bob.call('log.read', { room: call.room });
    expect(records.find(({ kind }) => kind === 'message')?.message?.text).toBe('the number is 7');
  });

  test('is all that there is in the call’s room afterwards: nobody meets there again without a call', async () => {
    const roomLog = createMemoryRoomLog();
    const t = startSignaling({ roomLog });
    const ada = await t.connect({ identity: 'ada', room: 'call-*', can: ['call'] });
    const bob = await t.connect({ identity: 'bob', room: 'nowhere' });
    const call = await startCall(t, ada, { user: 'bob' });
    await enter(t, ada, call);
    // Before the answer.
    await enter(t, bob, call);
    await bob.call('call.accept', { callId: call.callId });
    await settle(t);
    await ada.call('call.end', { callId: call.callId, forAll: true });
    await settle(t);
    for (const one of [ada, bob]) expect(one.link.of('roomLeft')).toMatchObject([{ room: call.room }]);
    const again = { to: [{ user: 'bob' }], room: call.room };
    expect((await ada.refusal('call.start', again)).details).toEqual({ grant: 'join' });
    const lost = await callBetween(t, ada, bob, 'bob');
    const after = startSignaling({ roomLog });
    await settle(after);
    const later = await after.connect({ identity: 'bob', room: 'nowhere' });
    for (const { room } of [call, lost]) {
      expect((await later.call('room.join', { room })).grants).toEqual(['join', 'history']);
      expect((await later.call('log.read', { room })).records.at(-1)?.call?.step).toBe('ended');
      const sent = later.refusal('chat.send', { room, text: 'still here?', clientId: 'c1' });
      expect((await sent).details).toEqual({ grant: 'chat' });
    }
  });

  test('of a process that died is written by the one after it, once', async () => {
    const roomLog = createMemoryRoomLog();
    const before = startSignaling({ roomLog });
    const [ada, bob] = [await signIn(before, 'ada'), await signIn(before, 'bob')];
    const call = await callBetween(before, ada, bob, 'bob');
    const over = await startCall(before, ada, { number: '1' });
    await ada.call('call.end', { callId: over.callId });
    await settle(before);
    for (const _again of [1, 2]) {
      const after = startSignaling({ roomLog });
      await settle(after);
      const anew = await signIn(after, 'ada');
      const { calls } = await anew.call('call.list', {});
      expect(calls.map(({ callId, endReason }) => [callId, endReason])).toEqual([
        [call.callId, 'node-lost'],
        [over.callId, 'canceled'],
      ]);
      expect(calls[0]?.legs.map(({ identity, endReason }) => [identity, endReason])).toEqual([
        ['ada', 'node-lost'],
        ['bob', 'node-lost'],
      ]);
      expect((await stepsOf(after, call)).at(-1)).toBe('ended');
    }
  });

  test('is nobody’s room to join', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const { callId } = await startCall(t, ada, { user: 'bob' });
    await bob.call('call.decline', { callId });
    await settle(t);
    const [list] = (await t.roomLog.rooms('', 100)).filter((room) => room.startsWith('calls:'));
    expect((await ada.refusal('room.join', { room: list })).reason).toBe('BAD_REQUEST');
  });
});
