import { describe, expect, test } from 'vitest';
import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import type { CallInfo } from '../../proto/gen/types.ts';
import type { PhoneJoin, PhonePeer, PhonePeerEvents } from '../phones/phone-desk.ts';
import {
  callBetween,
  endOf,
  enter,
  lastOf,
  legOf,
  mayCall,
  settle,
  signIn,
  startCall,
} from '../testing/call-people.ts';
import { logOf } from '../testing/log-of.ts';
import { startSignaling, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';

/** A browser that has called a number, which has answered. */
async function callNumber(t: TestSignaling, ada: TestClient, number = '+4930123'): Promise<[CallInfo, PhonePeer]> {
  const call = await startCall(t, ada, { number });
  await enter(t, ada, call);
  t.telephony.last.rings();
  const phone = await t.telephony.last.answers(t.signaling.phoneDesk, { number, trunk: 'city', name: 'Cab firm' });
  if (phone === undefined) throw new Error('it was too late');
  await settle(t);
  return [call, phone];
}

/** What a phone was told, in order. */
function listen(phone: PhonePeer): object[] {
  const told: object[] = [];
  const names: (keyof PhonePeerEvents)[] = [
    'holdWanted',
    'muteWanted',
    'digitsWanted',
    'volumeWanted',
    'unmuteRequested',
  ];
  for (const name of [...names, 'mutedByModerator', 'handLowered', 'moved', 'left'] as const) {
    phone.events.on(name, (payload) => told.push({ [name]: payload }));
  }
  return told;
}

const stepsOf = async (t: TestSignaling, { room }: CallInfo) =>
  (await logOf(t, room)).flatMap(({ call }) => (call ? [call.step] : []));

describe('a phone in a call', () => {
  test('is dialled by the trunks, and its leg tells what it is', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const [call, phone] = await callNumber(t, ada);
    expect(t.telephony.last.target).toEqual({ number: '+4930123' });
    phone.setState({ codec: 'PCMA', encrypted: true });
    await settle(t);
    expect(legOf(lastOf(ada), 'tel:+4930123')).toMatchObject({
      kind: 'number',
      number: '+4930123',
      name: 'Cab firm',
      codec: 'PCMA',
      encrypted: true,
      peerId: phone.peerId,
    });
    expect(lastOf(ada).audioCodec).toBe('PCMA');
    expect(ada.link.of('peerChanged').at(-1)?.peer.phone).toMatchObject({
      trunk: 'city',
      codec: 'PCMA',
      callId: call.callId,
    });
  });

  test('is held and resumed by either side, and the room sees it', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const [call, phone] = await callNumber(t, ada);
    const told = listen(phone);
    const { callId } = call;
    const { legId } = legOf(call, 'tel:+4930123');
    await ada.call('call.hold', { callId, legId, hold: true });
    phone.setState({ held: true });
    await settle(t);
    expect(legOf(lastOf(ada), 'tel:+4930123')).toMatchObject({ held: true, heldBy: 'other' });
    expect(ada.link.of('peerChanged').at(-1)?.peer.phone?.held).toBe(true);
    await ada.call('call.hold', { callId, legId, hold: false });
    phone.setState({ held: false });
    phone.setState({ held: true });
    await settle(t);
    expect(legOf(lastOf(ada), 'tel:+4930123')).toMatchObject({ held: true, heldBy: 'self' });
    phone.setState({ held: false });
    await ada.call('call.hold', { callId, hold: true });
    await settle(t);
    expect(legOf(lastOf(ada), 'ada')).toMatchObject({ held: true, heldBy: 'self' });
    expect(told).toEqual([{ holdWanted: { hold: true } }, { holdWanted: { hold: false } }]);
    expect(await stepsOf(t, call)).toEqual(['started', 'answered', 'held', 'resumed', 'held', 'resumed', 'held']);
  });

  test('is muted by the API, hears digits, and presses keys that the room sees', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const [call, phone] = await callNumber(t, ada);
    const told = listen(phone);
    const { callId } = call;
    const { legId } = legOf(call, 'tel:+4930123');
    await ada.call('call.mute', { callId, legId, muted: true });
    phone.setState({ muted: true });
    await ada.call('call.sendDigits', { callId, digits: '12#' });
    phone.digit('5', 160.4);
    await settle(t);
    expect(told).toEqual([{ muteWanted: { muted: true } }, { digitsWanted: { digits: '12#', durationMs: 100 } }]);
    expect(legOf(lastOf(ada), 'tel:+4930123').muted).toBe(true);
    expect(ada.link.of('phoneDigit')).toEqual([{ room: call.room, peerId: phone.peerId, digit: '5', durationMs: 160 }]);
    const own = legOf(call, 'ada').legId;
    expect((await ada.refusal('call.mute', { callId, legId: own, muted: true })).reason).toBe('CALL_REFUSED');
  });

  test('obeys moderators as a browser does', async () => {
    const t = startSignaling();
    const room = 'standup';
    const mod = await t.join({ identity: 'mod', can: [...mayCall, 'moderate'] });
    const phone = await t.signaling.phoneDesk.join({
      room: room as never,
      identity: 'tel:1',
      name: 'One',
      number: '1',
      trunk: 'city',
    });
    await settle(t);
    const told = listen(phone);
    phone.raiseHand(true);
    await mod.call('moderation.requestUnmute', { room, peerId: phone.peerId });
    await mod.call('moderation.setPhoneVolume', { room, peerId: phone.peerId, volumeDb: -6 });
    await mod.call('moderation.lowerHand', { room, peerId: phone.peerId });
    expect(mod.link.of('handRaised').map(({ raised }) => raised)).toEqual([true, false]);
    await mod.call('moderation.removePeer', { room, peerId: phone.peerId });
    expect(told).toEqual([
      { unmuteRequested: {} },
      { volumeWanted: { db: -6 } },
      { handLowered: {} },
      { left: { reason: 'removed' } },
    ]);
    const again = t.signaling.phoneDesk.join({
      room: room as never,
      identity: 'tel:1',
      name: 'One',
      number: '1',
      trunk: 'city',
    });
    await expect(again).rejects.toMatchObject({ reason: 'IDENTITY_REMOVED' });
  });

  test('that is removed by a moderator has its leg ended so', async () => {
    const t = startSignaling();
    const ada = await t.connect({ identity: 'ada', can: [...mayCall, 'moderate'] });
    const [call, phone] = await callNumber(t, ada);
    await ada.call('moderation.removePeer', { room: call.room, peerId: phone.peerId });
    await settle(t);
    expect(endOf(ada)).toBe('removed');
  });

  test('raises hands as browsers do', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    await ada.call('room.raiseHand', { room: 'standup', raised: true });
    await ada.call('room.raiseHand', { room: 'standup', raised: true });
    for (const { link } of [ada, bob]) expect(link.of('handRaised')).toMatchObject([{ identity: 'ada', raised: true }]);
    const cy = await t.connect({ identity: 'cy' });
    const snapshot = await cy.call('room.join', { room: 'standup' });
    expect(snapshot.peers.find(({ identity }) => identity === 'ada')?.handRaised).toBe(true);
  });
});

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
    const other = await callBetween(t, ada, bob, 'bob');
    const { audioCodec } = await ada.call('call.transfer', { callId: other.callId, toCallId: one.callId });
    expect(audioCodec).toBe('');
    await settle(t);
    expect(phone).toMatchObject({ room: other.room, left: false });
    expect(told).toEqual([{ moved: {} }]);
    expect(legOf(lastOf(bob), 'tel:1')).toMatchObject({ state: 'accepted', peerId: phone.peerId });
    expect(endOf(ada)).toBe('transferred');
    expect(t.signaling.stats().calls).toBe(1);
    await bob.call('call.end', { callId: other.callId });
    await settle(t);
    expect(told.at(-1)).toEqual({ left: { reason: 'hung-up' } });
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

