// Whether sound and video reach a page: by what its browser decodes, not by what the page says.

import type { Page } from 'playwright-core';
import { eventually } from './eventually.ts';

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

/** Waits until at least so many tracks grow at once. */
export async function waitForFlow(page: Page, { video, audio }: Flow): Promise<void> {
  const first = new Map<string, number>();
  await eventually(
    async () => {
      const now = await page.evaluate<Received[]>('parleyTest.received()');
      for (const { id, amount } of now) if (!first.has(id)) first.set(id, amount);
      const growing = (kind: Received['kind']) =>
        now.filter((entry) => entry.kind === kind && entry.amount > (first.get(entry.id) ?? 0)).length;
      return growing('video') >= video && growing('audio') >= audio;
    },
    `${video} video and ${audio} audio tracks are decoded`,
    deadlineMs,
  );
}

/** Waits until every element that plays a voice can be heard, and there are so many. */
export async function waitForVoices(page: Page, count: number): Promise<void> {
  await eventually(async () => {
    const sounds = await page.evaluate<{ audible: boolean }[]>('parleyTest.sounds()');
    return sounds.length === count && sounds.every(({ audible }) => audible);
  }, `${count} voices are played`);
}
