import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type PromptName, promptNames } from '../../../sip/prompts/words.ts';
import { writeWav } from '../tones.ts';

/** A folder of prompts that are over at once, where a test is about none of them: whoever hears one hears nobody else. */
export async function briefPrompts(names: readonly PromptName[] = promptNames): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-prompts-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const sound = { sampleRate: 8_000, channels: [new Int16Array(160)] };
  await Promise.all(names.map((name) => writeWav(join(folder, `${name}.wav`), sound)));
  return folder;
}
