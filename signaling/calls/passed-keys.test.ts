import { describe, expect, test } from 'vitest';
import type { RoomId } from '../../core/ids.ts';
import type { PhoneJoin, PhonePeer } from '../phones/phone-desk.ts';
import { enter, lastOf, mayCall, settle, signIn } from '../testing/call-people.ts';
import { logOf } from '../testing/log-of.ts';
import { startSignaling, type TestSignaling } from '../testing/start-signaling.ts';

/** What is pressed at a phone from now on. */
function keysAt(phone: PhonePeer): string[] {
  const keys: string[] = [];
  phone.events.on('digitsWanted', ({ digits, durationMs }) => keys.push(`${digits} ${durationMs}`));
  return keys;
}

const digitsOf = (keys: readonly string[]) => keys.map((key) => key.slice(0, key.indexOf(' '))).join('');

/** Ann's phone has called a number, which has answered. */
async function phoneCallsNumber(
  t: TestSignaling,
  number = '+4930123',
): Promise<{ callId: string; ann: PhonePeer; bank: PhonePeer }> {
  const caller = { identity: 'ann', name: 'Ann', number: '17', trunk: '' };
  const joined = new Promise<PhoneJoin>((accepted, failed) => {
    const told = { ringing() {}, accepted, failed };
    t.signaling.phoneCalls.startFromPhone({ caller, to: { number } }, told);
  });
  await settle(t);
  const bank = await t.telephony.last.answers(t.signaling.phoneDesk, { number, trunk: 'city' });
  const join = await joined;
  const ann = await t.signaling.phoneDesk.join(join);
  await settle(t);
  if (bank === undefined) throw new Error('it was too late');
  return { callId: join.callId ?? '', ann, bank };
}

describe('keys in a call of two phones', () => {
  test('are pressed at the other one in their order, stars too, and never at who pressed them', async () => {
    const t = startSignaling();
    const { ann, bank } = await phoneCallsNumber(t);
    const [atAnn, atBank] = [keysAt(ann), keysAt(bank)];
    expect([ann.passesAllKeys, bank.passesAllKeys]).toEqual([true, true]);
    for (const [digit, ms] of [
      ['1', 40],
      ['8', 250.4],
      ['#', 9_000],
      ['*', 100],
      ['6', 160],
    ] as const)
      ann.digit(digit, ms);
    bank.digit('7', 120);
    expect(atBank).toEqual(['1 100', '8 250', '# 2000', '* 100', '6 160']);
    expect(atAnn).toEqual(['7 120']);
  });

  test('stand in no log: they may be of a PIN', async () => {
    const t = startSignaling();
    const { ann, callId } = await phoneCallsNumber(t);
    for (const digit of '271828') ann.digit(digit, 100);
    await settle(t);
    ann.leave('left');
    await settle(t);
    const records = await logOf(t, `call-${callId}` as RoomId);
    expect(records.flatMap(({ call }) => (call ? [call.step] : []))).toEqual(['started', 'answered', 'left', 'ended']);
    expect(JSON.stringify(records)).not.toMatch(/digit|271828/);
  });

  test('are not passed to or from one on hold', async () => {
    const t = startSignaling();
    const { ann, bank } = await phoneCallsNumber(t);
    const [atAnn, atBank] = [keysAt(ann), keysAt(bank)];
    bank.setState({ held: true });
    ann.digit('1', 100);
    bank.digit('2', 100);
    bank.setState({ held: false });
    ann.setState({ held: true });
    ann.digit('3', 100);
    bank.digit('4', 100);
    ann.setState({ held: false });
    ann.digit('5', 100);
    expect([digitsOf(atAnn), digitsOf(atBank)]).toEqual(['', '5']);
  });

  test('belong to the menu for who is muted, who could not speak again otherwise', async () => {
    const t = startSignaling();
    const { ann, bank } = await phoneCallsNumber(t);
    ann.setState({ muted: true });
    expect([ann.passesAllKeys, bank.passesAllKeys]).toEqual([false, true]);
  });

  test('are no more than can be pressed in time, however many come', async () => {
    const t = startSignaling();
    const { ann, bank } = await phoneCallsNumber(t);
    const atBank = keysAt(bank);
    for (let key = 0; key < 1_000; key += 1) ann.digit('1', 10_000);
    expect(atBank).toHaveLength(7);
    t.clock.advance(60_000);
    ann.digit('2', 100);
    expect(atBank).toHaveLength(8);
  });

  test('go to whom one speaks to: during a consultation not to the call that waits, and afterwards to who is there', async () => {
    const t = startSignaling();
    const { ann, bank } = await phoneCallsNumber(t);
    const second = await phoneCallsNumber(t, '+4940');
    const [atBank, atOther] = [keysAt(bank), keysAt(second.bank)];
    ann.setState({ held: true });
    second.ann.digit('4', 100);
    expect([digitsOf(atBank), digitsOf(atOther)]).toEqual(['', '4']);
    ann.transfer(second.ann, { ringing() {}, done() {}, failed: (reason) => expect(reason).toBe('') });
    for (let turn = 0; turn < 3; turn += 1) await settle(t);
    expect([ann.left, second.ann.left]).toEqual([true, true]);
    bank.digit('9', 100);
    second.bank.digit('8', 100);
    expect([digitsOf(atBank), digitsOf(atOther)]).toEqual(['8', '49']);
  });
});

