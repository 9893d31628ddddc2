import { describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { callLeg, incomingCall, outgoingCall } from '../../test/call-infos.ts';
import { createFakeDevice } from '../../test/fake-device.ts';
import { createMediaAnswers } from '../../test/media-answers.ts';
import {
  type Answers,
  connectResponse,
  Refusal,
  type ScriptedConnection,
  startScriptedServer,
} from '../../test/scripted-server.ts';
import { roomSnapshot } from '../../test/snapshots.ts';
import { createTestClient } from '../../test/test-client.ts';
import type { Call, CallsEvents } from '../index.ts';
import { createDeferred } from '../waiting.ts';

async function startCalls(answers: Answers = {}) {
  const server = await startScriptedServer({
    ...createMediaAnswers(),
    'session.connect': ({ resume }) => connectResponse({ resumed: resume !== undefined }),
    'room.join': ({ room }) => roomSnapshot({ room }),
    'call.current': () => ({ calls: [] }),
    'call.list': () => ({ calls: [], nextPageToken: '' }),
    'call.start': () => outgoingCall(),
    'call.accept': () => incomingCall({ state: 'accepted', legs: [callLeg('ben'), callLeg('ada')] }),
    ...answers,
  });
  const test = createTestClient({ server, device: createFakeDevice });
  const told: { [Name in keyof CallsEvents]: CallsEvents[Name][] } = {
    incoming: [],
    found: [],
    changed: [],
    ended: [],
  };
  const { calls } = test.client;
  calls.on('incoming', (call) => told.incoming.push(call));
  calls.on('found', (call) => told.found.push(call));
  calls.on('changed', (call) => told.changed.push(call));
  calls.on('ended', (ended) => told.ended.push(ended));
  await test.client.connect();
  return {
    server,
    told,
    calls,
    client: test.client,
    get connection() {
      return server.connections.at(-1) as ScriptedConnection;
    },
    async ring(): Promise<Call> {
      this.connection.event('callIncoming', { call: incomingCall(), legId: 'ada', ringsUntilMs: 5_000 });
      return eventually(() => told.incoming[0], 'a call that comes in');
    },
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const answered = { state: 'accepted', answeredAtMs: 2 } as const;

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

describe('after a lost connection', () => {
  it('a call that rings now is told', async () => {
    await using test = await startCalls();
    Object.assign(test.server.answers, { 'call.current': () => ({ calls: [incomingCall()] }) });
    test.connection.kill();
    const call = await eventually(() => test.told.incoming[0], 'the call');
    expect([call.direction, call.state]).toEqual(['incoming', 'ringing']);
  });

  it('a call that goes on is the same', async () => {
    const info = outgoingCall({ ...answered, legs: [callLeg('ada'), callLeg('ben')] });
    await using test = await startCalls();
    const call = await test.calls.start({ to: { user: 'ben' } });
    Object.assign(test.server.answers, { 'call.current': () => ({ calls: [info] }) });
    test.connection.kill();
    await eventually(() => call.state === 'accepted', 'the answer that was missed');
    expect([[...test.calls.current.values()], test.told.ended, test.told.found]).toEqual([[call], [], []]);
  });

  it('a call that is over ends, with the reason that the log has', async () => {
    await using test = await startCalls({
      'call.list': () => ({
        calls: [
          {
            callId: 'k1',
            room: '',
            direction: 'outgoing',
            startedAtMs: 1,
            durationMs: 0,
            endReason: 'busy',
            legs: [],
            subject: '',
          },
        ],
        nextPageToken: '',
      }),
    });
    await test.calls.start({ to: { user: 'ben' } });
    test.connection.kill();
    await eventually(() => test.told.ended[0]?.reason === 'busy', 'the end that was missed');
  });
});

describe('a call that is handed on', () => {
  it('goes on in the room of the other one', async () => {
    const ben = callLeg('ben');
    await using test = await startCalls();
    const call = await test.calls.start({ to: { user: 'ben' } });
    const entered: string[] = [];
    call.on('entered', ({ name }) => entered.push(name));
    const legs = [callLeg('eve', { identity: 'eve' }), callLeg('ada')];
    test.connection.event('callChanged', { call: outgoingCall({ ...answered, callId: 'k2', room: 'call-k2', legs }) });
    await eventually(() => entered.length > 0, 'the other room');
    expect([call.callId, call.room?.name, [...test.calls.current.keys()]]).toEqual(['k2', 'call-k2', ['k2']]);
    expect(call.otherLegs.map(({ identity }) => identity)).toEqual(['eve']);
    expect(test.connection.called('room.leave')).toHaveLength(1);
    expect([test.told.ended, test.told.found]).toEqual([[], []]);
    test.connection.event('callChanged', { call: outgoingCall({ callId: 'k3', legs: [ben] }) });
    await test.client.ping();
    expect([...test.calls.current.keys()]).toEqual(['k2']);
  });
});

describe('a page that was loaded anew', () => {
  const info = outgoingCall({ ...answered, legs: [callLeg('ada'), callLeg('ben')] });

  it('finds the call that it was in, and goes on with it', async () => {
    await using test = await startCalls({ 'call.current': () => ({ calls: [info] }) });
    const call = await eventually(() => test.told.found[0], 'the call');
    expect([call.state, call.room, call.ownLeg?.legId]).toEqual(['accepted', undefined, 'ada']);
    await call.accept();
    expect(call.room?.name).toBe('call-k1');
    expect(test.connection.called('call.accept')).toEqual([]);
  });
});

describe('a client that has nothing to do with calls', () => {
  it('does not ask for them', async () => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server });
    await test.client.connect();
    await test.client.ping();
    expect(server.connections[0]?.called('call.current')).toEqual([]);
  });
});

describe('what a call can do', () => {
  it('goes to the server as it is meant', async () => {
    const info = outgoingCall({ ...answered, legs: [callLeg('ada'), callLeg('ben')] });
    const same = () => info;
    await using test = await startCalls({
      'call.add': same,
      'call.hold': same,
      'call.transfer': same,
      'call.mute': same,
    });
    const call = await test.calls.start({ to: { user: 'ben' } });
    await call.add([{ user: 'eve' }, { uri: 'sip:desk@example.org' }]);
    await call.hold();
    await call.resume('ben');
    await call.muteLeg('ben', true);
    await call.sendDigits('12#', { legId: 'ben', durationMs: 200 });
    await call.transfer({ number: '200' });
    await call.endLeg('ben');
    await call.end({ forAll: true });
    const sent = test.connection.calls.filter(({ method }) => /^call\.(?!start|current)/.test(method));
    expect(sent.map(({ method, params: { callId: _, ...params } }) => [method, params])).toEqual([
      ['call.add', { to: [{ user: 'eve' }, { uri: 'sip:desk@example.org' }] }],
      ['call.hold', { legId: '', hold: true }],
      ['call.hold', { legId: 'ben', hold: false }],
      ['call.mute', { legId: 'ben', muted: true }],
      ['call.sendDigits', { legId: 'ben', digits: '12#', durationMs: 200 }],
      ['call.transfer', { to: { number: '200' } }],
      ['call.end', { legId: 'ben' }],
      ['call.end', { forAll: true }],
    ]);
  });

  it('ends with the client: those that it has are hung up', async () => {
    await using test = await startCalls();
    await test.calls.start({ to: { user: 'ben' } });
    const { connection } = test;
    await test.client.close();
    expect(connection.calls.slice(-2).map(({ method }) => method)).toEqual(['call.end', 'room.leave']);
  });
});
