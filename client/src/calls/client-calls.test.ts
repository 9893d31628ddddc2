import { describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { callLeg, incomingCall, outgoingCall } from '../../test/call-infos.ts';
import { Refusal } from '../../test/scripted-server.ts';
import { roomSnapshot } from '../../test/snapshots.ts';
import { answered, startCalls } from '../../test/start-calls.ts';
import { createDeferred } from '../waiting.ts';

describe('calls.start()', () => {
  it('joins the room of the call while it rings, and leaves it when it is over', async () => {
    await using test = await startCalls();
    const call = await test.calls.start({ to: { user: 'ben' }, subject: 'lunch' });
    expect([call.direction, call.state, call.room?.name]).toEqual(['outgoing', 'ringing', 'call-k1']);
    expect(call.otherLegs.map(({ identity, state }) => [identity, state])).toEqual([['ben', 'ringing']]);
    const [started] = test.connection.called('call.start');
    expect(started?.params).toMatchObject({ to: [{ user: 'ben' }], subject: 'lunch' });

    test.connection.event('callChanged', {
      call: outgoingCall({ ...answered, legs: [callLeg('ada'), callLeg('ben')] }),
    });
    await eventually(() => call.state === 'accepted', 'the answer');
    const ended = outgoingCall({ state: 'ended', endReason: 'hung-up' });
    test.connection.event('callEnded', { call: ended, reason: 'hung-up' });
    await eventually(() => call.state === 'ended', 'the end');
    expect([call.endReason, call.room, test.calls.current.size]).toEqual(['hung-up', undefined, 0]);
    await test.server.call(0, 'room.leave');
    expect(test.told.ended).toEqual([{ call, reason: 'hung-up' }]);
  });

  it.each(['busy', 'declined', 'no-answer', 'unreachable'] as const)(
    'tells that the other side is %s',
    async (reason) => {
      await using test = await startCalls();
      const call = await test.calls.start({ to: { user: 'ben' } });
      test.connection.event('callEnded', { call: outgoingCall({ state: 'ended', endReason: reason }), reason });
      await eventually(() => call.endReason === reason, 'the reason');
    },
  );

  it('takes a number as people write it', async () => {
    await using test = await startCalls();
    await test.calls.start({ to: { number: '+49 (30) 123-45.67' } });
    expect(test.connection.called('call.start')[0]?.params['to']).toEqual([{ number: '+49301234567' }]);
  });

  it('of nobody, or of two kinds at once, fails with BAD_REQUEST and calls nobody', async () => {
    await using test = await startCalls();
    const both = { user: 'ben', number: '1' } as unknown as { user: string };
    for (const to of [[], both, { user: '' }, {} as { user: string }]) {
      await expect(test.calls.start({ to })).rejects.toMatchObject({ reason: 'BAD_REQUEST' });
    }
    expect(test.connection.called('call.start')).toEqual([]);
  });

  it('with a microphone that does not open calls nobody', async () => {
    await using test = await startCalls();
    const microphone = () => Promise.reject(new Error('denied'));
    await expect(test.calls.start({ to: { user: 'ben' }, microphone })).rejects.toThrow('denied');
    expect(test.connection.called('call.start')).toEqual([]);
  });

  it('whose room cannot be joined hangs up', async () => {
    await using test = await startCalls({ 'room.join': () => new Refusal('ROOM_FULL') });
    await expect(test.calls.start({ to: { user: 'ben' } })).rejects.toMatchObject({ reason: 'ROOM_FULL' });
    expect(test.connection.called('call.end')).toHaveLength(1);
  });

  it('in a room that was joined before stays in it afterwards', async () => {
    await using test = await startCalls({ 'call.start': ({ room }) => outgoingCall({ room }) });
    const room = await test.client.join('standup');
    const call = await test.calls.start({ to: { number: '100' }, room: 'standup' });
    expect(call.room).toBe(room);
    test.connection.event('callEnded', { call: outgoingCall({ state: 'ended' }), reason: 'hung-up' });
    await eventually(() => call.state === 'ended', 'the end');
    await test.client.ping();
    expect(test.connection.called('room.leave')).toEqual([]);
  });

  it('of somebody who cannot be reached is over at once, and says why', async () => {
    const over = outgoingCall({ state: 'ended', endReason: 'unreachable' });
    await using test = await startCalls({ 'call.start': () => over });
    const call = await test.calls.start({ to: { user: 'ben' } });
    expect([call.state, call.endReason, test.calls.current.size]).toEqual(['ended', 'unreachable', 0]);
    expect(test.told.ended).toEqual([{ call, reason: 'unreachable' }]);
    expect(test.connection.called('room.join')).toEqual([]);
  });

  it('that ends before the server has answered says why', async () => {
    await using test = await startCalls({
      'call.start': (_, connection) => {
        connection.event('callEnded', { call: outgoingCall({ state: 'ended' }), reason: 'unreachable' });
        return outgoingCall();
      },
    });
    const call = await test.calls.start({ to: { user: 'ben' } });
    expect([call.state, call.endReason, test.calls.current.size]).toEqual(['ended', 'unreachable', 0]);
  });

  it('that ends while its room is being joined says why', async () => {
    await using test = await startCalls({
      'room.join': ({ room }, connection) => {
        connection.event('callEnded', { call: outgoingCall({ state: 'ended' }), reason: 'busy' });
        return roomSnapshot({ room });
      },
    });
    const call = await test.calls.start({ to: { user: 'ben' } });
    expect([call.state, call.endReason, call.room]).toEqual(['ended', 'busy', undefined]);
    await test.server.call(0, 'room.leave');
  });

  it('by click to call takes no part itself', async () => {
    await using test = await startCalls();
    const call = await test.calls.start({ to: { number: '100' }, firstRing: 'own-phones' });
    expect(test.connection.called('call.start')[0]?.params['firstRing']).toEqual({});
    expect(test.connection.called('room.join')).toEqual([]);
    expect([call.ownLeg, call.otherLegs.length]).toEqual([undefined, 2]);
  });
});

describe('a call that comes in', () => {
  it('is accepted, and its room joined', async () => {
    await using test = await startCalls();
    const call = await test.ring();
    expect([call.direction, call.state, call.ringsUntilMs]).toEqual(['incoming', 'ringing', 5_000]);
    const room = await call.accept();
    expect([call.state, call.room, call.ringsUntilMs]).toEqual(['accepted', room, undefined]);
  });

  it('is accepted once, however often that is pressed', async () => {
    await using test = await startCalls();
    const call = await test.ring();
    const [one, other] = await Promise.all([call.accept(), call.accept()]);
    expect([other === one, (await call.accept()) === one]).toEqual([true, true]);
    expect(test.connection.called('call.accept')).toHaveLength(1);
  });

  it('is told as answered elsewhere', async () => {
    await using test = await startCalls();
    const call = await test.ring();
    const taken = incomingCall({ ...answered, legs: [callLeg('ben'), callLeg('ada')] });
    test.connection.event('callEnded', { call: taken, reason: 'answered-elsewhere' });
    await eventually(() => call.endReason === 'answered-elsewhere', 'the end');
    await expect(call.accept()).rejects.toMatchObject({ reason: 'CALL_OVER' });
    expect(test.connection.called('call.accept')).toEqual([]);
  });

  it('whose caller hangs up while its room is being joined leaves that again', async () => {
    const gone = incomingCall({ state: 'ended' });
    await using test = await startCalls({
      'room.join': ({ room }, connection) => {
        connection.event('callEnded', { call: gone, reason: 'canceled' });
        return roomSnapshot({ room });
      },
    });
    const call = await test.ring();
    await expect(call.accept()).rejects.toMatchObject({ reason: 'CALL_OVER' });
    await test.server.call(0, 'room.leave');
  });

  it('is declined, for all devices or as busy', async () => {
    await using test = await startCalls();
    const call = await test.ring();
    await call.decline();
    await call.decline({ busy: true });
    expect(test.connection.called('call.decline').map(({ params }) => params['reason'])).toEqual(['declined', 'busy']);
  });

  it('goes on ringing when the answer to what there is was made before it', async () => {
    const answering = createDeferred<object>();
    await using test = await startCalls({ 'call.current': () => answering.promise });
    const call = await test.ring();
    answering.resolve({ calls: [] });
    await test.client.ping();
    expect([call.state, test.told.ended]).toEqual(['ringing', []]);
  });

  it('twice told rings once', async () => {
    await using test = await startCalls();
    await test.ring();
    await test.ring();
    await test.client.ping();
    expect(test.told.incoming).toHaveLength(1);
  });
});
