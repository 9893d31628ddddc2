import { describe, expect, test } from 'vitest';
import { enter, pickUp, register, ring, start } from '../../testing/call-nodes.ts';
import { endOf, lastOf, legOf, signIn } from '../../testing/call-people.ts';
import type { TestSignaling } from '../../testing/start-signaling.ts';

describe('an attended transfer between calls of two nodes', () => {
  test('brings a phone and a browser together, each where it is', async () => {
    const t = await start('one', 'two');
    const [one, two] = t.at as [TestSignaling, TestSignaling];
    const ada = await signIn(one, 'ada');
    const cy = await signIn(two, 'cy');
    await t.settle();
    // Ada called a number, and was called by Cy at the other node.
    const first = await ada.call('call.start', { to: [{ number: '1' }] });
    await t.settle();
    await enter(t, ada, first.room);
    const phone = await pickUp(t, one, { number: '1' });
    const second = await ring(t, cy, 'ada');
    await ada.call('call.accept', { callId: second.callId });
    await enter(t, ada, second.room);
    await ada.call('call.transfer', { callId: first.callId, toCallId: second.callId });
    await t.settle();
    await t.settle();
    expect(lastOf(cy)).toMatchObject({ callId: first.callId, room: first.room });
    expect(cy.link.of('roomLeft')).toMatchObject([{ room: second.room }]);
    await enter(t, cy, first.room);
    await t.settle();
    expect(legOf(lastOf(cy), 'cy').peerId).not.toBe('');
    expect([phone?.left, endOf(ada)]).toEqual([false, 'transferred']);
    await cy.call('call.end', { callId: first.callId });
    await t.settle();
    expect(phone?.left).toBe(true);
    for (const node of t.nodes) expect(node.signaling.stats().calls).toBe(0);
  });

  test('moves a phone to the room of the other call, which is asked from then on', async () => {
    const t = await start('one', 'two');
    const [one, two] = t.at as [TestSignaling, TestSignaling];
    const ada = await signIn(one, 'ada');
    const cy = await signIn(two, 'cy');
    await t.settle();
    const first = await ada.call('call.start', { to: [{ number: '1' }] });
    await t.settle();
    await enter(t, ada, first.room);
    const phone = await pickUp(t, one, { number: '1' });
    const second = await ring(t, cy, 'ada');
    await ada.call('call.accept', { callId: second.callId });
    await enter(t, ada, second.room);
    const told: object[] = [];
    phone?.events.on('digitsWanted', (wanted) => told.push(wanted));
    phone?.events.on('left', (left) => told.push(left));
    await ada.call('call.transfer', { callId: second.callId, toCallId: first.callId });
    for (let turn = 0; turn < 4; turn++) await t.settle();
    expect(phone).toMatchObject({ room: second.room, left: false });
    expect(legOf(lastOf(cy), 'tel:1')).toMatchObject({ state: 'accepted', peerId: phone?.peerId });
    await cy.call('call.sendDigits', { callId: second.callId, digits: '7' });
    await t.settle();
    phone?.leave('left');
    await t.settle();
    expect(told).toEqual([{ digits: '7', durationMs: 100 }]);
    expect(endOf(cy)).toBe('hung-up');
    for (const node of t.nodes) expect(node.signaling.stats().calls).toBe(0);
  });
});

describe('a node dies', () => {
  test('its calls are over for those at other nodes, and its phones stop to ring there', async () => {
    const t = await start('one', 'two');
    const [one, two] = t.at as [TestSignaling, TestSignaling];
    const ada = await signIn(one, 'ada');
    const bob = await signIn(two, 'bob');
    register(t, 1, 'bob');
    await t.settle();
    const call = await ring(t, ada, 'bob');
    t.cluster.kill('one');
    await t.advance(30_000);
    expect(endOf(bob)).toBe('node-lost');
    expect(two.telephony.last.canceled).toBe('canceled');
    expect((await bob.call('call.current', {})).calls).toEqual([]);
    const { calls } = await bob.call('call.list', {});
    expect(calls).toMatchObject([{ direction: 'missed', endReason: 'node-lost', room: call.room }]);
  });

  test('that had a phone or a browser: the leg is over, of a browser after it had time to come back', async () => {
    const t = await start('one', 'two');
    const [one, two] = t.at as [TestSignaling, TestSignaling];
    const ada = await signIn(one, 'ada');
    register(t, 1, 'bob');
    await ring(t, ada, 'bob');
    await pickUp(t, two);
    await t.settle();
    expect(lastOf(ada).state).toBe('accepted');
    t.cluster.kill('two');
    await t.advance(30_000);
    expect(endOf(ada)).toBe('node-lost');
  });
});
