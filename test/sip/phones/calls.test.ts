// Phones that call each other.

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { dial, hangUp, registeredPhone, type TestPhone, tones } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import {
  expectSilence,
  firstOf,
  heardBy,
  hearEachOther,
  listenAt,
  untilHeard,
} from '../../support/phones/recordings.ts';
import { startScriptedPhone } from '../../support/phones/scripted-phone.ts';
import { requireOrSkip } from '../../support/require.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip');

const closedWith = (phone: TestPhone) =>
  phone.events.filter(({ type }) => type === 'CALL_CLOSED').map(({ param }) => param);
const ended = (server: PhoneServer) => server.lines.filter(({ message }) => message === 'phone call ended');

describe.skipIf(!here)('a phone that calls a phone', { timeout: 60_000 }, () => {
  test.each([
    ['the same codec', ['PCMA/8000/1'], ['PCMA/8000/1']],
    ['two codecs', ['opus/48000/2'], ['PCMU/8000/1']],
  ] as const)('with %s hears it, and not itself', async (_names, ours, theirs) => {
    const server = await startPhoneServer(planOfThree);
    const ben = await registeredPhone(server, { user: 'ben', codecs: theirs, answers: true });
    const ann = await registeredPhone(server, { user: 'ann', codecs: ours });
    await dial(ann, '101');
    await ben.heard('CALL_ESTABLISHED');
    await hearEachOther(ann, ben);
    await hangUp(ann);
    await ben.heard('CALL_CLOSED');
    await eventually(() => ended(server).length === 2, 'both records');
  });

  test.each([
    ['is busy', 486],
    ['declines', 603],
  ])('that %s hears so', async (_how, status) => {
    const server = await startPhoneServer(planOfThree);
    const ben = await startScriptedPhone(tones.ben, (call) => void call.ring().then(() => call.reject(status)));
    await ben.register('ben', server.port);
    const ann = await registeredPhone(server, { user: 'ann' });
    await ann.command('dial', `sip:101@127.0.0.1:${ann.to}`);
    await ann.heard('CALL_CLOSED');
    expect(closedWith(ann)).toEqual([expect.stringMatching(new RegExp(`^${status} `))]);
    expect(ann.events.some(({ type }) => type === 'CALL_RINGING')).toBe(true);
  });

  test('that is nowhere hears that it is not there', async () => {
    const server = await startPhoneServer(planOfThree);
    const ann = await registeredPhone(server, { user: 'ann' });
    await ann.command('dial', `sip:101@127.0.0.1:${ann.to}`);
    await ann.heard('CALL_CLOSED');
    expect(closedWith(ann)[0]).toMatch(/^480/);
  });

  test('and gives up stops it from ringing', async () => {
    const server = await startPhoneServer(planOfThree);
    const ben = await registeredPhone(server, { user: 'ben' });
    const ann = await registeredPhone(server, { user: 'ann' });
    await ann.command('dial', `sip:101@127.0.0.1:${ann.to}`);
    await ben.heard('CALL_INCOMING');
    await ann.command('hangup');
    await ben.heard('CALL_CLOSED');
  });

  test('with two phones of its user rings both, and the slower one is told that it was answered elsewhere', async () => {
    const server = await startPhoneServer(planOfThree);
    const desk = await startScriptedPhone(tones.ben, (call) => void call.ring());
    await desk.register('ben', server.port);
    const mobile = await registeredPhone(server, { user: 'ben' });
    const ann = await registeredPhone(server, { user: 'ann' });
    await ann.command('dial', `sip:101@127.0.0.1:${ann.to}`);
    await mobile.heard('CALL_INCOMING');
    await eventually(() => desk.incoming.length === 1, 'that the other one rings');
    await mobile.command('accept');
    await ann.heard('CALL_ESTABLISHED');
    await eventually(() => desk.incoming[0]?.canceled, 'that it stops');
    // Without it, phones list a missed call (RFC 3326).
    const cancel = desk.received.find((message) => message.startsWith('CANCEL '));
    expect(cancel).toMatch(/^Reason: SIP;cause=200;text="Call completed elsewhere"\r$/m);
    await hangUp(ann);
  });

  test('holds it at once and goes on, and is heard again', async () => {
    const server = await startPhoneServer(planOfThree);
    const ben = await registeredPhone(server, { user: 'ben', answers: true });
    const ann = await registeredPhone(server, { user: 'ann' });
    await dial(ann, '101');
    await ann.command('hold');
    await delay(2_000);
    await ann.command('resume');
    // baresip 1.0.0 plays nothing any more once it has held, to whomever it speaks.
    await untilHeard((ms) => listenAt(ben, ms), 'ann');
    await hangUp(ann);
    await ben.heard('CALL_CLOSED');
    const [atBen] = await heardBy(ben);
    expectSilence(atBen && firstOf(atBen, 1_000));
  });

  test('transfers it to a third one and is out, and these two hear each other', async () => {
    const server = await startPhoneServer(planOfThree);
    const cy = await registeredPhone(server, { user: 'cy', answers: true });
    const ben = await registeredPhone(server, { user: 'ben', answers: true });
    const ann = await registeredPhone(server, { user: 'ann' });
    await dial(ann, '101');
    await hearEachOther(ann, ben);
    await ann.command('transfer', `sip:102@127.0.0.1:${ann.to}`);
    await cy.heard('CALL_ESTABLISHED');
    await ann.heard('CALL_CLOSED');
    await hearEachOther(ben, cy);
    expect(closedWith(ben)).toEqual([]);
    await hangUp(cy);
    await ben.heard('CALL_CLOSED');
  });
});
