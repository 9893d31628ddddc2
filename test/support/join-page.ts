import type { Page } from 'playwright-core';
import type { PageOptions, TestBrowser } from './browser.ts';

export interface JoinOptions extends PageOptions {
  readonly name: string;
  readonly moderator?: boolean;
}

/** Opens the page and joins a room through its lobby, as a person does. */
export async function joinCall(
  browser: TestBrowser,
  roomUrl: string,
  { name, moderator = false, ...pageOptions }: JoinOptions,
): Promise<Page> {
  const page = await browser.openPage(roomUrl, pageOptions);
  await fillLobby(page, { name, moderator });
  await page.getByRole('button', { name: 'Leave' }).waitFor();
  return page;
}

export async function fillLobby(page: Page, { name, moderator = false }: JoinOptions): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  if (moderator) await page.getByLabel('Join as a moderator').check();
  await page.getByRole('button', { name: 'Join now' }).click();
}
