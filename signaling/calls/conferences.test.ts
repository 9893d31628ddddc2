import { describe, expect, test } from 'vitest';
import { start } from '../testing/call-nodes.ts';
import { callNumber, endOf, enter, lastOf, mayCall, settle, signIn, signInNowhere } from '../testing/call-people.ts';
import { startSignaling, type TestSignaling } from '../testing/start-signaling.ts';
import { maxEndedLegs } from './call-limits.ts';

describe('a call of more than two', () => {
  test('grows by adding people; nobody is given a codec any more; it ends when one is left', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const [call, phone] = await callNumber(t, ada);
    phone.setState({ codec: 'PCMU' });
    const { callId } = call;
    await ada.call('call.add', { callId, to: [{ user: 'bob' }] });
    await settle(t);
    expect(lastOf(ada).audioCodec).toBe('PCMU');
    await bob.call('call.accept', { callId });
    await enter(t, bob, call);
    expect(lastOf(bob).audioCodec).toBe('');
    expect((await ada.refusal('call.add', { callId, to: [{ user: 'bob' }] })).reason).toBe('CALL_REFUSED');
    await ada.call('call.end', { callId });
    await settle(t);
    expect(endOf(ada)).toBe('hung-up');
    expect(endOf(bob)).toBeUndefined();
    phone.leave('left');
    await settle(t);
    expect(endOf(bob)).toBe('hung-up');
  });

  test('is held in no room that the caller may not enter', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const { room: dm } = await bob.call('chat.openDirect', { identity: 'cy' });
    const refusals: string[] = [];
    for (const room of [dm, 'inbox:x', 'calls:x']) {
      refusals.push((await ada.refusal('call.start', { to: [{ user: 'bob' }], room })).reason);
    }
    expect(refusals).toEqual(['NOT_A_PARTICIPANT', 'BAD_REQUEST', 'BAD_REQUEST']);
    const dora = await t.connect({ identity: 'dora', can: ['call'] });
    expect((await dora.refusal('call.start', { to: [{ user: 'bob' }], room: 'red' })).details).toEqual({
      grant: 'join',
    });
    expect(bob.link.of('callIncoming')).toEqual([]);
  });

  test('in a room of others leaves the room to them', async () => {
    const t = startSignaling();
    const room = 'standup';
    const [ada, bob] = [
      await t.join({ identity: 'ada', can: mayCall }),
      await t.join({ identity: 'bob', can: mayCall }),
    ];
    const call = await ada.call('call.start', { to: [{ number: '110' }], room });
    await settle(t);
    const phone = await t.telephony.last.answers(t.signaling.phoneDesk, { number: '110' });
    await settle(t);
    expect(phone?.room).toBe(room);
    await ada.call('call.end', { callId: call.callId });
    await settle(t);
    expect([phone?.left, ada.link.of('roomLeft'), bob.link.of('roomLeft')]).toEqual([false, [], []]);
    await bob.call('room.leave', { room });
    await ada.call('room.leave', { room });
    await settle(t);
    expect(phone?.left).toBe(true);
  });
});

describe('an invitation to a room of others', () => {
  const mayEnter = async (t: TestSignaling, identity: string) => {
    const one = await t.connect({ identity, room: 'nowhere', can: mayCall });
    return one.call('room.join', { room: 'standup' }).then(
      () => true,
      () => false,
    );
  };

  test('is over with the call, of however many, and whoever called has none', async () => {
    const t = startSignaling();
    const [ada] = [await t.join({ identity: 'ada', can: mayCall }), await t.join({ identity: 'host' })];
    const { callId } = await ada.call('call.start', { to: [{ number: '110' }], room: 'standup' });
    await settle(t);
    const called = Array.from({ length: maxEndedLegs + 5 }, (_, index) => `u${index}`);
    for (const user of called) {
      t.clock.advance(1_000);
      await ada.call('call.add', { callId, to: [{ user }] });
      await settle(t);
    }
    expect(await mayEnter(t, 'u0')).toBe(true);
    await ada.call('call.end', { callId });
    await ada.call('room.leave', { room: 'standup' });
    await settle(t);
    for (const identity of ['ada', 'u1', called.at(-1) ?? '']) expect(await mayEnter(t, identity)).toBe(false);
  });

  test('holds while another call in the room has invited the same', async () => {
    const t = startSignaling();
    const [ada, cy] = [await t.join({ identity: 'ada', can: mayCall }), await t.join({ identity: 'cy', can: mayCall })];
    await signInNowhere(t, 'bob');
    const start = { to: [{ user: 'bob' }], room: 'standup' };
    const [one, two] = [await ada.call('call.start', start), await cy.call('call.start', start)];
    await settle(t);
    await ada.call('call.end', { callId: one.callId });
    await settle(t);
    expect(await mayEnter(t, 'bob')).toBe(true);
    await cy.call('call.end', { callId: two.callId });
    await settle(t);
    expect(await mayEnter(t, 'bob')).toBe(false);
  });
});

