import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findNearest } from '../../core/nearest.ts';
import type { Sound } from '../../media/phones/phone-media.ts';
import { readWav } from './read-wav.ts';
import { type PromptName, promptNames } from './words.ts';

/** What is shipped: 16 kHz. Beside this file, in the sources as in what is built of them. */
const shipped = join(import.meta.dirname, 'en');
/** Nobody listens longer, and a file of hours would fill the memory. */
const maxSeconds = 60;
const maxFileBytes = 44_100 + maxSeconds * 16_000 * 2;
/** Between two digits. */
const pauseMs = 80;
/** Phones let go at once of what they hold back, when they are hung up: about as much as they do. */
const holdsBackMs = 200;

/** What can be said to callers. Loaded once, shared by all calls. */
export interface Prompts {
  sound(name: PromptName): Sound;
  /** What is said last: all of it is heard before the call ends. */
  lastWords(names: readonly PromptName[]): readonly Sound[];
  /** A number as people read it out: digit by digit, with `*` and `#`. What is none of these is a pause. */
  digits(text: string): readonly Sound[];
}

/**
 * @param folder of an operator: its WAV files take the place of the shipped ones of the same names.
 * @throws {Error} naming the file and what is wrong with it
 */
export async function openPrompts(folder?: string): Promise<Prompts> {
  const own = folder === undefined ? new Set<string>() : await ownFiles(folder);
  const sounds = new Map<PromptName, Sound>();
  for (const name of promptNames) {
    const file = `${name}.wav`;
    sounds.set(name, await load(join(folder !== undefined && own.has(file) ? folder : shipped, file)));
  }
  const sound = (name: PromptName) => {
    const found = sounds.get(name);
    if (found === undefined) throw new Error(`there is no prompt ${name}`);
    return found;
  };
  const lastWords = (names: readonly PromptName[]) => [...names.map(sound), { silenceMs: holdsBackMs }];
  return { sound, lastWords, digits: (text) => [...text].flatMap((digit) => spell(digit, sound)) };
}

/** A file whose name is mistyped would never be heard, and nobody would know why. */
async function ownFiles(folder: string): Promise<ReadonlySet<string>> {
  const files = (await readdir(folder)).filter((file) => file.toLowerCase().endsWith('.wav'));
  for (const file of files) {
    const name = file.slice(0, -'.wav'.length);
    if ((promptNames as readonly string[]).includes(name)) continue;
    const nearest = findNearest(name, promptNames);
    const hint = nearest === undefined ? '' : `; ${nearest}.wav may be meant`;
    throw new Error(`${join(folder, file)}: no prompt has this name${hint}`);
  }
  return new Set(files);
}

async function load(path: string): Promise<Sound> {
  const { size } = await stat(path);
  try {
    if (size > maxFileBytes) throw new Error(`it is longer than ${maxSeconds} seconds`);
    const { pcm, sampleRate } = readWav(await readFile(path));
    if (sampleRate !== 8000 && sampleRate !== 16_000) {
      throw new Error(`it has ${sampleRate} samples a second instead of 8000 or 16000`);
    }
    if (pcm.length > maxSeconds * sampleRate) throw new Error(`it is longer than ${maxSeconds} seconds`);
    return { pcm, sampleRate };
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : 'it cannot be read'}`, { cause: error });
  }
}

const names = new Map<string, PromptName>([
  ...Array.from('0123456789', (digit) => [digit, `digit-${digit}` as PromptName] as const),
  ['*', 'digit-star'],
  ['#', 'digit-hash'],
]);

function spell(digit: string, sound: (name: PromptName) => Sound): readonly Sound[] {
  const name = names.get(digit);
  return name === undefined ? [{ silenceMs: pauseMs }] : [sound(name), { silenceMs: pauseMs }];
}
