import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { PageOptions } from '../support/browser.ts';
import { bubble, field, isInView, texts, write } from '../support/chat-page.ts';
import { eventually } from '../support/eventually.ts';
import { fillLobby, joinCall } from '../support/join-page.ts';
import { postMessages } from '../support/post-messages.ts';
import { requireOrSkip } from '../support/require.ts';
import { servePages } from '../support/serve-pages.ts';
import { startTcpRelay } from '../support/tcp-relay.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');

describe.skipIf(!canRun)('the chat of two pages', { timeout: 90_000 }, () => {
  const pages = servePages();

  interface JoinOptions extends PageOptions {
    readonly moderator?: boolean;
    readonly origin?: string;
  }
  const join = async (room: string, name: string, { origin = pages.server.url, ...options }: JoinOptions = {}) => {
    const page = await joinCall(pages.browser, `${origin}/r/${room}`, { name, ...options });
    await page.keyboard.press('c');
    await field(page).waitFor();
    return page;
  };

  test('a message is edited, reacted to, answered and deleted, and both pages show it', async () => {
    const [ada, ben] = await Promise.all([join('write', 'Ada', { moderator: true }), join('write', 'Ben')]);
    await write(ada, 'The plan is redy');
    await bubble(ben, 'The plan is redy').waitFor();
    await field(ada).press('ArrowUp');
    await field(ada).fill('The plan is ready');
    await field(ada).press('Enter');
    await bubble(ben, 'The plan is ready').getByText('edited').waitFor();

    await bubble(ben, 'The plan is ready').hover();
    await ben.getByRole('button', { name: 'React', exact: true }).click();
    await ben.getByRole('menuitem', { name: 'Party' }).click();
    await bubble(ada, 'The plan is ready').getByRole('button', { name: 'Ben reacted with 🎉' }).click();
    await bubble(ben, 'The plan is ready').getByRole('button', { name: 'You and Ada reacted with 🎉' }).waitFor();

    await bubble(ben, 'The plan is ready').hover();
    await ben.getByRole('button', { name: 'Reply', exact: true }).click();
    await ben.getByText('Reply to Ada').waitFor();
    await write(ben, 'I read it');
    await bubble(ada, 'I read it').getByRole('button', { name: 'You The plan is ready' }).waitFor();
    await bubble(ada, 'The plan is ready').getByRole('button', { name: '1 reply' }).click();
    await write(ada, 'Thank you');
    await ada.getByRole('group', { name: 'Messages of the thread' }).getByText('Thank you').waitFor();
    await ada.keyboard.press('Escape');
    await bubble(ben, 'The plan is ready').getByRole('button', { name: '2 replies' }).waitFor();

    await bubble(ada, 'I read it').hover();
    await ada.getByRole('button', { name: 'More for this message' }).click();
    await ada.getByRole('menuitem', { name: 'Delete…' }).click();
    await ada.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await ben.getByRole('log').getByText('Deleted by a moderator').waitFor();
    expect(await ben.getByText('I read it').count()).toBe(0);
  });

  test('what was written before is there after a reload, and says who read it', async () => {
    const ada = await join('reload', 'Ada');
    await write(ada, 'still here');
    await bubble(ada, 'still here').and(ada.locator('[data-state="sent"]')).waitFor();
    const ben = await join('reload', 'Ben');
    await bubble(ben, 'still here').waitFor();
    await ada.getByText('Read by Ben').waitFor();
    await rejoin(ada);
    await bubble(ada, 'still here').waitFor();
    expect(await bubble(ada, 'still here').count()).toBe(1);
  });

  test('who writes is named, and who is mentioned sees it', async () => {
    const [ada, ben] = await Promise.all([join('mention', 'Ada Lovelace'), join('mention', 'Ben')]);
    await field(ben).pressSequentially('Ask @lov');
    await ada.getByText('Ben is writing…').waitFor();
    await ben.getByRole('option', { name: 'Ada Lovelace' }).waitFor();
    await field(ben).press('Enter');
    await field(ben).pressSequentially('about it');
    await field(ben).press('Enter');
    await ada.locator('.mention[data-own="true"]', { hasText: '@Ada Lovelace' }).waitFor();
    await ada.getByText('Ben is writing…').waitFor({ state: 'detached' });
  });

  test('what is written without a network waits, and is delivered once when it is back', async () => {
    await using relay = await startTcpRelay(pages.server.url);
    const [ada, ben] = await Promise.all([join('offline', 'Ada', { origin: relay.url }), join('offline', 'Ben')]);
    await write(ada, 'before');
    // Her page may hear later than his that it is in the log, and would count it among those that wait.
    await bubble(ada, 'before').and(ada.locator('[data-state="sent"]')).waitFor();
    await bubble(ben, 'before').waitFor();
    await ada.context().setOffline(true);
    relay.cut();
    await ada.getByText('You are offline.').waitFor();
    await write(ada, 'one of two');
    await write(ada, 'two of two');
    await ada.getByText('2 messages are sent when the connection is back.').waitFor();
    await write(ben, 'said meanwhile');
    relay.mend();
    await ada.context().setOffline(false);
    await bubble(ben, 'two of two').waitFor({ timeout: 30_000 });
    await bubble(ada, 'said meanwhile').waitFor();
    for (const page of [ada, ben]) {
      await eventually(async () => (await texts(page)).length === 4, 'both have all four');
      expect(await texts(page)).toEqual(['before', 'said meanwhile', 'one of two', 'two of two']);
    }
  });

  test('what waits without a network outlives the page', async () => {
    await using relay = await startTcpRelay(pages.server.url);
    const [ada, ben] = await Promise.all([join('outbox', 'Ada', { origin: relay.url }), join('outbox', 'Ben')]);
    await ada.context().setOffline(true);
    relay.cut();
    await ada.getByText('You are offline.').waitFor();
    await write(ada, 'kept over the reload');
    await ada.getByText('1 message is sent when the connection is back.').waitFor();
    await ada.goto('about:blank');
    relay.mend();
    await ada.context().setOffline(false);
    expect(await texts(ben)).toEqual([]);
    await ada.goto(`${relay.url}/r/outbox`);
    await ada.getByRole('button', { name: 'Join now' }).click();
    await bubble(ben, 'kept over the reload').waitFor({ timeout: 30_000 });
    expect(await texts(ben)).toEqual(['kept over the reload']);
  });

  test('what came while the panel was closed stands below a line', async () => {
    const [ada, ben] = await Promise.all([join('unread', 'Ada'), join('unread', 'Ben')]);
    await write(ben, 'seen');
    await bubble(ada, 'seen').waitFor();
    await ben.getByText('Read by Ada').waitFor();
    await ada.keyboard.press('Escape');
    await write(ben, 'missed');
    await ada.getByRole('button', { name: 'Chat, 1 unread' }).click();
    await ada.getByRole('log').getByText('New messages').waitFor();
    const order = await ada.locator('.message-text, [data-tone="unread"]').allInnerTexts();
    expect(order).toEqual(['seen', 'New messages', 'missed']);
    await ada.getByRole('button', { name: 'Chat', exact: true }).waitFor();
  });

  test('a first visit begins at the newest message, a later one at the first unread', async () => {
    const textOf = (index: number) => `word ${index}`;
    await postMessages(pages.server, { room: 'visits', count: 60, textOf });
    const ada = await join('visits', 'Ada');
    await eventually(() => isInView(ada, 'word 60'), 'the newest message is in view');
    expect(await ada.locator(unreadLine).count()).toBe(0);
    await eventually(async () => !(await ada.getByRole('button', { name: /^Chat, / }).count()), 'all is read');
    await ada.goto('about:blank');
    await postMessages(pages.server, {
      room: 'visits',
      count: 120,
      by: 'other',
      textOf: (index) => `new word ${index}`,
    });
    await ada.goto(`${pages.server.url}/r/visits`);
    await ada.getByRole('button', { name: 'Join now' }).click();
    await ada.getByRole('button', { name: 'Chat, 120 unread' }).click();
    await eventually(() => isInView(ada, 'new word 1'), 'the first unread message is in view');
    const [above, below] = [await ada.locator(unreadLine).boundingBox(), await bubble(ada, 'new word 1').boundingBox()];
    expect(below?.y ?? 0).toBeGreaterThan(above?.y ?? Infinity);
    await ada.getByRole('button', { name: '120 new messages' }).click();
    await eventually(() => isInView(ada, 'new word 120'), 'the newest message is in view');
    await ada.getByRole('button', { name: 'Chat', exact: true }).waitFor();
  });

  test('history comes while scrolling up, keeps its place, and is searched', async () => {
    await postMessages(pages.server, { room: 'long', count: 240, textOf: (index) => `message number ${index}` });
    const ada = await join('long', 'Ada');
    await bubble(ada, 'message number 240').waitFor();
    expect(await bubble(ada, 'message number 1').count()).toBe(0);

    await scrollTo(ada, 300);
    const [first, top] = await firstInView(ada);
    await eventually(async () => (await ada.evaluate<number>(`${list}.scrollTop`)) > 500, 'a page has come');
    const kept = await ada.locator(`.message[data-id="${first}"]`).boundingBox();
    expect(Math.abs((kept?.y ?? 0) - top)).toBeLessThan(2);

    await eventually(async () => {
      await scrollTo(ada, 0);
      return ada.getByText('This is the beginning of the conversation.').isVisible();
    }, 'the beginning');
    await bubble(ada, 'message number 1').waitFor();
    await ada.getByRole('button', { name: 'Jump to latest' }).click();
    await eventually(() => isInView(ada, 'message number 240'), 'the newest message is in view');

    await ada.getByRole('button', { name: 'Search messages' }).click();
    await ada.getByRole('searchbox').fill('number 17');
    await ada.getByRole('button', { name: /message number 17$/ }).click();
    await eventually(() => isInView(ada, 'message number 17'), 'what was found is in view');
  });

  test('two people write to each other alone', async () => {
    const [ada, ben, cleo] = await Promise.all([join('direct', 'Ada'), join('direct', 'Ben'), join('direct', 'Cleo')]);
    await ada.getByRole('button', { name: /^People/ }).click();
    await ada.getByRole('button', { name: 'More for Ben' }).click();
    await ada.getByRole('menuitem', { name: 'Message', exact: true }).click();
    await ada.getByPlaceholder('Message Ben').waitFor();
    await write(ada, 'between us');
    await ben.getByRole('button', { name: 'Ada, 1 unread' }).click();
    await bubble(ben, 'between us').waitFor();
    await write(ben, 'as always');
    await bubble(ada, 'as always').waitFor();
    expect(await cleo.getByText('between us').count()).toBe(0);
    expect(await cleo.getByRole('navigation', { name: 'Conversations' }).count()).toBe(0);
  });

  test('a moderator mutes somebody in the chat for a time, bans, and slows the room down', async () => {
    const [ada, ben] = await Promise.all([join('rules', 'Ada', { moderator: true }), join('rules', 'Ben')]);
    await ada.getByRole('button', { name: /^People/ }).click();
    await ada.getByRole('button', { name: 'Moderate Ben' }).click();
    await ada.getByRole('menuitem', { name: 'Mute in the chat…' }).click();
    await ada.getByLabel('For how long').selectOption('10 minutes');
    await ada.getByRole('button', { name: 'Mute', exact: true }).click();
    await ben.getByText('A moderator muted you in this chat.').waitFor();
    await ben.getByRole('log').getByText('Ada muted you in the chat until').waitFor();
    await ada.getByRole('button', { name: 'Allow to write Ben' }).click();
    await ben.getByText('A moderator muted you in this chat.').waitFor({ state: 'detached' });
    await ada.getByLabel('Slow mode').selectOption('One message every 1 min');
    await ben.getByText('Slow mode: one message every 1 min.').waitFor();
    await write(ben, 'slowly');
    await ben.getByText(/Slow mode: you can write again in \d+ s/).waitFor();
    await ada.getByRole('button', { name: 'Moderate Ben' }).click();
    await ada.getByRole('menuitem', { name: 'Ban for a time…' }).click();
    await ada.getByRole('dialog').getByRole('button', { name: 'Ban', exact: true }).click();
    await ben.getByRole('heading', { name: 'A moderator removed you from the room' }).waitFor();
    await ada.getByRole('button', { name: 'Allow back Ben' }).waitFor();
  });
});

async function rejoin(page: Page): Promise<void> {
  await page.reload();
  await fillLobby(page, { name: 'Ada' });
  await page.getByRole('button', { name: 'Leave' }).waitFor();
  await page.keyboard.press('c');
}

const unreadLine = '[data-tone="unread"]';
const list = `document.querySelector('.messages')`;

function scrollTo(page: Page, topPx: number): Promise<unknown> {
  return page.evaluate(`${list}.scrollTop = ${topPx}`);
}

/** The message at the top of the view: its id and where it is. */
function firstInView(page: Page): Promise<[id: string, top: number]> {
  return page.evaluate(`(() => {
    const list = document.querySelector('.messages');
    const { top } = list.getBoundingClientRect();
    const first = [...list.querySelectorAll('.message')].find((one) => one.getBoundingClientRect().bottom > top);
    return [first.dataset.id, first.getBoundingClientRect().top];
  })()`);
}
