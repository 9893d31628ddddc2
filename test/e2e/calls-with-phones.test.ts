// Pages and phones in calls: what one says is heard by the other, and by nobody who says it.

import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { joinCall } from '../support/join-page.ts';
import { dial, openPhone, openPhonePanel } from '../support/phone-page.ts';
import { hears, hearsAll, startTalkingBrowser } from '../support/phones/page-sound.ts';
import { dial as dialByPhone, hangUp, registeredPhone } from '../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../support/phones/phone-server.ts';
import { planOfThree } from '../support/phones/plan.ts';
import { expectToHear, heardBy, lastOf } from '../support/phones/recordings.ts';
import { requireOrSkip } from '../support/require.ts';
import { servingPage } from '../support/start-server.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup') && requireOrSkip('baresip');
const people = ['join', 'publish', 'subscribe', 'chat', 'history', 'call', 'call:number', 'moderate'] as const;

/** Ben, who has no phone here, at a page that says his tone. */
async function openBen(server: PhoneServer): Promise<Page> {
  const browser = await startTalkingBrowser('ben');
  const token = server.issueToken({ identity: 'ben', name: 'Ben', can: people });
  return openPhone(browser, server.url, { name: 'Ben', token });
}

describe.skipIf(!canRun)('a page and a phone', { timeout: 120_000 }, () => {
  test.each([
    ['PCMU', 'PCMU/8000/1'],
    ['PCMA', 'PCMA/8000/1'],
    ['G722', 'G722/16000/1'],
    ['opus', 'opus/48000/2'],
  ] as const)('speak with each other by %s, which the page calls', async (_name, codec) => {
    const server = await startPhoneServer(planOfThree, { gateway: servingPage });
    const ann = await registeredPhone(server, { user: 'ann', answers: true, codecs: [codec] });
    const ben = await openBen(server);
    await dial(ben, 'ann');
    await ann.heard('CALL_ESTABLISHED');
    await hears(ben, 'ann');
    await tile(ben, 'Ann').getByText(', by phone').waitFor({ state: 'attached' });
    await ben.waitForTimeout(2_000);
    await hangUp(ann);
    await ben.getByRole('heading', { name: 'Recent calls' }).waitFor();
    const [heard] = await heardBy(ann);
    expectToHear(heard && lastOf(heard, 1_500), 'ben');
  });

  test('speak with each other when the phone calls, and the page ends it', async () => {
    const server = await startPhoneServer(planOfThree, { gateway: servingPage });
    const [ann, ben] = await Promise.all([registeredPhone(server, { user: 'ann' }), openBen(server)]);
    await ann.command('dial', `sip:101@127.0.0.1:${ann.to}`);
    await ben.getByRole('region', { name: 'Ann calls' }).waitFor();
    await ann.heard('CALL_RINGING');
    await ben.getByRole('button', { name: 'Answer' }).click();
    await ann.heard('CALL_ESTABLISHED');
    await hears(ben, 'ann');
    await ben.waitForTimeout(2_000);
    await ben.getByRole('button', { name: 'Hang up', exact: true }).click();
    await ann.heard('CALL_CLOSED');
    const [heard] = await heardBy(ann);
    expectToHear(heard && lastOf(heard, 1_500), 'ben');
  });

  test('tell each other that nobody wants to answer', async () => {
    const server = await startPhoneServer(planOfThree, { gateway: servingPage });
    const [ann, ben] = await Promise.all([registeredPhone(server, { user: 'ann' }), openBen(server)]);
    await ann.command('dial', `sip:101@127.0.0.1:${ann.to}`);
    await ben.getByRole('button', { name: 'Decline' }).click();
    await ann.heard('CALL_CLOSED');
    expect(ann.events.find(({ type }) => type === 'CALL_CLOSED')?.param).toMatch(/603|486/);
    await dial(ben, 'ann');
    await ann.heard('CALL_INCOMING');
    await ann.command('hangup');
    await ben.getByText(/ann (?:declined|is on another call)\./i).waitFor();
  });

  test('hold each other, which is seen and is silent', async () => {
    const server = await startPhoneServer(planOfThree, { gateway: servingPage });
    const ann = await registeredPhone(server, { user: 'ann', answers: true });
    const ben = await openBen(server);
    await dial(ben, 'ann');
    await hears(ben, 'ann');
    await ann.command('hold');
    await tile(ben, 'Ann').getByText('On hold').waitFor();
    await ann.command('resume');
    await tile(ben, 'Ann').getByText('On hold').waitFor({ state: 'detached' });
    await hears(ben, 'ann');
    await openPhonePanel(ben);
    await ben.getByRole('button', { name: /^Hold ann$/i }).click();
    await tile(ben, 'Ann').getByText('On hold').waitFor();
    await ben.getByRole('button', { name: /^Resume ann$/i }).click();
    await hears(ben, 'ann');
  });

  test('are joined by another phone: everybody hears both others, and the microphone has no hole', async () => {
    const server = await startPhoneServer(planOfThree, { gateway: servingPage });
    const [ann, cy] = await Promise.all([
      registeredPhone(server, { user: 'ann', answers: true }),
      registeredPhone(server, { user: 'cy', answers: true, codecs: ['PCMA/8000/1'] }),
    ]);
    const ben = await openBen(server);
    await dial(ben, 'ann');
    await hears(ben, 'ann');
    await openPhonePanel(ben);
    await ben.getByRole('complementary').getByLabel('Number, name or address').fill('102');
    await ben.getByRole('button', { name: 'Call into this room' }).click();
    await hearsAll(ben, 'ann', 'cy');
    await hangUp(cy);
    await hears(ben, 'ann');
    await ben.waitForTimeout(2_000);
    await hangUp(ann);
    const [heard] = await heardBy(ann);
    expectToHear(heard && lastOf(heard, 1_000), 'ben');
  });

  test('meet in a room, where a moderator mutes the phone', async () => {
    const server = await startPhoneServer(planOfThree, { gateway: servingPage });
    const ann = await registeredPhone(server, { user: 'ann' });
    const browser = await startTalkingBrowser('ben');
    const token = server.issueToken({ identity: 'ben', name: 'Ben', can: people });
    const ben = await joinCall(browser, `${server.url}/r/lobby#token=${token}`, { name: 'Ben' });
    await dialByPhone(ann, '800');
    await tile(ben, 'Ann').waitFor();
    await hears(ben, 'ann');
    await ben.getByRole('button', { name: /^People/ }).click();
    await ben.getByRole('button', { name: 'Moderate Ann' }).click();
    await ben.getByRole('menuitem', { name: 'Mute', exact: true }).click();
    await tile(ben, 'Ann').getByText(', microphone off').waitFor({ state: 'attached' });
  });
});

function tile(page: Page, name: string) {
  return page.locator('.tile').filter({ has: page.getByText(new RegExp(`^${name}$`, 'i')) });
}
