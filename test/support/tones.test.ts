import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from './random.ts';
import { requireOrSkip, requirePath } from './require.ts';
import { dominantFrequency, readWav, sine, toneShareDb, writeWav } from './tones.ts';

const sampleRate = 16_000;
const tone = sine(440, { sampleRate, ms: 1000 });
const random = createRandom(1);
const noise = Int16Array.from({ length: sampleRate }, () => Math.round((random() - 0.5) * 20_000));

describe('tones', () => {
  it('finds a tone in itself, wholly', () => {
    expect(toneShareDb(tone, sampleRate, 440)).toBeCloseTo(0, 1);
    expect(dominantFrequency(tone, sampleRate)).toBe(440);
  });

  it('finds little of one tone in another, and in noise', () => {
    expect(toneShareDb(tone, sampleRate, 1000)).toBeLessThan(-60);
    expect(toneShareDb(noise, sampleRate, 440)).toBeLessThan(-15);
  });

  it('tells how much of a mix each tone is', () => {
    const other = sine(1000, { sampleRate, ms: 1000 });
    const mix = tone.map((sample, index) => sample + (other[index] ?? 0));
    expect(toneShareDb(mix, sampleRate, 440)).toBeCloseTo(-3, 1);
    expect(toneShareDb(mix, sampleRate, 1000)).toBeCloseTo(-3, 1);
  });

  it('finds a tone under noise, and after jumps', () => {
    const jumping = new Int16Array(tone.length);
    for (let at = 0; at < tone.length; at += 3200) jumping.set(tone.subarray(0, 3100), at);
    const under = jumping.map((sample, index) => Math.round(sample / 2) + Math.round((noise[index] ?? 0) / 4));
    expect(dominantFrequency(under, sampleRate)).toBeGreaterThan(435);
    expect(dominantFrequency(under, sampleRate)).toBeLessThan(445);
    expect(toneShareDb(under, sampleRate, 440)).toBeGreaterThan(-3);
  });

  it('finds nothing in silence', () => {
    expect(dominantFrequency(new Int16Array(1600), sampleRate)).toBeUndefined();
    expect(dominantFrequency(new Int16Array(0), sampleRate)).toBeUndefined();
    expect(toneShareDb(new Int16Array(1600), sampleRate, 440)).toBe(Number.NEGATIVE_INFINITY);
  });

  describe('in WAV files', () => {
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'parley-tones-'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it.each([1, 2, 3])('come back from a file of %i channels', async (count) => {
      const path = join(folder, `${count}.wav`);
      const channels = Array.from({ length: count }, (_, number) =>
        sine(300 + 100 * number, { sampleRate: 8000, ms: 99 }),
      );
      await writeWav(path, { sampleRate: 8000, channels });
      expect(await readWav(path)).toEqual({ sampleRate: 8000, channels });
    });

    it('come back from a file whose length was never told', async () => {
      const path = join(folder, 'cut.wav');
      await writeWav(path, { sampleRate, channels: [tone] });
      const file = await readFile(path);
      file.writeUInt32LE(0, 40);
      await writeFile(path, file.subarray(0, 44 + 2001));
      expect((await readWav(path)).channels).toEqual([tone.subarray(0, 1000)]);
    });

    it('fail in another format', async () => {
      const path = join(folder, 'other.wav');
      await writeFile(path, 'OggS and more');
      await expect(readWav(path)).rejects.toThrow('is no WAV file');
    });

    it.skipIf(!requireOrSkip('ffmpeg'))('are those of ffmpeg', async () => {
      const path = join(folder, 'theirs.wav');
      const source = 'sine=frequency=620:sample_rate=48000:duration=0.5';
      await promisify(execFile)(requirePath('ffmpeg'), ['-f', 'lavfi', '-i', source, '-ac', '2', path]);
      const { sampleRate: rate, channels } = await readWav(path);
      expect([rate, channels.length]).toEqual([48_000, 2]);
      expect(dominantFrequency(channels[0]!, rate)).toBe(620);
    });
  });
});
