// What a test needs of the machine, and what happens where that is missing.

import { existsSync } from 'node:fs';
import { findWorkerBin } from '../../media/mediasoup/worker-bin.ts';

/** `mediasoup`: the media worker. `browser`: Chromium. */
export type Requirement = 'mediasoup' | 'browser';

const browserPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Throws what is missing and how to get it. */
const finders: Readonly<Record<Requirement, () => string>> = {
  mediasoup: () => findWorkerBin(),
  browser: () => {
    const found = browserPaths.find((path) => existsSync(path));
    if (found === undefined) throw new Error(`There is no Chromium at ${browserPaths.join(', ')}.`);
    return found;
  },
};

/**
 * Whether a test that needs the part can run here. Where it is missing, the reason is printed and the answer is false;
 * with `PARLEY_REQUIRE=mediasoup,browser` it throws instead, so that CI cannot pass by skipping.
 * ```ts
 * describe.skipIf(!requireOrSkip('mediasoup'))('a room', () => { … });
 * ```
 */
export function requireOrSkip(what: Requirement): boolean {
  try {
    finders[what]();
    return true;
  } catch (error) {
    const required = (process.env['PARLEY_REQUIRE'] ?? '').split(',').map((word) => word.trim());
    if (required.includes(what)) throw error;
    console.warn(`Tests that need ${what} are skipped. ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

/** The browser's binary. @throws {Error} when there is none: ask requireOrSkip before. */
export function requireBrowserPath(): string {
  return finders.browser();
}
