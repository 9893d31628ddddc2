// The softphone: a page that speaks SIP with the agent, as any phone does.

import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { seriousFor } from '../support/axe.ts';
import { startBrowser } from '../support/browser.ts';
import { joinCall } from '../support/join-page.ts';
import { openPhone } from '../support/phone-page.ts';
import { hears, startTalkingBrowser } from '../support/phones/page-sound.ts';
import { dial as dialByPhone, hangUp, registeredPhone } from '../support/phones/phone.ts';
import { startPhoneServer } from '../support/phones/phone-server.ts';
import { planOfThree } from '../support/phones/plan.ts';
import { expectToHear, heardBy, lastOf } from '../support/phones/recordings.ts';
import { requireOrSkip } from '../support/require.ts';
import { findSipPort } from '../support/sip-port.ts';
import { servingPage } from '../support/start-server.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');
const withPhones = canRun && requireOrSkip('baresip');
const people = ['join', 'publish', 'subscribe', 'chat', 'history', 'call', 'call:number'] as const;

async function startServerForPages() {
  const [port, wsPort] = [await findSipPort(), await findSipPort()];
  const socket = { address: '127.0.0.1', advertise: [], certFile: '', keyFile: '', caFile: '', origins: [] };
  const server = await startPhoneServer(planOfThree, {
    gateway: servingPage,
    sip: {
      listen: [
        { ...socket, protocol: 'UDP', port },
        { ...socket, protocol: 'WS', port: wsPort, origins: ['*'] },
      ],
    },
  });
  return { ...server, port, wsPort };
}

type ServerForPages = Awaited<ReturnType<typeof startServerForPages>>;

async function signIn(page: Page, password = 'secret'): Promise<void> {
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Ben, whose tone it says, at a softphone. */
async function openSoftphone(server: ServerForPages): Promise<Page> {
  const browser = await startTalkingBrowser('ben');
  const page = await browser.openPage(`${server.url}/softphone#server=ws://127.0.0.1:${server.wsPort}&user=ben`);
  await signIn(page);
  await page.getByText('Signed in as ben').waitFor();
  return page;
}

async function dial(page: Page, whom: string): Promise<void> {
  await page
    .getByRole('region', { name: /^Call somebody/ })
    .getByRole('textbox')
    .fill(whom);
  await page.getByRole('button', { name: 'Call', exact: true }).click();
}

describe.skipIf(!canRun)('the softphone', { timeout: 120_000 }, () => {
  test('says what is wrong with a password, and that a server is not there', async () => {
    const server = await startServerForPages();
    await using browser = await startBrowser();
    const page = await browser.openPage(`${server.url}/softphone#server=ws://127.0.0.1:${server.wsPort}&user=ben`);
    await signIn(page, 'guessed');
    await page.getByText('Wrong name or password').waitFor();
    await page.getByText('Server', { exact: true }).click();
    await page.getByLabel('Address of the server').fill('ws://127.0.0.1:9');
    await signIn(page);
    await page.getByText('The server cannot be reached').waitFor();
  });

  test('is loaded by nobody who does not open it', async () => {
    const server = await startServerForPages();
    await using browser = await startBrowser();
    const page = await browser.openPage(server.url);
    const scripts = await page.evaluate<string[]>(`performance.getEntriesByType('resource').map(({ name }) => name)`);
    expect(scripts.filter((name) => name.includes('softphone'))).toEqual([]);
  });

  test('calls a page, and both hear the other', async () => {
    const server = await startServerForPages();
    const ben = await openSoftphone(server);
    const browser = await startTalkingBrowser('cy');
    const token = server.issueToken({ identity: 'cy', name: 'Cy', can: people });
    const cy = await openPhone(browser, server.url, { name: 'Cy', token });
    await dial(ben, '102');
    await cy.getByRole('button', { name: 'Answer' }).click();
    await hears(cy, 'ben');
    await hears(ben, 'cy');
    await cy.getByRole('button', { name: 'Hang up', exact: true }).click();
    await ben.getByRole('button', { name: 'Hang up' }).waitFor({ state: 'detached' });
  });

  test('is called by a page, is held and resumed', async () => {
    const server = await startServerForPages();
    const ben = await openSoftphone(server);
    const browser = await startTalkingBrowser('cy');
    const token = server.issueToken({ identity: 'cy', name: 'Cy', can: people });
    const cy = await openPhone(browser, server.url, { name: 'Cy', token });
    await cy.getByLabel('Number, name or address').fill('ben');
    await cy.getByRole('button', { name: 'Call', exact: true }).click();
    await ben.getByRole('button', { name: 'Answer' }).click();
    await hears(cy, 'ben');
    await hears(ben, 'cy');
    await ben.getByRole('button', { name: 'Hold' }).click();
    await cy.locator('.tile').getByText('On hold').waitFor();
    await ben.getByRole('button', { name: 'Hold' }).click();
    await hears(cy, 'ben');
    await hears(ben, 'cy');
    await ben.getByRole('button', { name: 'Hang up' }).click();
    await cy.getByRole('heading', { name: 'Recent calls' }).waitFor();
  });

  test.skipIf(!withPhones)('meets a page and a desk phone in a room', async () => {
    const server = await startServerForPages();
    const ben = await openSoftphone(server);
    await using browser = await startBrowser();
    const eve = await joinCall(browser, `${server.url}/r/lobby`, { name: 'Eve' });
    await dial(ben, '800');
    await eve.locator('.tile').filter({ hasText: 'Ben' }).waitFor();
    const ann = await registeredPhone(server, { user: 'ann' });
    await eve.getByRole('button', { name: 'Microphone' }).click();
    await dialByPhone(ann, '800');
    await hears(ben, 'ann');
    await ben.waitForTimeout(2_000);
    await hangUp(ann);
    const [heard] = await heardBy(ann);
    expectToHear(heard && lastOf(heard, 1_000), 'ben');
  });

  test('has nothing serious for axe, signed out and in, in light and in dark colours', async () => {
    const server = await startServerForPages();
    await using browser = await startBrowser();
    const page = await browser.openPage(`${server.url}/softphone#server=ws://127.0.0.1:${server.wsPort}&user=ben`);
    const check = async () => {
      await page.evaluate(
        `for (const { style } of document.querySelectorAll('.softphone')) style.backgroundImage = 'none'`,
      );
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