describe('somebody who is in the room already', () => {
  test('is in the call with the answer, and stays in the room after it', async () => {
    const t = startSignaling();
    const room = 'standup';
    const [ada, bob] = [
      await t.join({ identity: 'ada', can: mayCall }),
      await t.join({ identity: 'bob', can: mayCall }),
    ];
    const { callId } = await ada.call('call.start', { to: [{ user: 'bob' }], room });
    await settle(t);
    await bob.call('call.accept', { callId });
    await settle(t);
    t.clock.advance(60_000);
    await settle(t);
    expect(lastOf(ada).legs.map(({ state, peerId }) => [state, peerId !== ''])).toEqual([
      ['accepted', true],
      ['accepted', true],
    ]);
    await ada.call('call.end', { callId });
    await settle(t);
    expect([endOf(bob), bob.link.of('roomLeft')]).toEqual(['hung-up', []]);
  });

  test('at another node, too', async () => {
    const t = await start('one', 'two');
    const [one, two] = t.at as [TestSignaling, TestSignaling];
    const ada = await one.join({ identity: 'ada', can: mayCall });
    const bob = await two.join({ identity: 'bob', can: mayCall });
    await t.settle();
    const { callId } = await ada.call('call.start', { to: [{ user: 'bob' }], room: 'standup' });
    await t.settle();
    await t.settle();
    await bob.call('call.accept', { callId });
    await t.advance(60_000);
    expect(lastOf(bob).legs.map(({ state, peerId }) => [state, peerId !== ''])).toEqual([
      ['accepted', true],
      ['accepted', true],
    ]);
    await bob.call('room.leave', { room: 'standup' });
    await t.advance(20_000);
    expect(endOf(ada)).toBe('hung-up');
  });
});

describe('click to call', () => {
  test('rings one’s own phone, and then the other', async () => {
    const t = startSignaling();
    t.telephony.withPhones.add('ada');
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const call = await ada.call('call.start', { to: [{ user: 'bob' }], firstRing: {} });
    await settle(t);
    expect(t.telephony.last.target).toEqual({ user: 'ada' });
    expect(bob.link.of('callIncoming')).toEqual([]);
    const phone = await t.telephony.last.answers(t.signaling.phoneDesk, { number: '17' });
    await settle(t);
    expect(bob.link.of('callIncoming')).toHaveLength(1);
    await bob.call('call.accept', { callId: call.callId });
    await enter(t, bob, call);
    expect(lastOf(bob)).toMatchObject({ state: 'accepted' });
    await bob.call('call.end', { callId: call.callId });
    expect(phone?.left).toBe(true);
  });

  test('by a number of one’s own is told of, found and listed as any other call', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const call = await ada.call('call.start', { to: [{ user: 'bob' }], firstRing: { number: '+4917' } });
    await settle(t);
    await t.telephony.last.answers(t.signaling.phoneDesk, { number: '+4917', trunk: 'city' });
    await settle(t);
    await bob.call('call.accept', { callId: call.callId });
    await enter(t, bob, call);
    expect(lastOf(ada)).toMatchObject({ state: 'accepted', legs: [{ kind: 'number', identity: 'ada' }, {}] });
    await bob.call('call.end', { callId: call.callId });
    await settle(t);
    expect(endOf(ada)).toBe('hung-up');
    expect((await ada.call('call.list', {})).calls).toMatchObject([{ callId: call.callId, direction: 'outgoing' }]);
  });

  test('by a number that leads to the phone of somebody else comes to nothing', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    await ada.call('call.start', { to: [{ user: 'bob' }], firstRing: { number: '200' } });
    await settle(t);
    expect(await t.telephony.last.answers(t.signaling.phoneDesk, { number: 'eve' })).toBeUndefined();
    await settle(t);
    expect(endOf(ada)).toBe('forbidden');
    expect(bob.link.of('callIncoming')).toEqual([]);
  });

  test('by a number that leads to one’s own phone rings the other', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    await ada.call('call.start', { to: [{ user: 'bob' }], firstRing: { number: '100' } });
    await settle(t);
    await t.telephony.last.answers(t.signaling.phoneDesk, { number: 'ada' });
    await settle(t);
    expect(bob.link.of('callIncoming')).toHaveLength(1);
  });

  test('to which one’s own phone is not picked up rings nobody', async () => {
    const t = startSignaling();
    t.telephony.withPhones.add('ada');
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    await ada.call('call.start', { to: [{ user: 'bob' }], firstRing: {} });
    await settle(t);
    t.telephony.last.fails('busy');
    await settle(t);
    expect(endOf(ada)).toBe('busy');
    expect(bob.link.of('callIncoming')).toEqual([]);
    await settle(t);
    expect((await bob.call('call.list', {})).calls).toEqual([]);
    expect((await ada.call('call.list', {})).calls).toMatchObject([{ direction: 'outgoing', endReason: 'busy' }]);
  });
});
