import { expect, test } from 'vitest';
import { enter, pickUp, start } from '../../testing/call-nodes.ts';
import { endOf, legOf, mayCall } from '../../testing/call-people.ts';
import type { TestSignaling } from '../../testing/start-signaling.ts';

const withModerate = [...mayCall, 'moderate'] as const;

/** Ada has called a number into the standup from her node. */
async function callFromStandup() {
  const t = await start('one', 'two');
  const [one, two] = t.at as [TestSignaling, TestSignaling];
  const ada = await one.connect({ identity: 'ada', room: '*', can: mayCall });
  await enter(t, ada, 'standup');
  const call = await ada.call('call.start', { to: [{ number: '1' }], room: 'standup' });
  await t.settle();
  const phone = await pickUp(t, one, { number: '1', trunk: 'city' });
  await t.settle();
  return { t, two, ada, call, phone };
}

test('a moderator at another node, who has no leg of it, holds a phone of a call in the room, and ends the call', async () => {
  const { t, two, ada, call, phone } = await callFromStandup();
  const mod = await two.connect({ identity: 'mod', can: withModerate });
  await enter(t, mod, 'standup');
  const wanted: object[] = [];
  phone?.events.on('holdWanted', (one) => wanted.push(one));
  const { callId } = call;
  const { legId } = legOf(call, 'tel:1');
  expect(await mod.call('call.hold', { callId, legId, hold: true })).toMatchObject({ callId });
  await mod.call('call.end', { callId, forAll: true });
  await t.settle();
  expect([wanted, endOf(ada), phone?.left]).toEqual([[{ hold: true }], 'hung-up', true]);
});

test('calls are not found at another node by those who may not moderate, or moderate another room', async () => {
  const { t, two, ada, call, phone } = await callFromStandup();
  const guest = await two.connect({ identity: 'guest', can: mayCall });
  await enter(t, guest, 'standup');
  // That node has a call in the room which is moderated, too.
  await enter(t, ada, 'townhall');
  await ada.call('call.start', { to: [{ number: '2' }], room: 'townhall' });
  await t.settle();
  const other = await two.connect({ identity: 'other', room: 'townhall', can: withModerate });
  await enter(t, other, 'townhall');
  for (const one of [guest, other]) {
    expect((await one.refusal('call.end', { callId: call.callId, forAll: true })).reason).toBe('CALL_NOT_FOUND');
  }
  await t.settle();
  expect(phone?.left).toBe(false);
});
