// Keys that a phone presses for the menu at the other end of its call.

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { DtmfReceiver } from '../../../media/mixer/rtp/dtmf-receiver.ts';
import { eventually } from '../../support/eventually.ts';
import { signIn } from '../../support/phones/person.ts';
import { dial, registeredPhone, type TestPhone, tones } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { type ScriptedPhone, startScriptedPhone } from '../../support/phones/scripted-phone.ts';
import { requireOrSkip } from '../../support/require.ts';
import { type Baresip, startBaresip } from '../../support/sip-baresip.ts';
import { startKamailio } from '../../support/sip-kamailio.ts';
import { findSipPort } from '../../support/sip-port.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip');
const withProvider = here && requireOrSkip('kamailio');

const planWith = (provider: number) => `
realm: phones.test
users:
  - { identity: ann, name: Ann, password: secret, numbers: ['100'] }
trunks:
  - name: provider
    outbound: { targets: ['sip:127.0.0.1:${provider}'], probeSeconds: 0 }
    numbers: { outgoing: digits }
rules:
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}', trunks: [provider] }
`;

async function press(phone: TestPhone, keys: string): Promise<void> {
  for (const key of keys) {
    await phone.command('sndcode', key);
    await delay(150);
    // It lets the key go.
    await phone.command('sndcode', '\u0004');
    await delay(150);
  }
}

const keysAt = ({ events }: Baresip) =>
  events.flatMap(({ type, param }) => (type === 'CALL_DTMF_START' ? [param] : [])).join('');

/** Those that came by RFC 4733. */
function keysOf({ rtp }: ScriptedPhone): string {
  const receiver = new DtmfReceiver({ clockRate: 8_000 });
  return rtp.rtp
    .filter(({ payloadType }) => payloadType === 101)
    .flatMap((packet) => receiver.take(packet, systemClock.monotonicMs()))
    .map(({ digit }) => digit)
    .join('');
}

/** Keys may be of a PIN. */
function expectNoKeyIn({ lines }: PhoneServer, keys: string): void {
  const said = JSON.stringify(lines);
  expect(said).not.toContain(keys);
  expect(said).not.toMatch(/"digits?":/);
}

/** So many phones are in rooms, and hear each other. */
async function inRooms({ lines }: PhoneServer, phones: number): Promise<void> {
  const joined = () => lines.filter(({ message }) => message === 'peer joined').length;
  await eventually(() => joined() === phones, 'that they are in their rooms');
  await delay(500);
}

/** A phone that has called ben's. */
async function scriptedCaller(server: PhoneServer) {
  const phone = await startScriptedPhone(tones.ann);
  const call = await phone.dial(`sip:101@127.0.0.1:${server.port}`, 'ann');
  await inRooms(server, 2);
  const tell = async (keys: string, ms: number) => {
    for (const key of keys) {
      const headers = { 'Content-Type': 'application/dtmf-relay' };
      await call.request('INFO', { headers, body: `Signal=${key}\r\nDuration=${ms}\r\n` });
    }
  };
  return { phone, call, tell };
}

describe.skipIf(!here)('keys in a call of two phones', { timeout: 60_000 }, () => {
  test('by RFC 4733 come so, stars too, once and in their order, and not back', async () => {
    const server = await startPhoneServer(planOfThree);
    const ann = await registeredPhone(server, { user: 'ann' });
    const ben = await registeredPhone(server, { user: 'ben', answers: true, codecs: ['opus/48000/2'] });
    await dial(ann, '101');
    await ben.heard('CALL_ESTABLISHED');
    await press(ann, '18#*66');
    await eventually(() => keysAt(ben) === '18#*66', 'the keys');
    await press(ben, '5');
    await eventually(() => keysAt(ann) === '5', 'the other’s key');
    await delay(1_000);
    expect([keysAt(ben), keysAt(ann)]).toEqual(['18#*66', '5']);
    expectNoKeyIn(server, '18#*66');
  });

  test('by INFO come by RFC 4733, also those of a dialler that tells them at once', async () => {
    const server = await startPhoneServer(planOfThree);
    const ben = await registeredPhone(server, { user: 'ben', answers: true });
    const { call, tell, phone } = await scriptedCaller(server);
    await tell('271828#', 100);
    await eventually(() => keysAt(ben) === '271828#', 'the keys');
    expect(keysOf(phone)).toBe('');
    expectNoKeyIn(server, '271828');
    await call.bye();
  });

  test('come by INFO and as events and are pressed once', async () => {
    const server = await startPhoneServer(planOfThree);
    const ben = await registeredPhone(server, { user: 'ben', answers: true });
    const { call, tell, phone } = await scriptedCaller(server);
    for (const key of '121') {
      phone.rtp.press(Number(key));
      await tell(key, 120);
      await delay(300);
    }
    await eventually(() => keysAt(ben) === '121', 'the keys');
    await delay(1_000);
    expect(keysAt(ben)).toBe('121');
    await call.bye();
  });

  test('go to who is spoken to: not to one on hold, and to the other one during a consultation', async () => {
    const server = await startPhoneServer(planOfThree);
    const ben = await registeredPhone(server, { user: 'ben', answers: true });
    const cy = await registeredPhone(server, { user: 'cy', answers: true });
    const { call, phone } = await scriptedCaller(server);
    await call.hold();
    const second = await phone.dial(`sip:102@127.0.0.1:${server.port}`, 'ann');
    await inRooms(server, 4);
    phone.rtp.press(4);
    await eventually(() => keysAt(cy) === '4', 'the key');
    expect(keysAt(ben)).toBe('');
    await second.bye();
    await call.bye();
  });
});

describe.skipIf(!withProvider)('keys for a number behind a trunk', { timeout: 60_000 }, () => {
  test('reach its menu, and nobody’s log', async () => {
    const port = await findSipPort();
    const provider = await startKamailio({ to: port });
    onTestFinished(() => provider[Symbol.asyncDispose]());
    const server = await startPhoneServer(planWith(provider.port), { port });
    const bank = await startBaresip({ to: provider.port, user: '4930123', answers: true });
    onTestFinished(() => bank[Symbol.asyncDispose]());
    await bank.registered();
    const ann = await registeredPhone(server, { user: 'ann' });
    await dial(ann, '+4930123');
    await bank.heard('CALL_ESTABLISHED');
    await press(ann, '*271828#');
    await eventually(() => keysAt(bank) === '*271828#', 'the keys');
    await ann.command('hangup');
    await bank.heard('CALL_CLOSED');
    await eventually(() => server.lines.some(({ message }) => message === 'phone call ended'), 'the record');
    expectNoKeyIn(server, '271828');
  });
});

describe.skipIf(!here)('a call of two phones and a browser', { timeout: 60_000 }, () => {
  test('has the menu for its keys, and passes the others on', async () => {
    const server = await startPhoneServer(planOfThree);
    const mia = await signIn(server, 'mia');
    const ann = await registeredPhone(server, { user: 'ann', answers: true });
    const ben = await registeredPhone(server, { user: 'ben', answers: true });
    const { room } = await mia.call<{ room: string }>('call.start', { to: [{ user: 'ann' }, { user: 'ben' }] });
    await mia.call('room.join', { room });
    await Promise.all([ann.heard('CALL_ESTABLISHED'), ben.heard('CALL_ESTABLISHED')]);
    await delay(500);
    await press(ann, '7*68');
    await eventually(() => keysAt(ben) === '78', 'the keys');
    expect(mia.told<{ digit: string }>('phoneDigit').map(({ digit }) => digit)).toEqual(['7', '8']);
  });
});
