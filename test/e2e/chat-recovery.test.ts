import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteRoomLog } from '../../cluster/sqlite/sqlite-room-log.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { bubble, field, texts, write } from '../support/chat-page.ts';
import { eventually } from '../support/eventually.ts';
import { joinCall } from '../support/join-page.ts';
import { postMessages } from '../support/post-messages.ts';
import { requireOrSkip } from '../support/require.ts';
import { type RunningServer, servingPage, startServer } from '../support/start-server.ts';
import { startTcpRelay, type TcpRelay } from '../support/tcp-relay.ts';

/** How many the page would find after a reload. */
const keptMessages = (page: Page): Promise<number> =>
  page.evaluate(`new Promise((resolve, reject) => {
    const opening = indexedDB.open('parley-outbox');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const counting = opening.result.transaction('entries').objectStore('entries').count();
      counting.onerror = () => reject(counting.error);
      counting.onsuccess = () => {
        opening.result.close();
        resolve(counting.result);
      };
    };
  })`);

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');
const textOf = (index: number) => `word ${index}`;

describe.skipIf(!canRun)('the chat of a page, when the server does what it should not,', { timeout: 90_000 }, () => {
  let browser: TestBrowser;
  let folder: string;
  let data: string;
  let server: RunningServer;
  let relay: TcpRelay;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-e2e-'));
    data = join(folder, 'data');
    server = await startServer({ gateway: servingPage }, { dataDir: data });
    relay = await startTcpRelay(server.url);
  });
  afterEach(async () => {
    await browser.closePages();
    await server.close();
    await relay[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  afterAll(() => browser?.close());

  const open = async (room: string, name: string, moderator = false) => {
    const page = await joinCall(browser, `${relay.url}/r/${room}`, { name, moderator });
    await page.keyboard.press('c');
    await field(page).waitFor();
    return page;
  };
  /** Its network is gone, and the page knows. */
  const goOffline = async (page: Page) => {
    await page.context().setOffline(true);
    relay.cut();
    await page.getByText('You are offline.').waitFor();
  };
  const goOnline = async (page: Page) => {
    relay.mend();
    await page.context().setOffline(false);
  };
  const startAgain = async () => {
    server = await startServer({ gateway: servingPage }, { dataDir: data });
    relay.moveTo(server.url);
  };
  /** The page shows the room as it is now, and goes on. */
  const expectUsable = async (page: Page, newest: string) => {
    await bubble(page, newest).waitFor();
    await write(page, 'and on it goes');
    await bubble(page, 'and on it goes').and(page.locator('[data-state="sent"]')).waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByText('Some messages could not be recovered.').waitFor({ state: 'detached' });
  };

  test('says that messages were forgotten while it was away, and shows what is left', async () => {
    await postMessages(server, { room: 'trimmed', count: 5, textOf });
    const ada = await open('trimmed', 'Ada');
    await bubble(ada, 'word 5').waitFor();
    await goOffline(ada);
    await postMessages(server, { room: 'trimmed', count: 60, by: 'other', textOf: (index) => `later ${index}` });
    await server.close();
    const store = await openSqliteRoomLog({ folder: data, durability: 'process' });
    await store.trim('trimmed', { beforeMs: 0, keep: 20 });
    await store.close();
    await startAgain();
    await goOnline(ada);
    await ada.getByText('They are older than the room keeps.').waitFor({ timeout: 30_000 });
    await expectUsable(ada, 'later 60');
    expect(await bubble(ada, 'word 5').count()).toBe(0);
    await eventually(async () => ada.getByText('This is the beginning of the conversation.').isVisible(), 'the top');
  });

  test('says that the server was restored from a copy, and what waits goes there', async () => {
    await postMessages(server, { room: 'fork', count: 5, textOf });
    const ada = await open('fork', 'Ada');
    await bubble(ada, 'word 5').waitFor();
    await server.close();
    const copy = join(folder, 'copy');
    await cp(data, copy, { recursive: true });
    await startAgain();
    await ada.getByText('Back in the call').waitFor({ timeout: 30_000 });
    await write(ada, 'lost with the disk');
    await bubble(ada, 'lost with the disk').and(ada.locator('[data-state="sent"]')).waitFor();
    await goOffline(ada);
    await write(ada, 'written meanwhile');
    await server.close();
    data = copy;
    await startAgain();
    await postMessages(server, { room: 'fork', count: 9, by: 'other', textOf: (index) => `anew ${index}` });
    await goOnline(ada);
    await ada.getByText('The server was restored from a copy.').waitFor({ timeout: 30_000 });
    await bubble(ada, 'written meanwhile').and(ada.locator('[data-state="sent"]')).waitFor();
    await expectUsable(ada, 'anew 9');
    expect(await bubble(ada, 'lost with the disk').count()).toBe(0);
    await bubble(ada, 'word 5').waitFor();
  });

  test('keeps what was refused, to be sent again or given up', async () => {
    const ada = await open('refused', 'Ada');
    const mod = await joinCall(browser, `${server.url}/r/refused`, { name: 'Mo', moderator: true });
    await goOffline(ada);
    await write(ada, 'said in anger');
    await write(ada, 'said in peace');
    await mod.getByRole('button', { name: /^People/ }).click();
    await mod.getByRole('button', { name: 'Moderate Ada' }).click();
    await mod.getByRole('menuitem', { name: 'Mute in the chat…' }).click();
    await mod.getByRole('button', { name: 'Mute', exact: true }).click();
    await mod.getByRole('button', { name: 'Allow to write Ada' }).waitFor();
    await goOnline(ada);
    const failed = (text: string) => bubble(ada, text).and(ada.locator('[data-state="failed"]'));
    await failed('said in anger').waitFor({ timeout: 30_000 });
    await failed('said in peace').waitFor();
    await ada.reload();
    await ada.getByRole('button', { name: 'Join now' }).click();
    await ada.getByRole('button', { name: 'Leave' }).waitFor();
    await ada.keyboard.press('c');
    await failed('said in anger').getByRole('button', { name: 'Discard' }).click();
    await bubble(ada, 'said in anger').waitFor({ state: 'detached' });
    await mod.getByRole('button', { name: 'Allow to write Ada' }).click();
    await ada.locator('.composer-hint').waitFor({ state: 'detached' });
    await failed('said in peace').getByRole('button', { name: 'Send again' }).click();
    await mod.keyboard.press('c');
    await bubble(mod, 'said in peace').waitFor();
    expect(await texts(mod)).toEqual(['said in peace']);
    expect(await texts(ada)).toEqual(['said in peace']);
  });

  test('sends what was written without a server once, also when it is reloaded before', async () => {
    const ada = await open('stopped', 'Ada');
    await write(ada, 'before');
    await bubble(ada, 'before').and(ada.locator('[data-state="sent"]')).waitFor();
    await server.close();
    await ada.getByText('You are offline.').waitFor();
    await write(ada, 'one of two');
    await write(ada, 'two of two');
    await ada.getByText('2 messages are sent when the connection is back.').waitFor();
    // They are shown first, and kept as fast as the disk of the day takes them.
    await eventually(async () => (await keptMessages(ada)) === 2, 'both to be kept');
    // Without a server there is no page to load, either: what waits is still there afterwards.
    await ada.goto('about:blank');
    await startAgain();
    await ada.goto(`${relay.url}/r/stopped`);
    await ada.getByRole('button', { name: 'Join now' }).click();
    await ada.getByRole('button', { name: 'Leave' }).waitFor();
    await ada.keyboard.press('c');
    await bubble(ada, 'two of two').and(ada.locator('[data-state="sent"]')).waitFor({ timeout: 30_000 });
    await ada.reload();
    await ada.getByRole('button', { name: 'Join now' }).click();
    await ada.getByRole('button', { name: 'Leave' }).waitFor();
    await ada.keyboard.press('c');
    await bubble(ada, 'two of two').waitFor();
    expect(await texts(ada)).toEqual(['before', 'one of two', 'two of two']);
  });

  test('two tabs of one person send each what was written in it, and a closed one’s is sent by the other', async () => {
    const token = server.issueToken({ identity: 'ada', name: 'Ada', room: 'tabs' });
    const url = `${relay.url}/r/tabs#token=${token}`;
    const first = await joinCall(browser, url, { name: 'Ada' });
    const second = await first.context().newPage();
    await second.goto(url);
    await second.getByLabel('Your name').fill('Ada');
    await second.getByRole('button', { name: 'Join now' }).click();
    await second.getByRole('button', { name: 'Leave' }).waitFor();
    const tabs = [first, second];
    for (const tab of tabs) await tab.keyboard.press('c');
    await first.context().setOffline(true);
    relay.cut();
    for (const tab of tabs) await tab.getByText('You are offline.').waitFor();
    await write(first, 'of the first');
    await write(second, 'of the second');
    await eventually(async () => (await texts(first)).join() === 'of the first', 'its own');
    expect(await texts(second)).toEqual(['of the second']);
    await first.close();
    await goOnline(second);
    await bubble(second, 'of the second').and(second.locator('[data-state="sent"]')).waitFor({ timeout: 30_000 });
    await bubble(second, 'of the first').and(second.locator('[data-state="sent"]')).waitFor({ timeout: 30_000 });
    await bubble(second, 'of the second').waitFor();
    expect((await texts(second)).sort()).toEqual(['of the first', 'of the second']);
  });
});
