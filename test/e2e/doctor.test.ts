import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { requireOrSkip } from '../support/require.ts';
import { servingPage, startServer } from '../support/start-server.ts';
import { startTurnServer } from '../support/turn-server.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');
const secret = 'what-both-know-and-nobody-else';

describe.skipIf(!canRun)('the page that tests the connection', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterEach(() => browser.closePages());
  afterAll(() => browser.close());

  it('says that everything works, when it does', async () => {
    await using server = await startServer({ gateway: servingPage });
    const page = await browser.openPage(`${server.url}/doctor`);
    await page.getByRole('heading', { name: 'Everything works' }).waitFor({ timeout: 30_000 });
    const hops = await page.locator('.doctor-hop h3').allTextContents();
    expect(hops).toEqual(['Secure page', 'Server', 'WebSocket', 'UDP', 'TCP']);
    const texts = await page.locator('.doctor-hop p').allTextContents();
    for (const text of texts.slice(3)) expect(text).toMatch(/^127\.0\.0\.1 port [1-9]\d* answers in \d+ ms$/);
  });

  it('asks for a token where there is none that is valid', { timeout: 60_000 }, async () => {
    await using server = await startServer({ gateway: servingPage });
    const page = await browser.openPage(`${server.url}/doctor#token=a.b.c`);
    await page.getByRole('heading', { name: 'The token is not a JSON Web Token.' }).waitFor({ timeout: 30_000 });
    expect(page.url()).not.toContain('a.b.c');
    await page.getByLabel('Token').fill(server.issueToken({ identity: 'ada' }));
    await page.getByRole('button', { name: 'Test again' }).click();
    await page.getByRole('heading', { name: 'Everything works' }).waitFor({ timeout: 30_000 });
  });

  it('names the port that does not come back', { timeout: 60_000 }, async () => {
    await using server = await startServer({ gateway: servingPage, media: { announcedAddress: '127.0.0.2' } });
    const page = await browser.openPage(`${server.url}/doctor`);
    await page
      .getByRole('heading', { name: 'Sound and picture have no way to the server' })
      .waitFor({ timeout: 50_000 });
    const advice = await page.getByRole('status').textContent();
    expect(advice).toMatch(/UDP to 127\.0\.0\.2 port \d+ does not come back/);
    expect(advice).toContain('media.port');
  });

  it('tells a relay that works from one that refuses the credentials', { timeout: 60_000 }, async () => {
    if (!requireOrSkip('coturn')) return;
    await using relay = await startTurnServer({ secret });
    await using other = await startTurnServer({ secret: 'another secret' });
    await using server = await startServer({ gateway: servingPage, turn: { urls: [relay.url, other.url], secret } });
    const page = await browser.openPage(`${server.url}/doctor`);
    await page.getByRole('heading', { name: /may not from everywhere/ }).waitFor({ timeout: 50_000 });
    const states = await page.locator('.doctor-hop').evaluateAll((rows) => rows.map((row) => row.className));
    expect(states.slice(-2)).toEqual(['doctor-hop fine', 'doctor-hop failed']);
    expect(await page.getByRole('status').textContent()).toContain(`${other.url} refuses the credentials (401)`);
  });
});
