import { describe, expect, test } from 'vitest';
import type { RoomId } from '../../../core/ids.ts';
import { enter, pickUp, register, ring, start } from '../../testing/call-nodes.ts';
import { endOf, lastOf, legOf, mayCall, signIn, signInNowhere } from '../../testing/call-people.ts';
import type { TestSignaling } from '../../testing/start-signaling.ts';

describe('a call to somebody at another node', () => {
  test('rings all its browsers, is answered there, and is told to all of them', async () => {
    const t = await start('one', 'two', 'three');
    const [one, two, three] = t.at as [TestSignaling, TestSignaling, TestSignaling];
    const ada = await signIn(one, 'ada');
    const [desk, laptop] = [await signInNowhere(two, 'bob'), await signInNowhere(three, 'bob')];
    await t.settle();
    const call = await ring(t, ada, 'bob');
    for (const { link } of [desk, laptop]) expect(link.of('callIncoming')).toHaveLength(1);
    expect(legOf(lastOf(ada), 'bob').name).toBe('bob');
    const accepted = await laptop.call('call.accept', { callId: call.callId });
    await t.settle();
    expect(accepted.state).toBe('accepted');
    expect([endOf(desk), endOf(laptop)]).toEqual(['answered-elsewhere', undefined]);
    await enter(t, laptop, call.room);
    await t.settle();
    expect(legOf(lastOf(ada), 'bob')).toMatchObject({ state: 'accepted', via: 'client' });
    expect(legOf(lastOf(ada), 'bob').peerId).not.toBe('');
    expect(lastOf(laptop)).toEqual(lastOf(ada));
    await laptop.call('call.end', { callId: call.callId });
    await t.settle();
    expect([endOf(ada), endOf(laptop)]).toEqual(['hung-up', 'hung-up']);
    for (const node of t.nodes) expect(node.signaling.stats().calls).toBe(0);
    await t.settle();
    expect((await laptop.call('call.list', {})).calls).toMatchObject([{ callId: call.callId, direction: 'incoming' }]);
  });

  test('is declined there, and found there by a page that is loaded anew', async () => {
    const t = await start('one', 'two');
    const [one, two] = t.at as [TestSignaling, TestSignaling];
    const ada = await signIn(one, 'ada');
    const bob = await signIn(two, 'bob');
    await t.settle();
    const call = await ring(t, ada, 'bob');
    const anew = await signIn(two, 'bob');
    expect((await anew.call('call.current', {})).calls).toMatchObject([{ callId: call.callId, state: 'ringing' }]);
    await anew.call('call.decline', { callId: call.callId });
    await t.settle();
    expect([endOf(ada), endOf(bob), endOf(anew)]).toEqual(['declined', 'declined', 'declined']);
    expect((await anew.call('call.current', {})).calls).toEqual([]);
    expect((await anew.refusal('call.accept', { callId: call.callId })).reason).toMatch(/^CALL_(OVER|NOT_FOUND)$/);
  });

  test('goes on when a page is loaded anew at a node that has not heard of it', async () => {
    const t = await start('one', 'two', 'three');
    const [one, two, three] = t.at as [TestSignaling, TestSignaling, TestSignaling];
    const ada = await signIn(one, 'ada');
    const bob = await signIn(two, 'bob');
    await t.settle();
    const { callId, room } = await ring(t, ada, 'bob');
    await bob.call('call.accept', { callId });
    await enter(t, bob, room);
    await bob.call('room.leave', { room });
    await t.settle();
    const anew = await signIn(three, 'bob');
    await t.settle();
    expect((await anew.call('call.current', {})).calls).toMatchObject([{ callId, state: 'accepted' }]);
    await enter(t, anew, room);
    await t.advance(60_000);
    expect(endOf(ada)).toBeUndefined();
    expect(lastOf(anew).callId).toBe(callId);
    await ada.call('call.end', { callId });
    await t.settle();
    expect(endOf(anew)).toBe('hung-up');
    expect(anew.link.of('roomLeft')).toMatchObject([{ room }]);
  });
});

