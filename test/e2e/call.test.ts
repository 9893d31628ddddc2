import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { insecureHost, startBrowser, type TestBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { fillLobby, joinCall } from '../support/join-page.ts';
import { receivedIds, waitForFlow, waitForSilence, waitForVoices } from '../support/media-flow.ts';
import { type RecordedWorkers, recordWorkers } from '../support/recorded-workers.ts';
import { requireOrSkip } from '../support/require.ts';
import { type RunningServer, servingPage, startServer } from '../support/start-server.ts';
import { startTcpRelay } from '../support/tcp-relay.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');
const bothWays = { video: 1, audio: 1 };

let server: RunningServer;
let browser: TestBrowser;
let workers: RecordedWorkers;

if (canRun) {
  beforeAll(async () => {
    workers = recordWorkers();
    [server, browser] = await Promise.all([
      startServer({ gateway: servingPage }, { log: workers.log }),
      startBrowser(),
    ]);
  });
  afterEach(() => browser.closePages());
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
}

describe.skipIf(!canRun)('a call between two pages', { timeout: 90_000 }, () => {
  const join = (room: string, name: string, options: { moderator?: boolean; origin?: string } = {}) =>
    joinCall(browser, `${options.origin ?? server.url}/r/${room}`, { name, ...options });

  test('each sees and hears the other', async () => {
    const [ada, ben] = await Promise.all([join('see-and-hear', 'Ada'), join('see-and-hear', 'Ben')]);
    await Promise.all([ada, ben].map((page) => waitForFlow(page, bothWays)));
    await Promise.all([ada, ben].map((page) => waitForVoices(page, 1)));
    await expectTile(ada, 'Ben');
    await expectTile(ben, 'Ada');
  });

  test('what one writes, the other reads, with links that can be followed', async () => {
    const ada = await join('chat', 'Ada');
    const ben = await join('chat', 'Ben');
    await write(ada, 'Have you seen https://example.org/plan?');
    await ben.getByRole('button', { name: 'Chat, 1 unread' }).click();
    const link = ben.getByRole('log').getByRole('link', { name: 'https://example.org/plan' });
    expect(await link.getAttribute('rel')).toContain('noopener');
    await write(ben, '<b>Yes</b>, I have');
    await ada.getByRole('log').getByText('<b>Yes</b>, I have').waitFor();
    expect(
      await ada
        .getByRole('log')
        .getByText(/Ben joined$/)
        .count(),
    ).toBe(1);
  });

  test('a connection that is cut comes back, and the call goes on', async () => {
    await using relay = await startTcpRelay(server.url);
    const [ada, ben] = await Promise.all([join('cut', 'Ada', { origin: relay.url }), join('cut', 'Ben')]);
    await Promise.all([ada, ben].map((page) => waitForFlow(page, bothWays)));
    const received = await receivedIds(ben);
    relay.cut();
    await ada.getByText('Connection lost.').waitFor();
    await ben.getByText('Waiting for Ada…').waitFor();
    await write(ada, 'sent too early');
    await ada.getByText('1 message is sent when the connection is back.').waitFor();
    relay.mend();
    await ada.getByText('Back in the call').waitFor({ timeout: 30_000 });
    await ben.getByText('Waiting for Ada…').waitFor({ state: 'detached' });
    await Promise.all([ada, ben].map((page) => waitForFlow(page, bothWays)));
    expect(await receivedIds(ben), 'media went on as it was').toEqual(received);
    await ben.getByRole('button', { name: 'Chat, 1 unread' }).waitFor();
  });

  test('media comes back in both pages after their worker was killed', async () => {
    const [ada, ben] = await Promise.all([join('worker', 'Ada'), join('worker', 'Ben')]);
    await Promise.all([ada, ben].map((page) => waitForFlow(page, bothWays)));
    const [adasBefore, bensBefore] = [await receivedIds(ada), await receivedIds(ben)];
    const before = workers.latestPid();
    process.kill(before, 'SIGKILL');
    await eventually(() => workers.latestPid() !== before, 'another worker is started');
    await waitForFlow(ada, bothWays, { except: adasBefore });
    await waitForFlow(ben, bothWays, { except: bensBefore });
    await Promise.all([ada, ben].map((page) => waitForVoices(page, 1)));
  });

  test('a shared screen takes the stage of the other', async () => {
    const [ada, ben] = await Promise.all([join('screen', 'Ada'), join('screen', 'Ben')]);
    await waitForFlow(ben, bothWays);
    await ada.keyboard.press('s');
    const stage = ben.locator('.tile[data-source="screen"]');
    await stage.getByText('Ada shares a screen').waitFor();
    await waitForFlow(ben, { video: 2, audio: 1 });
    await ada.getByRole('button', { name: 'Share your screen' }).click();
    await stage.waitFor({ state: 'detached' });
  });

  test('a camera that is turned off and on again comes back', async () => {
    const [ada, ben] = await Promise.all([join('camera', 'Ada'), join('camera', 'Ben')]);
    await waitForFlow(ben, bothWays);
    await ada.keyboard.press('v');
    await tileOf(ben, 'Ada').locator('video').waitFor({ state: 'detached' });
    await ada.keyboard.press('v');
    await tileOf(ben, 'Ada').locator('video').waitFor();
    await waitForFlow(ben, bothWays);
  });

  test('a moderator mutes somebody, who unmutes, and is muted for good', async () => {
    const [ada, ben] = await Promise.all([join('mute', 'Ada', { moderator: true }), join('mute', 'Ben')]);
    await waitForFlow(ada, bothWays);
    await moderate(ada, 'Ben', 'Mute');
    await ben.getByText('A moderator muted you. Unmute yourself to speak.').waitFor();
    await ada.getByText('Microphone muted by a moderator').waitFor({ state: 'attached' });
    await waitForSilence(ada);
    await ben.keyboard.press('m');
    await waitForFlow(ada, bothWays);
    await moderate(ada, 'Ben', 'Mute and keep muted');
    await ben.getByText('A moderator muted you.', { exact: true }).waitFor();
    await ben.keyboard.press('m');
    await ben.getByText('Only a moderator can let you speak again.').waitFor();
    expect(await ben.getByRole('button', { name: 'Microphone' }).getAttribute('aria-pressed')).toBe('false');
  });

  test('whoever was removed reads why, stays out, and comes back when allowed', async () => {
    const [ada, ben] = await Promise.all([join('remove', 'Ada', { moderator: true }), join('remove', 'Ben')]);
    await moderate(ada, 'Ben', 'Remove from the room…');
    await ada.getByLabel('A word to them').fill('Please come back calmer.');
    await ada.getByRole('button', { name: 'Remove', exact: true }).click();
    await ben.getByRole('heading', { name: 'A moderator removed you from the room' }).waitFor();
    await ben.getByText('Please come back calmer.').waitFor();
    await ben.getByRole('button', { name: 'Join again' }).click();
    await ben.getByRole('button', { name: 'Join now' }).click();
    await ben.getByText('You were removed from this room').waitFor();
    await ada.getByRole('button', { name: 'Allow back Ben' }).click();
    await ada.getByText('Ben can join again.').waitFor();
    await ben.getByRole('button', { name: 'Join now' }).click();
    await ben.getByRole('button', { name: 'Leave' }).waitFor();
  });

  test('who leaves is gone from the other page', async () => {
    const [ada, ben] = await Promise.all([join('leave', 'Ada'), join('leave', 'Ben')]);
    await expectTile(ada, 'Ben');
    await ben.getByRole('button', { name: 'Leave' }).click();
    await ben.getByRole('heading', { name: 'You left the call' }).waitFor();
    await tileOf(ada, 'Ben').waitFor({ state: 'detached' });
    await ada.getByText('You are the first one here.').waitFor();
  });
});

