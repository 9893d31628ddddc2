// An encrypted call between Firefox and Chromium, by script transforms on both sides.

import { expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { startFirefox } from '../support/firefox.ts';
import { requireOrSkip } from '../support/require.ts';
import { serveSdkPage } from '../support/sdk-bundle.ts';
import type { ScriptedPage } from '../support/sdk-peer.ts';
import { startServer } from '../support/start-server.ts';

const canRun =
  requireOrSkip('mediasoup') && requireOrSkip('browser') && requireOrSkip('firefox') && requireOrSkip('netns');
const key = Array.from({ length: 32 }, (_, at) => at);
const wrongKey = key.toReversed();
const deadlineMs = 60_000;

interface Received {
  readonly frames: number;
  readonly energy: number;
}

test.skipIf(!canRun)(
  'Firefox and Chromium see and hear each other in an encrypted room, and not with another key',
  { timeout: 240_000 },
  async () => {
    const started = await Promise.all([startFirefox(), startBrowser(), serveSdkPage('e2ee-page.js')]);
    await using firefox = started[0];
    await using chromium = started[1];
    await using sdk = started[2];
    await using server = await startServer({ gateway: { allowedOrigins: ['*'] }, media: { listenIp: firefox.host } });

    const ask = async <Answer>(page: ScriptedPage, method: string, ...args: unknown[]): Promise<Answer> =>
      (await page.evaluate(`e2eePeer.${method}(...${JSON.stringify(args)})`)) as Answer;
    const enter = async (page: ScriptedPage, identity: string, given: readonly number[]): Promise<string> => {
      await eventually(() => page.evaluate('globalThis.e2eePeer !== undefined'), 'the SDK in the page', deadlineMs);
      const token = server.issueToken({ identity });
      return ask(page, 'join', { url: server.wsUrl, token, name: 'mixed', key: given });
    };
    const flows = (page: ScriptedPage, from: string, source: 'camera' | 'microphone') =>
      eventually(
        async () => {
          const got = (await ask<Record<string, Received>>(page, 'received'))[`${from} ${source}`];
          return source === 'camera' ? (got?.frames ?? 0) > 10 : (got?.energy ?? 0) > 0.001;
        },
        `the ${source} of ${from}`,
        deadlineMs,
      );

    const fox = await firefox.openPage(sdk.url, server.url);
    const chrome = await chromium.openPage(sdk.url);
    const [foxId, chromeId] = [await enter(fox, 'fox', wrongKey), await enter(chrome, 'chrome', key)];
    for (const page of [fox, chrome]) {
      for (const source of ['camera', 'microphone']) await ask(page, 'publish', source);
    }
    const problems = async (page: ScriptedPage) =>
      (await ask<{ problem?: string }[]>(page, 'told')).map(({ problem }) => problem);
    for (const page of [fox, chrome]) {
      await eventually(async () => (await problems(page))[0] === 'notAuthentic', 'the keys differ', deadlineMs);
    }
    const seen = await ask<Record<string, Received>>(fox, 'received');
    expect(seen[`${chromeId} camera`]?.frames ?? 0).toBe(0);

    await ask(fox, 'setKey', 0, key);
    for (const source of ['camera', 'microphone'] as const) {
      await flows(chrome, foxId, source);
      await flows(fox, chromeId, source);
    }
    const counts = await ask<{ opened: number; replayed: number }>(chrome, 'counts');
    expect(counts.opened).toBeGreaterThan(50);
    for (const page of [fox, chrome]) {
      await eventually(async () => (await problems(page)).at(-1) === undefined, 'it is over', deadlineMs);
    }
    // Before the server, whose end a page of Firefox takes for an error.
    await firefox.closePages();
  },
);
