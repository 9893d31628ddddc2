// The page as somebody has it who calls and is called.

import type { Page } from 'playwright-core';
import type { PageOptions, TestBrowser } from './browser.ts';

export interface PhonePageOptions extends PageOptions {
  readonly name: string;
  /** Instead of a guest's: whoever the token is for. */
  readonly token?: string;
}

/** Signs in to call and to be called. */
export async function openPhone(
  browser: TestBrowser,
  serverUrl: string,
  { name, token, ...options }: PhonePageOptions,
): Promise<Page> {
  const page = await browser.openPage(`${serverUrl}/phone${token === undefined ? '' : `#token=${token}`}`, options);
  await signInPhone(page, name);
  return page;
}

export async function signInPhone(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'Recent calls' }).waitFor();
}

/** Types whom to call, and calls. */
export async function dial(page: Page, whom: string): Promise<void> {
  await page.getByLabel('Number, name or address').fill(whom);
  await page.getByRole('button', { name: 'Call', exact: true }).click();
}

/** From the page's own panel: into the room that it shows. */
export async function openPhonePanel(page: Page, task?: 'Add' | 'Keys' | 'Transfer'): Promise<void> {
  const panel = page.getByRole('complementary', { name: 'Phone' });
  if (!(await panel.isVisible())) await page.getByRole('button', { name: 'Phone', exact: true }).click();
  if (task !== undefined) await panel.getByRole('button', { name: task, exact: true }).click();
}

export async function addToCall(page: Page, whom: string): Promise<void> {
  await page.getByRole('complementary', { name: 'Phone' }).getByLabel('Number, name or address').fill(whom);
  await page.getByRole('button', { name: 'Call into this room' }).click();
}