describe.skipIf(!canRun)('a server that stops', { timeout: 60_000 }, () => {
  test('is told from a lost connection, and the page goes on trying', async () => {
    await using stopping = await startServer({ gateway: servingPage });
    const ada = await joinCall(browser, `${stopping.url}/r/stopping`, { name: 'Ada' });
    await stopping.app.drain();
    await stopping.close();
    await ada.getByText('The server is restarting.').waitFor();
    await ada.getByText(/Reconnecting in \d+ s/).waitFor();
  });
});

describe.skipIf(!canRun)('a page that cannot join as it wants', { timeout: 60_000 }, () => {
  test('reads that the room is full', async () => {
    await using small = await startServer({ gateway: servingPage, rooms: { maxPeers: 1 } });
    await joinCall(browser, `${small.url}/r/small`, { name: 'Ada' });
    const ben = await browser.openPage(`${small.url}/r/small`);
    await fillLobby(ben, { name: 'Ben' });
    await ben.getByText('The room is full').waitFor();
    await ben.getByText('It holds 1').waitFor();
  });

  test('reads that the browser keeps the camera, and joins without it', async () => {
    await using denying = await startBrowser({ devices: 'denied' });
    const ada = await denying.openPage(`${server.url}/r/denied`);
    await ada.getByText('The browser keeps the camera and microphone from this page').waitFor();
    await fillLobby(ada, { name: 'Ada' });
    await ada.getByRole('button', { name: 'Leave' }).waitFor();
    await ada.getByRole('button', { name: 'Camera' }).click();
    await ada.getByText('The browser keeps the camera from this page').waitFor();
  });

  test('over plain HTTP reads that its devices need HTTPS, and still watches, listens and writes', async () => {
    await using open = await startServer({ gateway: { ...servingPage, allowedOrigins: ['*'] } });
    const ada = await joinCall(browser, `${open.url}/r/plain`, { name: 'Ada' });
    const token = open.issueToken({ identity: 'ben', name: 'Ben', room: 'plain' });
    const insecureUrl = open.url.replace('127.0.0.1', insecureHost);
    const ben = await joinCall(browser, `${insecureUrl}/r/plain#token=${token}`, {
      name: 'Ben',
      beforeJoining: async (page) => {
        await page.getByText('For camera and microphone, this page must be opened securely').waitFor();
        await page.getByText('Open it over HTTPS').waitFor();
      },
    });
    await waitForFlow(ben, bothWays);
    await write(ben, 'I see you');
    await ada.getByRole('button', { name: 'Chat, 1 unread' }).waitFor();
  });

  test('is asked for a token where the server gives out none, and joins with one', async () => {
    const ada = await browser.openPage(`${server.url}/r/closed`);
    await ada.route('**/api/v1/tokens', (route) => route.fulfill({ status: 404, body: '{}' }));
    await fillLobby(ada, { name: 'Ada' });
    await ada.getByText('This server does not let guests in').waitFor();
    await ada.getByLabel('Token').fill('not a token');
    await ada.getByRole('button', { name: 'Join now' }).click();
    await ada.getByText('This is not a token').waitFor();
    await ada.getByLabel('Token').fill(server.issueToken({ identity: 'ada', name: 'Ada', room: 'closed' }));
    await ada.getByRole('button', { name: 'Join now' }).click();
    await ada.getByRole('button', { name: 'Leave' }).waitFor();
  });

  test('takes a token from its link and leaves none in the address', async () => {
    const token = server.issueToken({ identity: 'ada', name: 'Ada', room: 'linked' });
    const ada = await browser.openPage(`${server.url}/r/linked#token=${token}`);
    expect(ada.url()).toBe(`${server.url}/r/linked`);
    await fillLobby(ada, { name: 'Ada' });
    await ada.getByRole('button', { name: 'Leave' }).waitFor();
  });
});

function tileOf(page: Page, name: string) {
  return page.locator('.tile[data-source="camera"]').filter({ has: page.getByText(name, { exact: true }) });
}

async function expectTile(page: Page, name: string): Promise<void> {
  await tileOf(page, name).locator('video').waitFor();
}

async function write(page: Page, text: string): Promise<void> {
  const field = page.getByRole('textbox', { name: 'Message' });
  if (!(await field.isVisible())) await page.getByRole('button', { name: /^Chat/ }).click();
  await field.fill(text);
  await field.press('Enter');
}

async function moderate(page: Page, name: string, action: string): Promise<void> {
  const button = page.getByRole('button', { name: `Moderate ${name}` });
  if (!(await button.isVisible())) await page.getByRole('button', { name: /^People/ }).click();
  await button.click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}
