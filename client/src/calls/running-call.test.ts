import { describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { callLeg, outgoingCall } from '../../test/call-infos.ts';
import { answered, startCalls } from '../../test/start-calls.ts';

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
    await call.add([{ user: 'eve' }, { uri: 'sip:desk@example.org' }], { ringMs: 5_000 });
    await call.hold();
    await call.resume('ben');
    await call.muteLeg('ben', true);
    await call.sendDigits('12#', { legId: 'ben', durationMs: 200 });
    await call.transfer({ number: '200' });
    await call.endLeg('ben');
    await call.end({ forAll: true });
    const sent = test.connection.calls.filter(({ method }) => /^call\.(?!start|current)/.test(method));
    expect(sent.map(({ method, params: { callId: _, ...params } }) => [method, params])).toEqual([
      ['call.add', { to: [{ user: 'eve' }, { uri: 'sip:desk@example.org' }], ringMs: 5_000 }],
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