describe('phones at other nodes', () => {
  test('are rung and answered while their node sends everybody to others', async () => {
    const t = await start('one', 'two');
    const [one, two] = t.at as [TestSignaling, TestSignaling];
    register(t, 1, 'bob');
    const ada = await signIn(one, 'ada');
    await t.settle();
    void two.signaling.moves?.start(60_000);
    await t.settle();
    await ring(t, ada, 'bob');
    const phone = await pickUp(t, two);
    expect(legOf(lastOf(ada), 'bob')).toMatchObject({ state: 'accepted', via: 'phone', peerId: phone?.peerId });
    const { phoneDesk } = two.signaling;
    const wanted = { room: 'another' as RoomId, identity: 'tel:1', name: '', number: '1', trunk: '' };
    await expect(phoneDesk.join(wanted)).rejects.toMatchObject({ reason: 'SERVER_DRAINING' });
    two.signaling.moves?.stop();
  });

  test('that are answered and cannot come in are out of the call at once', async () => {
    const t = await start('one', 'two');
    const [one, two] = t.at as [TestSignaling, TestSignaling];
    const ada = await one.connect({ identity: 'ada', can: [...mayCall, 'moderate'] });
    const room = 'standup';
    const { peerId } = await (await signIn(two, 'bob')).call('room.join', { room });
    await enter(t, ada, room);
    await ada.call('moderation.removePeer', { room, peerId });
    await t.settle();
    register(t, 1, 'bob');
    await ada.call('call.start', { to: [{ user: 'bob' }], room });
    for (let turn = 0; turn < 2; turn++) await t.settle();
    const answering = two.telephony.last.answers(two.signaling.phoneDesk);
    const refused = expect(answering).rejects.toMatchObject({ reason: 'IDENTITY_REMOVED' });
    for (let turn = 0; turn < 4; turn++) await t.settle();
    await refused;
    expect(endOf(ada)).toBe('failed');
  });

  test('ring with the browsers; the first to answer has the call', async () => {
    const t = await start('one', 'two');
    const [one, two] = t.at as [TestSignaling, TestSignaling];
    const ada = await signIn(one, 'ada');
    const bob = await signIn(one, 'bob');
    register(t, 1, 'bob');
    const call = await ring(t, ada, 'bob');
    expect(two.telephony.last.target).toEqual({ user: 'bob' });
    two.telephony.last.rings();
    const phone = await pickUp(t, two, { number: '17' });
    await t.settle();
    expect(endOf(bob)).toBe('answered-elsewhere');
    phone?.setState({ codec: 'G722', held: true });
    await t.settle();
    expect(legOf(lastOf(ada), 'bob')).toMatchObject({ via: 'phone', peerId: phone?.peerId, codec: 'G722', held: true });
    phone?.setState({ held: false });

    const told: object[] = [];
    phone?.events.on('holdWanted', (wanted) => told.push(wanted));
    phone?.events.on('digitsWanted', (wanted) => told.push(wanted));
    phone?.events.on('muteWanted', (wanted) => told.push(wanted));
    phone?.events.on('left', (left) => told.push(left));
    const { legId } = legOf(lastOf(ada), 'bob');
    const { callId } = call;
    await ada.call('call.hold', { callId, legId, hold: true });
    await ada.call('call.sendDigits', { callId, digits: '1' });
    await ada.call('call.mute', { callId, legId, muted: true });
    await t.settle();
    await ada.call('call.end', { callId });
    await t.settle();
    expect(told).toEqual([{ hold: true }, { digits: '1', durationMs: 100 }, { muted: true }, { reason: 'hung-up' }]);
  });

  test('pass their keys to each other in order, by the node that has the call', async () => {
    const t = await start('one', 'two', 'three');
    const [one, two, three] = t.at as [TestSignaling, TestSignaling, TestSignaling];
    register(t, 1, 'bob');
    register(t, 2, 'cy');
    const ada = await signIn(one, 'ada');
    const { callId } = await ring(t, ada, 'bob');
    const bob = await pickUp(t, two);
    await ada.call('call.add', { callId, to: [{ user: 'cy' }] });
    await t.settle();
    const cy = await pickUp(t, three);
    await ada.call('call.end', { callId, legId: legOf(lastOf(ada), 'ada').legId });
    for (let turn = 0; turn < 3; turn++) await t.settle();
    expect([bob?.passesAllKeys, cy?.passesAllKeys]).toEqual([true, true]);
    const told: string[] = [];
    bob?.events.on('digitsWanted', ({ digits }) => told.push(`bob ${digits}`));
    cy?.events.on('digitsWanted', ({ digits }) => told.push(`cy ${digits}`));
    for (const digit of '18#*') bob?.digit(digit, 100);
    for (let turn = 0; turn < 6; turn++) await t.settle();
    cy?.digit('5', 100);
    for (let turn = 0; turn < 3; turn++) await t.settle();
    expect(told).toEqual(['cy 1', 'cy 8', 'cy #', 'cy *', 'bob 5']);
  });

  test('stop ringing when a browser answers or the caller hangs up, and fail as they do', async () => {
    const t = await start('one', 'two');
    const [one, two] = t.at as [TestSignaling, TestSignaling];
    const [ada, bob] = [await signIn(one, 'ada'), await signIn(one, 'bob')];
    register(t, 1, 'bob');
    register(t, 1, 'cy');
    const first = await ring(t, ada, 'bob');
    await bob.call('call.accept', { callId: first.callId });
    await t.settle();
    expect(two.telephony.last.canceled).toBe('answered-elsewhere');
    expect(await pickUp(t, two)).toBeUndefined();
    await ada.call('call.end', { callId: first.callId });
    const second = await ring(t, ada, 'cy');
    await ada.call('call.end', { callId: second.callId });
    await t.settle();
    expect(two.telephony.last.canceled).toBe('canceled');
    await ring(t, ada, 'cy');
    two.telephony.last.fails('busy');
    await t.settle();
    expect(endOf(ada)).toBe('busy');
  });

  test('hand calls on', async () => {
    const t = await start('one', 'two');
    const [one, two] = t.at as [TestSignaling, TestSignaling];
    const [ada, cy] = [await signIn(one, 'ada'), await signIn(one, 'cy')];
    register(t, 1, 'bob');
    const { callId, room } = await ring(t, ada, 'bob');
    const phone = await pickUp(t, two);
    const heard: string[] = [];
    phone?.transfer(
      { user: 'cy' },
      { ringing: () => heard.push('ringing'), done: () => heard.push('done'), failed: (reason) => heard.push(reason) },
    );
    await t.settle();
    await cy.call('call.accept', { callId });
    await enter(t, cy, room);
    await t.settle();
    expect(heard).toEqual(['ringing', 'done']);
    expect(phone?.left).toBe(true);
    expect(endOf(ada)).toBeUndefined();
  });
});
