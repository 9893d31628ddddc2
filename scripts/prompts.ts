// Speaks sip/prompts/words.ts with espeak-ng into the WAV files that are shipped. To be run by hand when a word is another:
// `npm run prompts`, or `npm run prompts -- muted unmuted` for some of them.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWav } from '../sip/prompts/read-wav.ts';
import { type PromptName, promptNames, words } from '../sip/prompts/words.ts';
import { writeWav } from '../test/support/tones.ts';
import { evenOut } from './prompts/even-out.ts';
import { resample } from './prompts/resample.ts';

const voice = ['-v', 'en-us', '-s', '160', '-g', '1'];
const sampleRate = 16_000;

function speak(name: PromptName, folder: string): Int16Array {
  const file = join(folder, `${name}.wav`);
  execFileSync('espeak-ng', [...voice, '-w', file, words[name]]);
  const spoken = readWav(readFileSync(file));
  return evenOut(resample(spoken.pcm, spoken.sampleRate, sampleRate), sampleRate);
}

const wanted = process.argv.slice(2);
const names = promptNames.filter((name) => wanted.length === 0 || wanted.includes(name));
const target = join(import.meta.dirname, '..', 'sip', 'prompts', 'en');
const folder = mkdtempSync(join(tmpdir(), 'prompts-'));
try {
  mkdirSync(target, { recursive: true });
  for (const name of names) {
    await writeWav(join(target, `${name}.wav`), { sampleRate, channels: [speak(name, folder)] });
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${names.length} prompts are spoken into ${target}`);
