// The chat panel of a page, as a person uses it.

import type { Locator, Page } from 'playwright-core';

export function field(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Message' });
}

export async function write(page: Page, text: string): Promise<void> {
  await field(page).fill(text);
  await field(page).press('Enter');
}

/** The message with exactly this text. */
export function bubble(page: Page, text: string): Locator {
  return page
    .getByRole('log')
    .locator('.message')
    .filter({ has: page.locator('.message-text').getByText(text, { exact: true }) });
}

/** Of all messages that are shown, the oldest first. */
export function texts(page: Page): Promise<string[]> {
  return page.getByRole('log').locator('.message-text').allInnerTexts();
}

/** Whether all of a message is in view. */
export async function isInView(page: Page, text: string): Promise<boolean> {
  const [frame, box] = [await page.getByRole('log').boundingBox(), await bubble(page, text).boundingBox()];
  return frame !== null && box !== null && box.y >= frame.y - 1 && box.y + box.height <= frame.y + frame.height + 1;
}
