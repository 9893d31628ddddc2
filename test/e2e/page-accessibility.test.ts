import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { seriousFor } from '../support/axe.ts';
import type { PageOptions } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { fillLobby, joinCall } from '../support/join-page.ts';
import { dial, openPhone, openPhonePanel } from '../support/phone-page.ts';
import { requireOrSkip } from '../support/require.ts';
import { servePages } from '../support/serve-pages.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');
const narrow = { width: 390, height: 844 };

describe.skipIf(!canRun)('the page', { timeout: 60_000 }, () => {
  const pages = servePages();

  const join = (room: string, name: string, options: PageOptions & { moderator?: boolean } = {}) =>
    joinCall(pages.browser, `${pages.server.url}/r/${room}`, { name, ...options });

  describe('has nothing serious for axe, in light and in dark colours', () => {
    test('in the lobby, with and without problems', async () => {
      const page = await pages.browser.openPage(pages.server.url);
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Join now' }).click();
      await page.getByText('Say who you are').waitFor();
      await expectAccessible(page);
    });

    test('in the test of the connection, with and without problems', async () => {
      const page = await pages.browser.openPage(`${pages.server.url}/doctor#token=a.b.c`, { viewport: narrow });
      await page.getByLabel('Token').waitFor();
      await expectAccessible(page);
      await page.getByLabel('Token').fill(pages.server.issueToken({ identity: 'ada' }));
      await page.getByRole('button', { name: 'Test again' }).click();
      await page.getByRole('heading', { name: 'Everything works' }).waitFor();
      await expectAccessible(page);
    });

    test('in a call, with chat, people, a menu and dialogs', async () => {
      const ada = await join('axe', 'Ada', { moderator: true });
      await expectAccessible(ada);
      const ben = await join('axe', 'Ben');
      await ben.keyboard.press('c');
      await ben.keyboard.type('Read https://example.org/plan please');
      await ben.keyboard.press('Enter');
      await ada.getByRole('button', { name: 'Chat, 1 unread' }).click();
      await ada.getByRole('link', { name: 'https://example.org/plan' }).waitFor();
      await expectAccessible(ada);
      await ada.getByRole('button', { name: 'People, 2 in the room' }).click();
      await expectAccessible(ada);
      await ada.getByRole('button', { name: 'Moderate Ben' }).click();
      await ada.getByRole('menuitem', { name: 'Mute', exact: true }).waitFor();
      await expectAccessible(ada);
      await ada.getByRole('menuitem', { name: 'Remove from the room' }).click();
      await ada.getByRole('dialog', { name: 'Remove Ben?' }).waitFor();
      await expectAccessible(ada);
      await ada.keyboard.press('Escape');
      await ada.getByRole('button', { name: 'Sound and video devices' }).click();
      await ada.getByRole('dialog', { name: 'Sound and video' }).waitFor();
      await expectAccessible(ada);
    });

    test('where people are called, in a call that rings, and in its panel', async () => {
      const [ada, ben] = await Promise.all([
        openPhone(pages.browser, pages.server.url, { name: 'Ada' }),
        openPhone(pages.browser, pages.server.url, { name: 'Ben' }),
      ]);
      await expectAccessible(ada);
      await dial(ada, (await ben.locator('.reachable strong').textContent()) ?? '');
      await ben.getByRole('button', { name: 'Answer' }).waitFor();
      await expectAccessible(ben);
      await expectAccessible(ada);
      await ben.getByRole('button', { name: 'Answer' }).click();
      await openPhonePanel(ada, 'Add');
      await expectAccessible(ada);
      await ada.getByRole('button', { name: 'Hold', exact: true }).click();
      await ada.getByText('You put the call on hold').waitFor();
      await openPhonePanel(ada, 'Transfer');
      await expectAccessible(ada);
      await ada.getByRole('button', { name: 'Hang up', exact: true }).click();
      await ada.locator('.call-log-entry').first().waitFor();
      await expectAccessible(ada);
    });
  });

  test('is joined and left with the keyboard alone', async () => {
    const page = await pages.browser.openPage(`${pages.server.url}/r/keyboard`);
    await tabTo(page, 'Your name');
    await page.keyboard.type('Ada');
    await tabTo(page, 'Join now');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Leave' }).waitFor();
    await tabTo(page, 'Leave');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'You left the call' }).waitFor();
    await tabTo(page, 'Join again');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Join now' }).waitFor();
  });

  test('gives the focus back where it was when a dialog or a panel closes', async () => {
    const page = await join('focus', 'Ada');
    const devices = page.getByRole('button', { name: 'Sound and video devices' });
    await devices.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    for (let presses = 0; presses < 8; presses += 1) {
      await page.keyboard.press('Tab');
      expect(await focusIsOutside(page, 'dialog')).toBe(false);
    }
    await page.keyboard.press('Escape');
    await waitForFocus(page, 'Sound and video devices');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    const people = page.getByRole('button', { name: 'People, 1 in the room' });
    await people.focus();
    await page.keyboard.press('c');
    await waitForFocus(page, 'Message');
    await page.keyboard.press('Escape');
    await waitForFocus(page, 'People, 1 in the room');
  });

  test('takes single keys as commands, but not while somebody types, and not when they are turned off', async () => {
    const page = await join('keys', 'Ada');
    const microphone = page.getByRole('button', { name: 'Microphone' });
    const isOn = () => microphone.getAttribute('aria-pressed');
    await eventually(async () => (await isOn()) === 'true', 'the microphone is on');
    await page.keyboard.press('m');
    await eventually(async () => (await isOn()) === 'false', 'the microphone is off');
    await page.keyboard.press('c');
    await page.keyboard.type('mmm');
    expect(await page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('mmm');
    expect(await isOn()).toBe('false');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByLabel('Use these keys').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('p');
    expect(await page.getByRole('complementary').count()).toBe(0);
  });

  test('never scrolls sideways, and keeps every tile in its window', async () => {
    const page = await pages.browser.openPage(`${pages.server.url}/r/narrow`, { viewport: narrow });
    await expectNoSidewaysScroll(page);
    await fillLobby(page, { name: 'A person with a rather long name that goes on and on' });
    await page.getByRole('button', { name: 'Leave' }).waitFor();
    await join('narrow', 'Ben');
    await eventually(async () => (await page.locator('.tile').count()) === 2, 'both have a tile');
    for (const viewport of [
      narrow,
      { width: 844, height: 390 },
      { width: 320, height: 568 },
      { width: 1280, height: 800 },
    ]) {
      await page.setViewportSize(viewport);
      await expectNoSidewaysScroll(page);
      await eventually(() => tilesFit(page), `tiles fit at ${viewport.width}x${viewport.height}`);
    }
    await page.setViewportSize(narrow);
    for (const key of ['c', 'd', 'p']) {
      await page.getByRole('main').click();
      await page.keyboard.press(key);
      await page.getByRole('complementary').waitFor();
      await expectNoSidewaysScroll(page);
      await page.keyboard.press('Escape');
    }
  });

  test('keeps all of its controls in a narrow window, in a call between two as well', async () => {
    const [ada, ben] = await Promise.all([
      openPhone(pages.browser, pages.server.url, { name: 'Ada', viewport: narrow }),
      openPhone(pages.browser, pages.server.url, { name: 'Ben', viewport: narrow }),
    ]);
    await expectNoSidewaysScroll(ada);
    await dial(ada, (await ben.locator('.reachable strong').textContent()) ?? '');
    await ben.getByRole('button', { name: 'Answer' }).click();
    for (const viewport of [narrow, { width: 320, height: 568 }]) {
      await ada.setViewportSize(viewport);
      const edges = `[...document.querySelectorAll('.controls button')].filter((one) => one.offsetParent).map((one) => {
        const { left, right } = one.getBoundingClientRect();
        return left >= 0 && right <= innerWidth;
      })`;
      await eventually(
        async () => (await ada.evaluate<boolean[]>(edges)).every(Boolean),
        `every control is within ${viewport.width} pixels`,
      );
    }
    await ada.getByRole('button', { name: 'More' }).click();
    await ada.getByRole('menuitem', { name: 'Sound and video devices' }).click();
    await ada.getByRole('dialog').waitFor();
  });

  test('stands still for those who ask for that', async () => {
    const page = await pages.browser.openPage(pages.server.url, { reducedMotion: 'reduce' });
    const duration = `getComputedStyle(document.documentElement).getPropertyValue('--calm')`;
    expect(await page.evaluate<string>(duration)).toMatch(/^0m?s$/);
  });
});

