import { describe, expect, test } from 'vitest';
import type { PhoneJoin } from '../phones/phone-desk.ts';
import { lastOf, settle, signIn } from '../testing/call-people.ts';
import { startSignaling } from '../testing/start-signaling.ts';

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