describe('a call that comes from a phone', () => {
  const caller = {
    identity: 'tel:+49',
    name: 'Cab firm',
    number: '+49',
    trunk: 'city',
    attributes: { 'X-Account': '7' },
  };

  test('rings the user, and joins with what it came with', async () => {
    const t = startSignaling();
    const bob = await signIn(t, 'bob');
    const heard: unknown[] = [];
    const call = t.signaling.phoneCalls.startFromPhone(
      { caller, to: { user: 'bob' } },
      {
        ringing: () => heard.push('ringing'),
        accepted: (join) => heard.push(join),
        failed: (reason) => heard.push(reason),
      },
    );
    await settle(t);
    expect(heard).toEqual(['ringing']);
    expect(bob.link.of('callIncoming')[0]?.call.legs[0]).toMatchObject({
      kind: 'number',
      number: '+49',
      name: 'Cab firm',
    });
    await bob.call('call.accept', { callId: call.callId });
    expect(heard[1]).toMatchObject({
      identity: 'tel:+49',
      trunk: 'city',
      attributes: { 'X-Account': '7' },
      callId: call.callId,
    });
    const phone = await t.signaling.phoneDesk.join(heard[1] as Parameters<typeof t.signaling.phoneDesk.join>[0]);
    expect(phone.state.attributes).toEqual({ 'X-Account': '7' });
    await settle(t);
    expect(lastOf(bob).legs.map(({ state }) => state)).toEqual(['accepted', 'accepted']);
  });

  test('that nobody answers, that is declined, and that hangs up first', async () => {
    const t = startSignaling();
    const bob = await signIn(t, 'bob');
    const heard: string[] = [];
    const told = { ringing() {}, accepted() {}, failed: (reason: string) => heard.push(reason) };
    const start = (user: string) =>
      t.signaling.phoneCalls.startFromPhone({ caller, to: { user }, ringMs: 5_000 }, told);
    start('nobody');
    await settle(t);
    const { callId } = start('bob');
    await settle(t);
    await bob.call('call.decline', { callId });
    start('bob');
    await settle(t);
    t.clock.advance(5_000);
    start('bob').cancel();
    await settle(t);
    expect(heard).toEqual(['unreachable', 'declined', 'no-answer']);
    expect(t.signaling.stats().calls).toBe(0);
  });
});

