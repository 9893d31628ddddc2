// Calls that are handed on by the API, where phones are on either side or on both, by what is heard.

import { beforeEach, describe, expect, test } from 'vitest';
import type { CallInfo } from '../../../proto/gen/types.ts';
import { eventually } from '../../support/eventually.ts';
import { type Person, signIn } from '../../support/phones/person.ts';
import { dial, hangUp, registeredPhone, type TestPhone } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { hearEachOther, listenAt, untilHeard } from '../../support/phones/recordings.ts';
import { startScriptedPhone } from '../../support/phones/scripted-phone.ts';
import { requireOrSkip } from '../../support/require.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip');

describe.skipIf(!here)('a call of phones that is handed on by the API', { timeout: 60_000 }, () => {
  let server: PhoneServer;
  let ben: TestPhone;

  beforeEach(async () => {
    server = await startPhoneServer(planOfThree);
    ben = await registeredPhone(server, { user: 'ben', answers: true });
  });

  const answeringCy = () => registeredPhone(server, { user: 'cy', answers: true, codecs: ['PCMA/8000/1'] });
  const callsOf = async (person: Person) => {
    const { calls } = await person.call<{ calls: readonly CallInfo[] }>('call.current');
    return calls.map(({ callId }) => callId);
  };

  /** Of calls that began before, whatever they heard there. */
  async function speakAndHangUp(cy: TestPhone): Promise<void> {
    await hearEachOther(ben, cy);
    for (const { events } of [ben, cy]) expect(events.filter(({ type }) => type === 'CALL_CLOSED')).toEqual([]);
    await hangUp(cy);
    await ben.heard('CALL_CLOSED');
  }

  test('blind, by who is at a phone: it is hung up, and the other two hear each other', async () => {
    const cy = await answeringCy();
    const ann = await registeredPhone(server, { user: 'ann' });
    const annsApp = await signIn(server, 'ann');
    await dial(ann, '101');
    const [callId] = await callsOf(annsApp);
    await annsApp.call('call.transfer', { callId, to: { user: 'cy' } });
    await ann.heard('CALL_CLOSED');
    await cy.heard('CALL_ESTABLISHED');
    await speakAndHangUp(cy);
  });

  test('blind, by who is at a phone, to one who declines: that phone rings again, and nobody is dropped', async () => {
    const cy = await startScriptedPhone(1_900, (call) => void call.reject(603));
    await cy.sip.register({
      registrar: `sip:127.0.0.1:${server.port}`,
      address: `sip:cy@127.0.0.1:${server.port}`,
      contact: `sip:cy@127.0.0.1:${cy.port}`,
      credentials: { user: 'cy', password: 'secret' },
    });
    const ann = await registeredPhone(server, { user: 'ann', answers: true });
    const annsApp = await signIn(server, 'ann');
    await dial(ann, '101');
    const [callId] = await callsOf(annsApp);
    await annsApp.call('call.transfer', { callId, to: { user: 'cy' } });
    await ann.heard('CALL_CLOSED');
    await ann.heard('CALL_ESTABLISHED', 2);
    await untilHeard((ms) => listenAt(ben, ms), 'ann');
    await hangUp(ann, 2);
    await ben.heard('CALL_CLOSED');
  });

  test('attended, by who is at a phone with two calls', async () => {
    const cy = await answeringCy();
    const ann = await registeredPhone(server, { user: 'ann' });
    const annsApp = await signIn(server, 'ann');
    await dial(ann, '101');
    const [callId] = await callsOf(annsApp);
    await ann.command('hold');
    await annsApp.callThat(({ legs }) => legs.some(({ held }) => held), 'the hold');
    await dial(ann, '102', 2);
    const toCallId = await eventually(async () => (await callsOf(annsApp)).find((one) => one !== callId), 'the other');
    await annsApp.call('call.transfer', { callId, toCallId });
    await ann.heard('CALL_CLOSED', 2);
    await speakAndHangUp(cy);
  });

  test('blind, by who is at a browser', async () => {
    const cy = await answeringCy();
    const mia = await signIn(server, 'mia');
    const { callId, room } = await mia.call<CallInfo>('call.start', { to: [{ user: 'ben' }] });
    await mia.call('room.join', { room });
    await ben.heard('CALL_ESTABLISHED');
    await mia.call('call.transfer', { callId, to: { user: 'cy' } });
    await cy.heard('CALL_ESTABLISHED');
    await speakAndHangUp(cy);
  });

  test('attended, by who is at a browser', async () => {
    const cy = await answeringCy();
    const mia = await signIn(server, 'mia');
    const calls: string[] = [];
    for (const user of ['ben', 'cy']) {
      const { callId, room } = await mia.call<CallInfo>('call.start', { to: [{ user }] });
      await mia.call('room.join', { room });
      calls.push(callId);
    }
    await Promise.all([ben.heard('CALL_ESTABLISHED'), cy.heard('CALL_ESTABLISHED')]);
    await mia.call('call.transfer', { callId: calls[0], toCallId: calls[1] });
    await speakAndHangUp(cy);
  });
});
