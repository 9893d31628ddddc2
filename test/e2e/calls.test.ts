import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { joinCall } from '../support/join-page.ts';
import { waitForFlow, waitForSilence } from '../support/media-flow.ts';
import { addToCall, dial, openPhone, openPhonePanel, signInPhone } from '../support/phone-page.ts';
import { requireOrSkip } from '../support/require.ts';
import { servePages } from '../support/serve-pages.ts';
import { startTcpRelay } from '../support/tcp-relay.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');
const voice = { video: 0, audio: 1 };
const people = ['join', 'publish', 'subscribe', 'chat', 'history', 'call', 'call:number'] as const;

describe.skipIf(!canRun)('a call between pages', { timeout: 90_000 }, () => {
  const pages = servePages();

  const open = (identity: string, origin = pages.server.url) => {
    const name = identity.charAt(0).toUpperCase() + identity.slice(1);
    const token = pages.server.issueToken({ identity, name, can: people });
    return openPhone(pages.browser, origin, { name, token });
  };

  const call = async (from: Page, to: Page, whom: string) => {
    await dial(from, whom);
    await to.getByRole('button', { name: 'Answer' }).click();
    await Promise.all([from, to].map((page) => isInCall(page)));
  };

  test('rings, is answered, is heard on both sides, and ends for both', async () => {
    const [ada, ben] = await Promise.all([open('ada'), open('ben')]);
    await dial(ada, 'ben');
    await ada.getByText('Ringing…').first().waitFor();
    await ben.getByRole('region', { name: 'Ada calls' }).waitFor();
    await ben.getByRole('button', { name: 'Answer' }).click();
    await Promise.all([ada, ben].map((page) => waitForFlow(page, voice)));
    await ada.getByRole('button', { name: 'Hang up', exact: true }).click();
    await Promise.all([ada, ben].map(isHome));
    await entry(ada, 'Outgoing').waitFor();
    await entry(ben, 'Incoming').waitFor();
  });

  test('that is declined tells so, and nobody rings any more', async () => {
    const [ada, ben] = await Promise.all([open('ada'), open('ben')]);
    await dial(ada, 'ben');
    await ben.getByRole('button', { name: 'Decline' }).click();
    await ada.getByText('ben declined.', { exact: false }).waitFor();
    await isHome(ada);
    expect(await ben.getByRole('button', { name: 'Answer' }).count()).toBe(0);
    await entry(ada, 'Outgoing').getByText('Declined').waitFor();
  });

  test('that is taken back stops to ring, and was missed', async () => {
    const [ada, ben] = await Promise.all([open('ada'), open('ben')]);
    await dial(ada, 'ben');
    await ben.getByRole('button', { name: 'Answer' }).waitFor();
    await ada.getByRole('button', { name: 'Hang up', exact: true }).click();
    await ben.getByText('You missed a call of Ada.').waitFor();
    expect(await ben.getByRole('button', { name: 'Answer' }).count()).toBe(0);
    await entry(ben, 'Missed').waitFor();
  });

  test('to somebody who is not there says so', async () => {
    const ada = await open('ada');
    await dial(ada, 'nobody-at-all');
    await ada.getByText('nobody-at-all cannot be reached.').waitFor();
    await isHome(ada);
  });

  test('rings in both tabs of somebody, and the other tells that it was answered', async () => {
    const [ada, ben, other] = await Promise.all([open('ada'), open('ben'), open('ben')]);
    await dial(ada, 'ben');
    await other.getByRole('button', { name: 'Answer' }).waitFor();
    await ben.getByRole('button', { name: 'Answer' }).click();
    await other.getByText('You answered Ada on another device.').waitFor();
    expect(await other.getByRole('button', { name: 'Answer' }).count()).toBe(0);
    await Promise.all([ada, ben].map((page) => waitForFlow(page, voice)));
  });

  test('is held and resumed, and says so on both sides', async () => {
    const [ada, ben] = await Promise.all([open('ada'), open('ben')]);
    await call(ada, ben, 'ben');
    await Promise.all([ada, ben].map((page) => waitForFlow(page, voice)));
    await ada.getByRole('button', { name: 'Hold', exact: true }).click();
    await ada.getByText('You put the call on hold').waitFor();
    await tile(ben, 'Ada').getByText('On hold').waitFor();
    await waitForSilence(ben);
    await ada.getByRole('button', { name: 'Resume', exact: true }).click();
    await ada.getByText('You put the call on hold').waitFor({ state: 'detached' });
    await Promise.all([ada, ben].map((page) => waitForFlow(page, voice)));
  });

  test('becomes one of three, and one of them leaves it again', async () => {
    const [ada, ben, eve] = await Promise.all([open('ada'), open('ben'), open('eve')]);
    await call(ada, ben, 'ben');
    await openPhonePanel(ada, 'Add');
    await addToCall(ada, 'eve');
    await eve.getByRole('button', { name: 'Answer' }).click();
    await Promise.all([ada, ben, eve].map((page) => waitForFlow(page, { video: 0, audio: 2 })));
    await eve.getByRole('button', { name: 'Hang up', exact: true }).click();
    await tile(ada, 'Eve').waitFor({ state: 'detached' });
    await isInCall(ada);
    await isInCall(ben);
  });

  test('is handed on blind: the two others speak on', async () => {
    const [ada, ben, eve] = await Promise.all([open('ada'), open('ben'), open('eve')]);
    await call(ada, ben, 'ben');
    await openPhonePanel(ada, 'Transfer');
    await ada.getByRole('complementary').getByLabel('Number, name or address').fill('eve');
    await ada.getByRole('button', { name: 'Transfer' }).last().click();
    await eve.getByRole('button', { name: 'Answer' }).click();
    await isHome(ada);
    await Promise.all([ben, eve].map((page) => waitForFlow(page, voice)));
    await tile(ben, 'Eve').waitFor();
  });

  test('is handed on to somebody who was asked before', async () => {
    const [ada, ben, eve] = await Promise.all([open('ada'), open('ben'), open('eve')]);
    await call(ada, ben, 'ben');
    await dial(eve, 'ada');
    await ada.getByRole('button', { name: 'Hold and answer' }).click();
    await ada.getByText('Ben waits').waitFor();
    await tile(ben, 'Ada').getByText('On hold').waitFor();
    await Promise.all([ada, eve].map((page) => waitForFlow(page, voice)));
    await openPhonePanel(ada, 'Transfer');
    await ada.getByRole('button', { name: 'Connect with Ben' }).click();
    await isHome(ada);
    await Promise.all([ben, eve].map((page) => waitForFlow(page, voice)));
  });

  test('waits while another one is taken, and goes on when that is over', async () => {
    const [ada, ben, eve] = await Promise.all([open('ada'), open('ben'), open('eve')]);
    await call(ada, ben, 'ben');
    await dial(eve, 'ada');
    await ada.getByRole('button', { name: 'Hold and answer' }).click();
    await Promise.all([ada, eve].map((page) => waitForFlow(page, voice)));
    await eve.getByRole('button', { name: 'Hang up', exact: true }).click();
    await tile(ada, 'Ben').waitFor();
    await tile(ben, 'Ada').getByText('On hold').waitFor({ state: 'detached' });
    await Promise.all([ada, ben].map((page) => waitForFlow(page, voice)));
  });

  test('goes on over a connection that is cut', async () => {
    await using relay = await startTcpRelay(pages.server.url);
    const [ada, ben] = await Promise.all([open('ada', relay.url), open('ben')]);
    await call(ada, ben, 'ben');
    await Promise.all([ada, ben].map((page) => waitForFlow(page, voice)));
    relay.cut();
    await ada.getByText('Connection lost.').waitFor();
    relay.mend();
    await ada.getByText('Back in the call').waitFor({ timeout: 30_000 });
    await Promise.all([ada, ben].map((page) => waitForFlow(page, voice)));
    await ben.getByRole('button', { name: 'Hang up', exact: true }).click();
    await isHome(ada);
  });

  test('that rings goes on ringing over a connection that is cut', async () => {
    await using relay = await startTcpRelay(pages.server.url);
    const [ada, ben] = await Promise.all([open('ada', relay.url), open('ben')]);
    await dial(ben, 'ada');
    await ada.getByRole('button', { name: 'Answer' }).waitFor();
    relay.cut();
    await ada.getByText('Connection lost, coming back…').waitFor();
    relay.mend();
    await ada.getByText('Connection lost, coming back…').waitFor({ state: 'detached', timeout: 30_000 });
    await ada.getByRole('button', { name: 'Answer' }).click();
    await Promise.all([ada, ben].map((page) => waitForFlow(page, voice)));
  });

  test('is found again by a page that was loaded anew', async () => {
    const [ada, ben] = await Promise.all([open('ada'), open('ben')]);
    await call(ada, ben, 'ben');
    await Promise.all([ada, ben].map((page) => waitForFlow(page, voice)));
    const token = pages.server.issueToken({ identity: 'ada', name: 'Ada', can: people });
    await ada.goto('about:blank');
    await ada.goto(`${pages.server.url}/phone#token=${token}`);
    await signInPhone(ada, 'Ada');
    await ada.getByRole('button', { name: 'Go back to it' }).click();
    await Promise.all([ada, ben].map((page) => waitForFlow(page, voice)));
    await ada.getByRole('button', { name: 'Hang up', exact: true }).click();
    await isHome(ben);
  });

  test('is called from a room that people met in, and the room goes on without it', async () => {
    const ada = await joinCall(pages.browser, `${pages.server.url}/r/meeting`, { name: 'Ada' });
    const ben = await open('ben');
    await openPhonePanel(ada);
    await addToCall(ada, 'ben');
    await ben.getByRole('button', { name: 'Answer' }).click();
    await waitForFlow(ben, voice);
    await tile(ada, 'Ben').waitFor();
    await ben.getByRole('button', { name: /^(?:Hang up|Leave)$/ }).click();
    await tile(ada, 'Ben').waitFor({ state: 'detached' });
    await isInCall(ada);
  });

  test('is ended, answered and declined with the keyboard alone', async () => {
    const [ada, ben] = await Promise.all([open('ada'), open('ben')]);
    await ada.getByLabel('Number, name or address').focus();
    await ada.keyboard.type('ben');
    await ada.keyboard.press('Enter');
    await ben.getByRole('button', { name: 'Answer' }).waitFor();
    await ben.getByRole('button', { name: 'Answer' }).focus();
    await ben.keyboard.press('Enter');
    await isInCall(ben);
    await ben.getByRole('button', { name: 'Hang up', exact: true }).focus();
    await ben.keyboard.press('Enter');
    await Promise.all([ada, ben].map(isHome));
  });

  test('shows a hand that is raised, and a moderator takes it down', async () => {
    const ada = await joinCall(pages.browser, `${pages.server.url}/r/hands`, { name: 'Ada', moderator: true });
    const ben = await joinCall(pages.browser, `${pages.server.url}/r/hands`, { name: 'Ben' });
    await ben.keyboard.press('h');
    await tile(ada, 'Ben').getByText('Hand raised').waitFor({ state: 'attached' });
    await ada.getByRole('button', { name: /^People/ }).click();
    await ada.getByRole('button', { name: 'Moderate Ben' }).click();
    await ada.getByRole('menuitem', { name: 'Take their hand down' }).click();
    await tile(ada, 'Ben').getByText('Hand raised').waitFor({ state: 'detached' });
    const button = ben.getByRole('button', { name: 'Raise your hand' });
    await eventually(async () => (await button.getAttribute('aria-pressed')) === 'false', 'the hand is down');
  });
});

async function isInCall(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(?:Hang up|Leave)$/ }).waitFor();
}

async function isHome(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Recent calls' }).waitFor();
}

function entry(page: Page, direction: 'Incoming' | 'Outgoing' | 'Missed') {
  return page.locator(`.call-log-entry[data-direction="${direction.toLowerCase()}"]`).first();
}

function tile(page: Page, name: string) {
  return page.locator('.tile').filter({ has: page.getByText(name, { exact: true }) });
}
