import { describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { callLeg, incomingCall, outgoingCall } from '../../test/call-infos.ts';
import { startScriptedServer } from '../../test/scripted-server.ts';
import { answered, startCalls } from '../../test/start-calls.ts';
import { createTestClient } from '../../test/test-client.ts';

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