describe('keys in a call of more', () => {
  test('go to all other phones; the menu has its own', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const { callId } = await ada.call('call.start', { to: [{ number: '1' }, { number: '2' }, { number: '3' }] });
    await settle(t);
    await enter(t, ada, { ...lastOf(ada), callId });
    const phones: PhonePeer[] = [];
    for (const call of t.telephony.calls) {
      const phone = await call.answers(t.signaling.phoneDesk, { number: '1', trunk: 'city' });
      if (phone !== undefined) phones.push(phone);
      await settle(t);
    }
    const keys = phones.map(keysAt);
    phones[1]?.digit('5', 100);
    expect(phones.map(({ passesAllKeys }) => passesAllKeys)).toEqual([false, false, false]);
    expect(keys.map(digitsOf)).toEqual(['5', '', '5']);
    await settle(t);
    expect(ada.link.of('phoneDigit')).toMatchObject([{ digit: '5' }]);
  });

  test('in a room of others are the room’s, until two are alone there', async () => {
    const t = startSignaling();
    const room = 'standup';
    const ada = await t.join({ identity: 'ada', can: mayCall });
    const bob = await t.join({ identity: 'bob', can: mayCall });
    await ada.call('call.start', { to: [{ number: '1' }, { number: '2' }], room });
    await settle(t);
    const phones: PhonePeer[] = [];
    for (const call of t.telephony.calls) {
      const phone = await call.answers(t.signaling.phoneDesk, { number: '1', trunk: 'city' });
      if (phone !== undefined) phones.push(phone);
      await settle(t);
    }
    const [one, other] = phones as [PhonePeer, PhonePeer];
    const atOther = keysAt(other);
    one.digit('1', 100);
    expect([digitsOf(atOther), one.passesAllKeys]).toEqual(['', false]);
    await settle(t);
    expect(bob.link.of('phoneDigit')).toHaveLength(1);
    await bob.call('room.leave', { room });
    await ada.call('room.leave', { room });
    await settle(t);
    one.digit('2', 100);
    expect([digitsOf(atOther), one.passesAllKeys]).toEqual(['2', true]);
  });
});

test('a phone that has dialled into a room passes its keys to nobody', async () => {
  const t = startSignaling();
  const guest = { room: 'standup' as RoomId, name: '', trunk: 'city' };
  const one = await t.signaling.phoneDesk.join({ ...guest, identity: 'tel:1', number: '1' });
  const other = await t.signaling.phoneDesk.join({ ...guest, identity: 'tel:2', number: '2' });
  const atOther = keysAt(other);
  one.digit('1', 100);
  await settle(t);
  expect([one.passesAllKeys, atOther]).toEqual([false, []]);
});
