// What applications can do with calls, each once: by the methods that the SDK has names for.

import { describe, expect, test } from 'vitest';
import type { RoomId } from '../../core/ids.ts';
import {
  callBetween,
  callNumber,
  endOf,
  enter,
  lastOf,
  legOf,
  listen,
  mayCall,
  settle,
  signIn,
  startCall,
} from '../testing/call-people.ts';
import { startSignaling } from '../testing/start-signaling.ts';

describe('an application', () => {
  test('calls a user, a number and a SIP address at once', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const uri = 'sip:desk@example.org';
    const call = await startCall(t, ada, { user: 'bob' }, { number: '+4930' }, { uri });
    expect(bob.link.of('callIncoming')).toHaveLength(1);
    expect(t.telephony.calls.map(({ target }) => target)).toEqual([{ number: '+4930' }, { uri }]);
    expect(call.legs.map(({ kind, identity, number }) => [kind, identity, number])).toEqual([
      ['user', 'ada', ''],
      ['user', 'bob', ''],
      ['number', 'tel:+4930', '+4930'],
      ['uri', uri, uri],
    ]);
  });

  test('rings a number of its user first, and then the other number (click to call)', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    await ada.call('call.start', { to: [{ number: '2' }], firstRing: { number: '1' } });
    await settle(t);
    expect(t.telephony.last).toMatchObject({ target: { number: '1' }, request: { onBehalfOf: 'ada' } });
    const own = await t.telephony.last.answers(t.signaling.phoneDesk, { number: '1', trunk: 'city' });
    await settle(t);
    expect(t.telephony.last.target).toEqual({ number: '2' });
    const other = await t.telephony.last.answers(t.signaling.phoneDesk, { number: '2', trunk: 'city' });
    await settle(t);
    expect([own?.room === other?.room, own?.identity, t.signaling.stats().peers.phone]).toEqual([true, 'ada', 2]);
    const [{ callId } = { callId: '' }] = (await ada.call('call.current', {})).calls;
    await ada.call('call.end', { callId, forAll: true });
    expect([own?.left, other?.left]).toEqual([true, true]);
  });

  test('adds a number for as long as it says, which rings and gives up', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const { callId } = await callBetween(t, ada, bob, 'bob');
    await ada.call('call.add', { callId, to: [{ number: '3' }], ringMs: 5_000 });
    await settle(t);
    expect(t.telephony.last.request.ringMs).toBe(5_000);
    t.telephony.last.rings();
    t.clock.advance(5_000);
    await settle(t);
    expect(legOf(lastOf(ada), 'tel:3').endReason).toBe('no-answer');
    expect([endOf(ada), endOf(bob)]).toEqual([undefined, undefined]);
  });

  test('has either of two browsers hold the other, and the phone hold its own side', async () => {
    const t = startSignaling();
    const [ada, bob] = [await signIn(t, 'ada'), await signIn(t, 'bob')];
    const call = await callBetween(t, ada, bob, 'bob');
    const { callId } = call;
    await bob.call('call.hold', { callId, legId: legOf(call, 'ada').legId, hold: true });
    await settle(t);
    expect(legOf(lastOf(ada), 'ada')).toMatchObject({ held: true, heldBy: 'other' });
    await ada.call('call.hold', { callId, hold: false });
    await settle(t);
    expect(legOf(lastOf(bob), 'ada')).toMatchObject({ held: false, heldBy: '' });
  });

  test('mutes a phone, which unmutes itself, and sends keys to that one alone', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const [{ callId }, phone] = await callNumber(t, ada);
    const told = listen(phone);
    const { legId } = legOf(lastOf(ada), 'tel:+4930123');
    await ada.call('call.mute', { callId, legId, muted: true });
    phone.setState({ muted: true });
    await settle(t);
    expect(legOf(lastOf(ada), 'tel:+4930123').muted).toBe(true);
    phone.setState({ muted: false });
    await settle(t);
    expect(legOf(lastOf(ada), 'tel:+4930123').muted).toBe(false);
    await ada.call('call.sendDigits', { callId, legId, digits: '12#A', durationMs: 200 });
    expect(told).toEqual([{ muteWanted: { muted: true } }, { digitsWanted: { digits: '12#A', durationMs: 200 } }]);
    const own = legOf(lastOf(ada), 'ada').legId;
    expect((await ada.refusal('call.sendDigits', { callId, legId: own, digits: '1' })).reason).toBe('CALL_REFUSED');
  });

  test('sees a number ring as a member before it is answered', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const call = await startCall(t, ada, { number: '1' });
    await enter(t, ada, call);
    const early = await t.telephony.last.sounds(t.signaling.phoneDesk, { number: '1' });
    await settle(t);
    expect(ada.link.of('peersJoined').at(-1)?.peers).toMatchObject([{ kind: 'phone', phone: { ringing: true } }]);
    await t.telephony.last.answers(t.signaling.phoneDesk, { number: '1' }, early);
    await settle(t);
    const changed = ada.link.of('peerChanged').at(-1)?.peer;
    expect(changed).toMatchObject({ peerId: early?.peerId, phone: { ringing: false } });
  });

  test('of a moderator mutes and locks what a phone says, lets it go, and removes it', async () => {
    const t = startSignaling();
    const room = 'standup' as RoomId;
    const mod = await t.join({ identity: 'mod', can: [...mayCall, 'moderate'] });
    const phone = await t.signaling.phoneDesk.join({ room, identity: 'tel:1', name: '', number: '1', trunk: 'city' });
    const told = listen(phone);
    const source = await phone.media.openSource(phone.peerId, { ip: '127.0.0.1', port: 9 });
    const { producerId } = await source.produce({
      owner: phone.identity,
      kind: 'audio',
      source: 'microphone',
      paused: false,
      rtpParameters: { mid: '0', codecs: [], headerExtensions: [], encodings: [] },
      size: undefined,
    });
    await mod.call('moderation.muteProducer', { room, producerId, muted: true, lock: true });
    await mod.call('moderation.muteProducer', { room, producerId, muted: false });
    await settle(t);
    expect(told).toEqual([
      { mutedByModerator: { muted: true, locked: true } },
      { mutedByModerator: { muted: false, locked: false } },
    ]);
    await mod.call('moderation.removePeer', { room, peerId: phone.peerId });
    expect(told.at(-1)).toEqual({ left: { reason: 'removed' } });
  });
});
