import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sine, writeWav } from '../../test/support/tones.ts';
import { openPrompts } from './prompts.ts';
import { promptNames } from './words.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prompts-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the shipped prompts', () => {
  test('are there for every name, short and of about the same loudness', async () => {
    const prompts = await openPrompts();
    for (const name of promptNames) {
      const sound = prompts.sound(name);
      if (!('pcm' in sound)) throw new Error(`${name} is no recording`);
      expect(sound.sampleRate).toBe(16_000);
      const seconds = sound.pcm.length / sound.sampleRate;
      expect(seconds, name).toBeGreaterThan(0.15);
      expect(seconds, name).toBeLessThan(name === 'help' ? 15 : 6);
      const loud = sound.pcm.filter((sample) => Math.abs(sample) > 150);
      const rms = Math.sqrt(loud.reduce((sum, sample) => sum + sample * sample, 0) / loud.length);
      expect(20 * Math.log10(rms / 32_768), name).toBeGreaterThan(-24);
      expect(20 * Math.log10(rms / 32_768), name).toBeLessThan(-16);
    }
  });

  test('numbers are spoken digit by digit, and other letters are pauses', async () => {
    const prompts = await openPrompts();
    const spoken = prompts.digits('4 #*').filter((sound) => 'pcm' in sound);
    expect(spoken).toEqual([prompts.sound('digit-4'), prompts.sound('digit-hash'), prompts.sound('digit-star')]);
  });
});

describe('an operator’s folder', () => {
  const write = (file: string, sampleRate = 8000, channels = 1) => {
    const pcm = sine(440, { sampleRate, ms: 100 });
    return writeWav(join(folder, file), { sampleRate, channels: Array.from({ length: channels }, () => pcm) });
  };

  test('replaces what it has, and leaves the rest; other files are none of its prompts', async () => {
    await write('muted.wav');
    await writeFile(join(folder, 'README.txt'), 'spoken by Ann');
    const [own, shipped] = [await openPrompts(folder), await openPrompts()];
    expect(own.sound('muted')).toMatchObject({ sampleRate: 8000 });
    expect(own.sound('unmuted')).toEqual(shipped.sound('unmuted'));
  });

  test('whose file has an unknown name is refused with the name that is meant', async () => {
    await write('mutd.wav');
    await expect(openPrompts(folder)).rejects.toThrow(/mutd\.wav: no prompt has this name; muted\.wav may be meant$/);
  });

  test.each([
    ['of two channels', () => write('muted.wav', 8000, 2), /muted\.wav: it has 2 channels instead of one$/],
    ['of another rate', () => write('muted.wav', 44_100), /it has 44100 samples a second instead of 8000 or 16000$/],
    ['that is text', () => writeFile(join(folder, 'muted.wav'), 'la la la'), /it is no WAV file$/],
    ['that is empty', () => writeFile(join(folder, 'muted.wav'), ''), /it is no WAV file$/],
    [
      'that is too long',
      () => writeFile(join(folder, 'muted.wav'), Buffer.alloc(2_100_000)),
      /it is longer than 60 seconds$/,
    ],
  ])('with a file %s is refused with what is wrong', async (_what, prepare, problem) => {
    await prepare();
    await expect(openPrompts(folder)).rejects.toThrow(problem);
  });

  test('that is not there is refused', async () => {
    await expect(openPrompts(join(folder, 'none'))).rejects.toThrow(/ENOENT/);
  });
});