describe('a server that drains', () => {
  const caller = { identity: 'tel:1', name: 'One', number: '1', trunk: 'city' };

  test('starts no calls, and waits for those of phones until they end', async () => {
    const t = startSignaling();
    const heard: string[] = [];
    const start = (accepted: (join: PhoneJoin) => void) =>
      t.signaling.phoneCalls.startFromPhone(
        { caller, to: { number: '2' } },
        { ringing() {}, accepted, failed: (reason) => heard.push(reason) },
      );
    const accepted = new Promise<PhoneJoin>(start);
    await settle(t);
    const callee = await t.telephony.last.answers(t.signaling.phoneDesk);
    const phone = await t.signaling.phoneDesk.join(await accepted);
    const drained = t.signaling.drain(600_000).then(() => heard.push('drained'));
    expect(() => start(() => {})).toThrow('stopping');
    t.clock.advance(60_000);
    await settle(t);
    expect(heard).toEqual([]);
    phone.leave('left');
    await settle(t);
    await drained;
    expect([callee?.left, heard]).toEqual([true, ['drained']]);
  });
});

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
        [call.callId, 'lost'],
        [over.callId, 'canceled'],
      ]);
      expect(calls[0]?.legs.map(({ identity, endReason }) => [identity, endReason])).toEqual([
        ['ada', 'lost'],
        ['bob', 'lost'],
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
