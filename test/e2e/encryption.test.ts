import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { seriousFor } from '../support/axe.ts';
import { fillLobby, joinCall } from '../support/join-page.ts';
import { waitForFlow } from '../support/media-flow.ts';
import { requireOrSkip } from '../support/require.ts';
import { servePages } from '../support/serve-pages.ts';

const bothWays = { video: 1, audio: 1 };
const encrypt = (page: Page) => page.getByLabel('End-to-end encrypted').check();

describe.skipIf(!requireOrSkip('browser') || !requireOrSkip('mediasoup'))(
  'an encrypted call',
  { timeout: 120_000 },
  () => {
    const recording = { enabled: true, minFreeBytes: 0 };
    const pages = servePages({ recording });

    /** What both read to each other. */
    async function readWords(page: Page): Promise<string[]> {
      await page.getByRole('button', { name: 'End-to-end encrypted' }).click();
      const dialog = page.getByRole('dialog', { name: 'End-to-end encrypted' });
      const words = await dialog.getByRole('listitem').allTextContents();
      await dialog.getByRole('button', { name: 'Close' }).click();
      return words;
    }

    test('is seen and heard by who has the whole link, and its key goes to no server', async () => {
      const room = `${pages.server.url}/r/secret`;
      const told: string[] = [];
      const ada = await joinCall(pages.browser, room, {
        name: 'Ada',
        moderator: true,
        async beforeJoining(page) {
          page.on('request', (request) => told.push(`${request.url()} ${request.postData() ?? ''}`));
          page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => told.push(String(payload))));
          await encrypt(page);
        },
      });
      const link = ada.url();
      const key = new URL(link).hash.replace('#key=', '');
      expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/);
      const ben = await joinCall(pages.browser, link, { name: 'Ben' });
      await Promise.all([waitForFlow(ada, bothWays), waitForFlow(ben, bothWays)]);
      const words = await readWords(ada);
      expect(words).toHaveLength(5);
      expect(await readWords(ben)).toEqual(words);
      expect(told.length).toBeGreaterThan(10);
      expect(told.filter((text) => text.includes(key))).toEqual([]);

      await ada.getByRole('button', { name: 'Recording', exact: true }).click();
      const panel = ada.getByRole('complementary', { name: 'Recording' });
      await panel.getByText('This call is end-to-end encrypted').waitFor();
      expect(await panel.getByRole('button', { name: 'Start recording' }).count()).toBe(0);
      expect(await seriousFor(ada)).toEqual([]);
    });

    test('says on their pictures who has another key, and lets nobody in without one', async () => {
      const room = `${pages.server.url}/r/keys`;
      const ada = await joinCall(pages.browser, room, { name: 'Ada', beforeJoining: encrypt });
      const { hash } = new URL(ada.url());
      const swapped = hash.endsWith('A') ? 'E' : 'A';
      const other = `${room}${hash.slice(0, 10)}${swapped}${hash.slice(11)}`;
      const eve = await joinCall(pages.browser, other, { name: 'Eve' });
      await eve.getByText('Ada uses another key').waitFor({ timeout: 60_000 });
      await ada.getByText('Eve uses another key').waitFor({ timeout: 60_000 });
      expect(await readWords(eve)).not.toEqual(await readWords(ada));

      const mia = await pages.browser.openPage(room);
      await fillLobby(mia, { name: 'Mia' });
      await mia.getByText('This room is end-to-end encrypted', { exact: true }).waitFor();
      await mia.getByText('Open the whole invite link', { exact: false }).waitFor();
    });

    test('is not joined where the room is open to all', async () => {
      const room = `${pages.server.url}/r/open`;
      await joinCall(pages.browser, room, { name: 'Ada' });
      const eve = await pages.browser.openPage(room);
      await encrypt(eve);
      await fillLobby(eve, { name: 'Eve' });
      await eve.getByText('This room is not end-to-end encrypted', { exact: true }).waitFor();
    });
  },
);