async function expectAccessible(page: Page): Promise<void> {
  // Over a gradient axe does not measure contrast: the colour below it is nearly the same.
  await page.evaluate(`for (const { style } of document.querySelectorAll('.page')) style.backgroundImage = 'none'`);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await settle(page);
    const serious = await seriousFor(page);
    const told = serious.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ html }) => html).join('\n')}`);
    expect(told, `in ${colorScheme} colours`).toEqual([]);
  }
}

/** What fades in is half transparent for a moment, and its contrast with it. */
async function settle(page: Page): Promise<void> {
  const running = 'document.getAnimations().filter(({ effect }) => effect.getTiming().iterations === 1).length';
  await eventually(async () => (await page.evaluate<number>(running)) === 0, 'animations are over');
}

const focusedName = `(() => {
  const element = document.activeElement;
  return element?.getAttribute('aria-label') ?? element?.labels?.[0]?.textContent ?? element?.textContent ?? '';
})()`;

async function tabTo(page: Page, name: string): Promise<void> {
  const stops = 30;
  const seen: string[] = [];
  for (let stop = 0; stop < stops; stop += 1) {
    const here = (await page.evaluate<string>(focusedName)).trim();
    if (here === name) return;
    seen.push(here);
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to “${name}”, but to ${seen.join(' → ')}`);
}

async function waitForFocus(page: Page, name: string): Promise<void> {
  const here = async () => (await page.evaluate<string>(focusedName)).trim() === name;
  await eventually(here, `the focus is on “${name}”`);
}

function focusIsOutside(page: Page, selector: string): Promise<boolean> {
  // The browser's own buttons are a stop too: then nothing in the page has the focus.
  return page.evaluate(
    `document.activeElement !== document.body && document.activeElement.closest('${selector}') === null`,
  );
}

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflowPx = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  expect(overflowPx).toBeLessThanOrEqual(0);
}

/** Every tile inside of its grid, and none over another. */
function tilesFit(page: Page): Promise<boolean> {
  return page.evaluate(`(() => {
    const frame = document.querySelector('.tiles').getBoundingClientRect();
    const tiles = [...document.querySelectorAll('.tile')].map((tile) => tile.getBoundingClientRect());
    const inside = tiles.every((t) => t.width > 40 && t.left >= frame.left - 1 && t.right <= frame.right + 1 &&
      t.top >= frame.top - 1 && t.bottom <= frame.bottom + 1);
    const [a, b] = tiles;
    return inside && (a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top);
  })()`);
}
