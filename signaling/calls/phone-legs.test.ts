import { describe, expect, test } from 'vitest';
import type { RoomId } from '../../core/ids.ts';
import { callNumber, endOf, lastOf, legOf, listen, mayCall, settle, signIn, stepsOf } from '../testing/call-people.ts';
import { startSignaling } from '../testing/start-signaling.ts';

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

  test('whose hold fails is shown as it is in the call, too', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const [call, phone] = await callNumber(t, ada);
    const { legId } = legOf(call, 'tel:+4930123');
    await ada.call('call.hold', { callId: call.callId, legId, hold: true });
    await settle(t);
    expect(legOf(lastOf(ada), 'tel:+4930123').held).toBe(true);
    phone.setState({ held: false });
    await settle(t);
    expect(legOf(lastOf(ada), 'tel:+4930123')).toMatchObject({ held: false, heldBy: '' });
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
    const room = 'standup' as RoomId;
    const mod = await t.join({ identity: 'mod', can: [...mayCall, 'moderate'] });
    const phone = await t.signaling.phoneDesk.join({
      room,
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
      room,
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
