// What pages say and hear in calls with phones: tones, as phones of tests do.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { startBrowser, type TestBrowser } from '../browser.ts';
import { eventually } from '../eventually.ts';
import { sine, writeWav } from '../tones.ts';
import { tones } from './phone.ts';

type Voice = keyof typeof tones;

const voices = Object.keys(tones) as Voice[];
/** Of what is heard, in dB: nearly all, and nothing that anybody would notice. */
const heardDb = -3;
const unheardDb = -25;
/** As long as phones of tests listen. */
const listenMs = 1_000;
const sampleRate = 48_000;

/** A browser whose microphone says the tone. Closed with the test. */
export async function startTalkingBrowser(voice: Voice): Promise<TestBrowser> {
  const browser = await openTalkingBrowser(voice);
  onTestFinished(() => browser.close());
  return browser;
}

/** For several tests: whoever opens it closes it. */
export async function openTalkingBrowser(voice: Voice): Promise<TestBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-voice-'));
  const file = join(folder, `${voice}.wav`);
  await writeWav(file, { sampleRate, channels: [sine(tones[voice], { ms: 10_000, sampleRate })] });
  const browser = await startBrowser({ flags: [`--use-file-for-fake-audio-capture=${file}`], plainSound: true });
  const close = async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...browser, close, [Symbol.asyncDispose]: close };
}

/** Until the page hears the tone of that one and of nobody else, itself included. */
export async function hears(page: Page, voice: Voice): Promise<void> {
  let last: unknown;
  const isHeard = async () => {
    const { levelDb, shares } = await listen(page);
    last = { levelDb, ...Object.fromEntries(voices.map((name, index) => [name, shares[index]])) };
    return voices.every((name, index) => {
      const share = shares[index] ?? Number.NEGATIVE_INFINITY;
      return name === voice ? share > heardDb : share < unheardDb;
    });
  };
  await eventually(isHeard, `the page hears ${voice} alone`, 30_000, 100).catch((error: unknown) => {
    throw new Error(`the page does not hear ${voice} alone: ${JSON.stringify(last)}`, { cause: error });
  });
}

/** Until the page hears these together, and nobody else. */
export async function hearsAll(page: Page, ...those: readonly Voice[]): Promise<void> {
  const isHeard = async () => {
    const { shares } = await listen(page);
    return voices.every((name, index) => {
      const share = shares[index] ?? Number.NEGATIVE_INFINITY;
      return those.includes(name) ? share > -15 : share < unheardDb;
    });
  };
  await eventually(isHeard, `the page hears ${those.join(' and ')}`, 30_000, 100);
}

function listen(page: Page): Promise<{ levelDb: number; shares: readonly number[] }> {
  return page.evaluate(`parleyTest.tones(${JSON.stringify(Object.values(tones))}, ${listenMs})`);
}
