// Whether sound and video reach a page: by what its browser decodes, not by what the page says.

import { eventually } from './eventually.ts';

/** Of playwright-core and of puppeteer-core alike. */
interface Page {
  evaluate(script: string): Promise<unknown>;
}

interface Received {
  readonly id: string;
  readonly kind: 'audio' | 'video';
  /** Frames decoded, or the energy of what was heard. */
  readonly amount: number;
}

export interface Flow {
  /** Tracks whose pictures or sounds are coming now. */
  readonly video: number;
  readonly audio: number;
}

const deadlineMs = 30_000;
const silentMs = 1_000;
/** Statistics cost both processes a lot: asked without a break, they slow down the media that is waited for. */
const intervalMs = 50;
/** What rounding and comfort noise add. */
const inaudible = 1e-6;

/** What stands for the tracks that a page receives now; other ones after media was made anew. */
export async function receivedIds(page: Page): Promise<ReadonlySet<string>> {
  const now = (await page.evaluate('parleyTest.received()')) as Received[];
  return new Set(now.map(({ id }) => id));
}

/** Waits until at least so many tracks grow at once, those of `except` left out. */
export async function waitForFlow(
  page: Page,
  { video, audio }: Flow,
  { except }: { except?: ReadonlySet<string> } = {},
): Promise<void> {
  const first = new Map<string, number>();
  await eventually(
    async () => {
      const now = (await page.evaluate('parleyTest.received()')) as Received[];
      for (const { id, amount } of now) if (!first.has(id)) first.set(id, amount);
      const growing = (kind: Received['kind']) =>
        now.filter(({ id, kind: own, amount }) => own === kind && !except?.has(id) && amount > (first.get(id) ?? 0))
          .length;
      return growing('video') >= video && growing('audio') >= audio;
    },
    `${video} video and ${audio} audio tracks are decoded`,
    deadlineMs,
    intervalMs,
  );
}

/** Waits until no track's sound adds anything to what was heard, over a second of looking. */
export async function waitForSilence(page: Page): Promise<void> {
  const energy = async () => {
    const now = (await page.evaluate('parleyTest.received()')) as Received[];
    return now.filter(({ kind }) => kind === 'audio').reduce((sum, { amount }) => sum + amount, 0);
  };
  let last = await energy();
  let sinceMs = performance.now();
  await eventually(
    async () => {
      const now = await energy();
      if (now - last > inaudible) sinceMs = performance.now();
      last = now;
      return performance.now() - sinceMs > silentMs;
    },
    'nothing is heard',
    deadlineMs,
    intervalMs,
  );
}

/** Waits until every element that plays a voice can be heard, and there are so many. */
export async function waitForVoices(page: Page, count: number): Promise<void> {
  await eventually(async () => {
    const sounds = (await page.evaluate('parleyTest.sounds()')) as { audible: boolean }[];
    return sounds.length === count && sounds.every(({ audible }) => audible);
  }, `${count} voices are played`);
}
