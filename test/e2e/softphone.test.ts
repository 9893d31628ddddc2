// The softphone: a page that speaks SIP with the agent, as any phone does.

import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { seriousFor } from '../support/axe.ts';
import { joinCall } from '../support/join-page.ts';
import { openPhone } from '../support/phone-page.ts';
import { hears } from '../support/phones/page-sound.ts';
import { dial as dialByPhone, hangUp } from '../support/phones/phone.ts';
import { planOfThree } from '../support/phones/plan.ts';
import { listenAt, untilHeard } from '../support/phones/recordings.ts';
import { servePhonePages } from '../support/phones/serve-phone-pages.ts';
import { requireOrSkip } from '../support/require.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');
const withPhones = canRun && requireOrSkip('baresip');
const people = ['join', 'publish', 'subscribe', 'chat', 'history', 'call', 'call:number'] as const;

async function signIn(page: Page, password = 'secret'): Promise<void> {
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function dial(page: Page, whom: string): Promise<void> {
  await page
    .getByRole('region', { name: /^Call somebody/ })
    .getByRole('textbox')
    .fill(whom);
  await page.getByRole('button', { name: 'Call', exact: true }).click();
}

describe.skipIf(!canRun)('the softphone', { timeout: 120_000 }, () => {
  const pages = servePhonePages(planOfThree);
  const address = () => `${pages.server.url}/softphone#server=ws://127.0.0.1:${pages.server.wsPort}&user=ben`;

  /** Ben, whose tone it says, at a softphone. */
  const openSoftphone = async (): Promise<Page> => {
    const page = await (await pages.browser('ben')).openPage(address());
    await signIn(page);
    await page.getByText('Signed in as ben').waitFor();
    return page;
  };
  const openCy = async (): Promise<Page> => {
    const token = pages.server.issueToken({ identity: 'cy', name: 'Cy', can: people });
    return openPhone(await pages.browser('cy'), pages.server.url, { name: 'Cy', token });
  };

  test('says what is wrong with a password, and that a server is not there', async () => {
    const page = await (await pages.browser()).openPage(address());
    await signIn(page, 'guessed');
    await page.getByText('Wrong name or password').waitFor();
    await page.getByText('Server', { exact: true }).click();
    await page.getByLabel('Address of the server').fill('ws://127.0.0.1:9');
    await signIn(page);
    await page.getByText('The server cannot be reached').waitFor();
  });

  test('is loaded by nobody who does not open it', async () => {
    const page = await (await pages.browser()).openPage(pages.server.url);
    const scripts = await page.evaluate<string[]>(`performance.getEntriesByType('resource').map(({ name }) => name)`);
    expect(scripts.filter((name) => name.includes('softphone'))).toEqual([]);
  });

  test('calls a page, and both hear the other', async () => {
    const [ben, cy] = await Promise.all([openSoftphone(), openCy()]);
    await dial(ben, '102');
    await cy.getByRole('button', { name: 'Answer' }).click();
    await Promise.all([hears(cy, 'ben'), hears(ben, 'cy')]);
    await cy.getByRole('button', { name: 'Hang up', exact: true }).click();
    await ben.getByRole('button', { name: 'Hang up' }).waitFor({ state: 'detached' });
  });

  test('is called by a page, is held and resumed', async () => {
    const [ben, cy] = await Promise.all([openSoftphone(), openCy()]);
    await cy.getByLabel('Number, name or address').fill('ben');
    await cy.getByRole('button', { name: 'Call', exact: true }).click();
    await ben.getByRole('button', { name: 'Answer' }).click();
    await Promise.all([hears(cy, 'ben'), hears(ben, 'cy')]);
    await ben.getByRole('button', { name: 'Hold' }).click();
    await cy.locator('.tile').getByText('On hold').waitFor();
    await ben.getByRole('button', { name: 'Hold' }).click();
    await Promise.all([hears(cy, 'ben'), hears(ben, 'cy')]);
    await ben.getByRole('button', { name: 'Hang up' }).click();
    await cy.getByRole('heading', { name: 'Recent calls' }).waitFor();
  });

  test('presses keys, on the keyboard and in the page: the room sees them, and its hand', async () => {
    const [ben, eve] = await Promise.all([
      openSoftphone(),
      joinCall(await pages.browser(), `${pages.server.url}/r/study`, { name: 'Eve' }),
    ]);
    await dial(ben, '801');
    const tile = eve.locator('.tile').filter({ hasText: 'Ben' });
    await tile.waitFor();
    await ben.getByRole('button', { name: 'Keys', exact: true }).focus();
    await ben.keyboard.press('Enter');
    await ben.keyboard.type('18');
    await ben.getByRole('group', { name: 'Keys' }).first().getByRole('button', { name: 'pound' }).click();
    await tile.getByText('Pressed 18#').waitFor();
    expect(await ben.locator('.line-digits').textContent()).toBe('18#');
    await ben.keyboard.type('*5');
    await tile.getByText('Hand raised').waitFor({ state: 'attached' });
  });

  test.skipIf(!withPhones)('hands a call on blind: the two phones hear each other, and it is out', async () => {
    const [ben, ann, cy] = await Promise.all([
      openSoftphone(),
      pages.phone({ user: 'ann', answers: true }),
      pages.phone({ user: 'cy', answers: true }),
    ]);
    await dial(ben, '100');
    await hears(ben, 'ann');
    await ben.getByRole('button', { name: 'Transfer', exact: true }).click();
    await ben.getByLabel('Hand the call on to').fill('102');
    await ben.getByLabel('Hand the call on to').press('Enter');
    await ben.locator('.line').waitFor({ state: 'detached' });
    await Promise.all([untilHeard((ms) => listenAt(cy, ms), 'ann'), untilHeard((ms) => listenAt(ann, ms), 'cy')]);
  });

  test.skipIf(!withPhones)('is told that nobody took the call that it hands on, and is still in it', async () => {
    const [ben, ann] = await Promise.all([openSoftphone(), pages.phone({ user: 'ann', answers: true })]);
    await dial(ben, '100');
    await hears(ben, 'ann');
    await ben.getByRole('button', { name: 'Transfer', exact: true }).click();
    await ben.getByLabel('Hand the call on to').fill('nobody');
    await ben.getByLabel('Hand the call on to').press('Enter');
    await ben.getByText('The call was not handed on').waitFor();
    await hears(ben, 'ann');
    await untilHeard((ms) => listenAt(ann, ms), 'ben');
  });

  test.skipIf(!withPhones)('asks somebody first, and then brings both together', async () => {
    const [ben, ann, cy] = await Promise.all([
      openSoftphone(),
      pages.phone({ user: 'ann', answers: true }),
      pages.phone({ user: 'cy', answers: true }),
    ]);
    await dial(ben, '100');
    await hears(ben, 'ann');
    await dial(ben, '102');
    const [first, second] = [ben.locator('.line').first(), ben.locator('.line').nth(1)];
    await first.getByText('On hold').waitFor();
    await untilHeard((ms) => listenAt(cy, ms), 'ben');
    await second.getByRole('button', { name: 'Transfer', exact: true }).click();
    await second.getByRole('button', { name: 'Connect with 100' }).click();
    await ben.locator('.line').first().waitFor({ state: 'detached' });
    await Promise.all([untilHeard((ms) => listenAt(cy, ms), 'ann'), untilHeard((ms) => listenAt(ann, ms), 'cy')]);
    expect(await ben.locator('.line').count()).toBe(0);
  });

  test.skipIf(!withPhones)('meets a page and a desk phone in a room', async () => {
    const [ben, ann, eve] = await Promise.all([
      openSoftphone(),
      pages.phone({ user: 'ann' }),
      joinCall(await pages.browser(), `${pages.server.url}/r/lobby`, { name: 'Eve' }),
    ]);
    await dial(ben, '800');
    await eve.locator('.tile').filter({ hasText: 'Ben' }).waitFor();
    await eve.getByRole('button', { name: 'Microphone' }).click();
    await dialByPhone(ann, '800');
    await Promise.all([hears(ben, 'ann'), untilHeard((ms) => listenAt(ann, ms), 'ben')]);
    await hangUp(ann);
  });

  test('has nothing serious for axe, signed out and in, in light and in dark colours', async () => {
    const page = await (await pages.browser()).openPage(address());
    const check = async () => {
      await page.evaluate(`for (const { style } of document.querySelectorAll('.page')) style.backgroundImage = 'none'`);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const serious = await seriousFor(page);
        expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)).toEqual([]);
      }
    };
    await check();
    await signIn(page);
    await page.getByText('Signed in as ben').waitFor();
    await check();
    await dial(page, '800');
    await page.getByRole('button', { name: 'Keys', exact: true }).click();
    await check();
  });
});
