import { describe, expect, test } from 'vitest';
import { endOf, lastOf, legOf, mayCall, settle, signIn, startCall } from '../testing/call-people.ts';
import { startSignaling } from '../testing/start-signaling.ts';

const room = 'vault';
const number = '+4930123';
const refused = { reason: 'E2EE_REFUSES', details: { what: 'phones' } };

describe('in an end-to-end encrypted room', () => {
  async function open() {
    const t = startSignaling();
    const ada = await t.connect({ identity: 'ada', room, can: [...mayCall, 'moderate'] });
    await ada.call('room.join', { room, options: { e2ee: true } });
    return { t, ada };
  }

  test('no number can be rung, at the start of a call or later', async () => {
    const { t, ada } = await open();
    expect(await ada.refusal('call.start', { to: [{ number }], room })).toMatchObject(refused);
    await t.connect({ identity: 'bob' });
    const { callId } = await ada.call('call.start', { to: [{ user: 'bob' }], room });
    await settle(t);
    for (const to of [{ number }, { uri: 'sip:1@example.org' }])
      expect(await ada.refusal('call.add', { callId, to: [to] })).toMatchObject(refused);
    expect(await ada.refusal('call.transfer', { callId, to: { number } })).toMatchObject(refused);
    expect(t.telephony.calls).toEqual([]);
  });

  test('the caller’s own phone is not rung first', async () => {
    const { ada } = await open();
    const firstRing = { user: 'ada' };
    expect(await ada.refusal('call.start', { to: [{ user: 'bob' }], room, firstRing })).toMatchObject(refused);
  });

  test('browsers of a user ring, and its phones do not', async () => {
    const { t, ada } = await open();
    const bob = await t.connect({ identity: 'bob' });
    t.telephony.withPhones.add('bob').add('cy');
    await ada.call('call.start', { to: [{ user: 'bob' }], room });
    await settle(t);
    expect(bob.link.of('callIncoming')).toHaveLength(1);
    await ada.call('call.start', { to: [{ user: 'cy' }], room });
    await settle(t);
    expect(legOf(ada.link.of('callEnded').at(-1)?.call ?? lastOf(ada), 'cy').endReason).toBe('unreachable');
    expect(t.telephony.calls).toEqual([]);
  });
});

test('other rooms of the same server take phones', async () => {
  const t = startSignaling();
  const ada = await signIn(t, 'ada');
  await startCall(t, ada, { number });
  expect(t.telephony.calls).toHaveLength(1);
  expect(endOf(ada)).toBeUndefined();
});
