import type { Page } from 'playwright-core';
import type { PageOptions, TestBrowser } from './browser.ts';

export interface JoinOptions extends PageOptions {
  readonly name: string;
  readonly moderator?: boolean;
  /** Looks at the lobby before the form is sent. */
  readonly beforeJoining?: (page: Page) => Promise<void>;
}

/** Opens the page and joins a room through its lobby, as a person does. */
export async function joinCall(
  browser: TestBrowser,
  roomUrl: string,
  { name, moderator = false, beforeJoining, ...pageOptions }: JoinOptions,
): Promise<Page> {
  const page = await browser.openPage(roomUrl, pageOptions);
  await beforeJoining?.(page);
  await fillLobby(page, { name, moderator });
  await page.getByRole('button', { name: 'Leave' }).waitFor();
  return page;
}

export async function fillLobby(
  page: Page,
  { name, moderator = false }: Pick<JoinOptions, 'name' | 'moderator'>,
): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  if (moderator) await page.getByLabel('Join as a moderator').check();
  await page.getByRole('button', { name: 'Join now' }).click();
}
