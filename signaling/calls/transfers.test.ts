import { describe, expect, test } from 'vitest';
import type { PhoneJoin } from '../phones/phone-desk.ts';
import {
  callBetween,
  callNumber,
  endOf,
  enter,
  lastOf,
  legOf,
  listen,
  settle,
  signIn,
  startCall,
} from '../testing/call-people.ts';
import { startSignaling } from '../testing/start-signaling.ts';

describe('a transfer', () => {
  test('blind: the other side hears the new one, and whoever handed it on is out at once', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const [call, phone] = await callNumber(t, ada);
    await ada.call('call.transfer', { callId: call.callId, to: { user: 'bob' } });
    await settle(t);
    expect([endOf(ada), phone.left]).toEqual(['transferred', false]);
    await bob.call('call.accept', { callId: call.callId });
    await enter(t, bob, call);
    expect(lastOf(bob).legs.filter(({ state }) => state === 'accepted')).toHaveLength(2);
    expect(phone.left).toBe(false);
  });

  test('blind, while which the other side hangs up, rings in vain no more', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const [call, phone] = await callNumber(t, ada);
    await ada.call('call.transfer', { callId: call.callId, to: { user: 'bob' } });
    await settle(t);
    phone.leave('left');
    await settle(t);
    expect(endOf(bob)).toBe('canceled');
    expect(t.signaling.stats().calls).toBe(0);
  });

  test('blind, to which nobody answers, rings whoever handed it on, and drops nobody', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const [call, phone] = await callNumber(t, ada);
    await ada.call('call.transfer', { callId: call.callId, to: { user: 'bob' } });
    await settle(t);
    ada.link.take();
    await bob.call('call.decline', { callId: call.callId });
    await settle(t);
    expect(ada.link.of('callIncoming')).toMatchObject([{ call: { callId: call.callId } }]);
    expect(phone.left).toBe(false);
    await ada.call('call.accept', { callId: call.callId });
    await enter(t, ada, call);
    expect(lastOf(ada).state).toBe('accepted');
  });

  test('attended: those of both calls meet, phones in the same line and browsers in the other room', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const [one, phone] = await callNumber(t, ada, '1');
    const told = listen(phone);
    phone.setState({ codec: 'PCMA' });
    const other = await callBetween(t, ada, bob, 'bob');
    const { audioCodec } = await ada.call('call.transfer', { callId: other.callId, toCallId: one.callId });
    expect(audioCodec).toBe('PCMA');
    await settle(t);
    expect(phone).toMatchObject({ room: other.room, left: false });
    expect(told).toEqual([{ moved: {} }]);
    expect(bob.link.of('peersJoined').at(-1)?.peers).toMatchObject([
      { phone: { codec: 'PCMA', callId: other.callId } },
    ]);
    expect(legOf(lastOf(bob), 'tel:1')).toMatchObject({ state: 'accepted', peerId: phone.peerId });
    expect(endOf(ada)).toBe('transferred');
    expect(t.signaling.stats().calls).toBe(1);
    await bob.call('call.end', { callId: other.callId });
    await settle(t);
    expect(told.at(-1)).toEqual({ left: { reason: 'hung-up' } });
  });

  test('attended, of a phone that hangs up while it is moved to the other room, is over with it', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const [one, phone] = await callNumber(t, ada, '1');
    const other = await callBetween(t, ada, bob, 'bob');
    // When its old call is over and the other room not yet loaded.
    const { link } = ada;
    const send = link.send.bind(link);
    link.send = (event) => {
      send(event);
      if (event.name === 'callEnded') queueMicrotask(() => phone.leave('left'));
    };
    await ada.call('call.transfer', { callId: other.callId, toCallId: one.callId });
    expect(phone).toMatchObject({ room: one.room, left: true });
    await settle(t);
    expect(endOf(bob)).toBe('hung-up');
    expect(t.signaling.stats().calls).toBe(0);
  });

  test('attended, before a phone that was picked up has come in: it goes to the other room', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const [one, first] = await callNumber(t, ada, '1');
    const other = await startCall(t, ada, { number: '2' });
    await enter(t, ada, other);
    let comeIn = () => {};
    const late = new Promise<void>((resolve) => {
      comeIn = resolve;
    });
    const joining = t.telephony.last.answers({
      join: async (request) => {
        await late;
        return t.signaling.phoneDesk.join(request);
      },
    });
    await settle(t);
    await ada.call('call.transfer', { callId: one.callId, toCallId: other.callId });
    await settle(t);
    comeIn();
    const second = await joining;
    await settle(t);
    expect([first.left, second?.left, second?.room]).toEqual([false, false, one.room]);
    expect(second?.state.callId).toBe(one.callId);
    t.clock.advance(60_000);
    await settle(t);
    expect([first.left, second?.left]).toEqual([false, false]);
    expect(t.signaling.stats().calls).toBe(1);
  });

  test('attended, of a browser that has to go to the other room', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const [one] = await callNumber(t, ada, '1');
    const other = await callBetween(t, ada, bob, 'bob');
    await ada.call('call.transfer', { callId: one.callId, toCallId: other.callId });
    await settle(t);
    expect(bob.link.of('roomLeft')).toMatchObject([{ room: other.room }]);
    expect(lastOf(bob).room).toBe(one.room);
    await enter(t, bob, one);
    expect(legOf(lastOf(bob), 'bob').peerId).not.toBe('');
  });

  test('by a phone: it stays until the other answers, and stays where nobody does', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const [call, phone] = await callNumber(t, ada);
    const heard: string[] = [];
    const told = {
      ringing: () => heard.push('ringing'),
      done: () => heard.push('done'),
      failed: (reason: string) => heard.push(reason),
    };
    phone.transfer({ user: 'nobody' }, told);
    await settle(t);
    phone.transfer({ user: 'bob' }, told);
    await settle(t);
    await bob.call('call.accept', { callId: call.callId });
    await enter(t, bob, call);
    expect(heard).toEqual(['unreachable', 'ringing', 'done']);
    expect(phone.left).toBe(true);
    expect(
      lastOf(ada)
        .legs.filter(({ state }) => state === 'accepted')
        .map(({ identity }) => identity),
    ).toEqual(['ada', 'bob']);
    phone.transfer({ user: 'ada' }, told);
    await settle(t);
    expect(heard.at(-1)).toBe('CALL_NOT_FOUND');
  });

  test('by a phone is one at a time, and waits for nobody longer than the phone does', async () => {
    const t = startSignaling({ calls: { ringMs: 120_000 } });
    const ada = await signIn(t, 'ada');
    await signIn(t, 'bob');
    await signIn(t, 'cy');
    const [, phone] = await callNumber(t, ada);
    const heard: string[] = [];
    const told = (of: string) => ({
      ringing: () => heard.push(`${of} ringing`),
      done: () => heard.push(`${of} done`),
      failed: (reason: string) => heard.push(`${of} ${reason}`),
    });
    phone.transfer({ user: 'bob' }, told('bob'));
    await settle(t);
    phone.transfer({ user: 'cy' }, told('cy'));
    await settle(t);
    expect(heard).toEqual(['bob ringing', 'cy CALL_REFUSED']);
    t.clock.advance(50_000);
    await settle(t);
    expect(heard.at(-1)).toBe('bob no-answer');
    phone.transfer({ user: 'cy' }, told('cy'));
    await settle(t);
    expect(heard.at(-1)).toBe('cy ringing');
    expect(phone.left).toBe(false);
  });

  test('by a phone, while which the other side hangs up, is told as canceled before the phone is out', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    await signIn(t, 'bob');
    const [call, phone] = await callNumber(t, ada);
    const heard: string[] = [];
    phone.events.on('left', ({ reason }) => heard.push(reason));
    phone.transfer({ user: 'bob' }, { ringing() {}, done() {}, failed: (reason) => heard.push(reason) });
    await settle(t);
    await ada.call('call.end', { callId: call.callId });
    await settle(t);
    expect(heard).toEqual(['canceled', 'hung-up']);
  });

  test('is dialled in the right of who handed the call on; who called in is called back in its own', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const call = await callBetween(t, ada, bob, 'bob');
    await bob.call('call.transfer', { callId: call.callId, to: { number: '+4930' } });
    await settle(t);
    expect(t.telephony.last).toMatchObject({ target: { number: '+4930' }, request: { onBehalfOf: 'bob' } });

    const caller = { identity: 'phone:+882', name: '', number: '+882', trunk: 'city' };
    const joins: PhoneJoin[] = [];
    const told = { ringing() {}, accepted: (join: PhoneJoin) => joins.push(join), failed() {} };
    const { callId } = t.signaling.phoneCalls.startFromPhone({ caller, to: { user: 'ada' } }, told);
    await settle(t);
    const answered = await ada.call('call.accept', { callId });
    const phone = await t.signaling.phoneDesk.join(joins[0]!);
    await enter(t, ada, answered);
    phone.transfer({ user: 'bob' }, { ringing() {}, done() {}, failed() {} });
    await settle(t);
    phone.leave('left');
    await settle(t);
    await bob.call('call.decline', { callId });
    await settle(t);
    expect(t.telephony.last).toMatchObject({ target: { number: '+882' }, request: { onBehalfOf: 'phone:+882' } });
  });

  test('of nobody, to nobody, or to both at once is refused', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const { callId } = await startCall(t, ada, { number: '1' });
    expect((await ada.refusal('call.transfer', { callId, to: { user: 'bob' } })).reason).toBe('CALL_REFUSED');
    expect((await ada.refusal('call.transfer', { callId })).reason).toBe('BAD_REQUEST');
    expect((await ada.refusal('call.transfer', { callId, to: { user: 'b' }, toCallId: callId })).reason).toBe(
      'BAD_REQUEST',
    );
  });
});
