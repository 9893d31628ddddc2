import { execFileSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { readOgg, writeOgg } from '../../../test/support/ogg-opus.ts';
import { requireOrSkip, requirePath } from '../../../test/support/require.ts';
import { dominantFrequency, sine, toneShareDb } from '../../../test/support/tones.ts';
import { levelDbov } from './levels.ts';
import { OpusDecoder } from './opus-decoder.ts';
import { OpusEncoder } from './opus-encoder.ts';
import { opusLibrary } from './opus-library.ts';
import { snrDb } from './testing/snr.ts';
import { packetsOf, speech } from './testing/voices.ts';
import type { EncoderOptions } from './voice-codec.ts';

const sampleRate = 16_000;
const voice = speech(4 * sampleRate, sampleRate, -25, -60);

function say(pcm: Int16Array, options: EncoderOptions = {}): Uint8Array[] {
  const encoder = new OpusEncoder(options);
  return packetsOf(pcm, encoder.sampleRate).map((packet) => encoder.encode(packet).slice());
}

const bytesOf = (packets: readonly Uint8Array[]) => packets.reduce((sum, { length }) => sum + length, 0);

describe('Opus', () => {
  it('keeps to the bitrate, and to what is spoken', () => {
    const seconds = voice.length / sampleRate;
    const rates = [12_000, 24_000, 40_000].map((bitrate) => (8 * bytesOf(say(voice, { bitrate }))) / seconds);
    for (const [index, bitrate] of [12_000, 24_000, 40_000].entries()) {
      expect(Math.abs(rates[index]! / bitrate - 1)).toBeLessThan(0.25);
    }
  });

  it('refuses options that it does not have', () => {
    expect(() => new OpusEncoder({ bitrate: -5 })).toThrow(RangeError);
    expect(() => new OpusEncoder({ expectedLossPercent: 101 })).toThrow(RangeError);
  });

  it('sends nothing while nothing is said, where that is wanted', () => {
    const pcm = Int16Array.of(...voice.subarray(0, sampleRate), ...new Int16Array(2 * sampleRate));
    expect(say(pcm).filter(({ length }) => length === 0).length).toBe(0);
    const packets = say(pcm, { discontinuous: true });
    expect(packets.slice(0, 50).every(({ length }) => length > 0)).toBe(true);
    expect(packets.slice(-80).filter(({ length }) => length === 0).length).toBeGreaterThan(70);
  });

  it('tells a lost packet again in the next one', () => {
    const packets = say(voice, { forwardErrorCorrection: true, expectedLossPercent: 20 });
    const whole = new OpusDecoder(sampleRate);
    const all = Int16Array.from(packets.flatMap((packet) => [...whole.decode(packet)]));
    const heardWith = (tell: (index: number) => Uint8Array | undefined) => {
      const decoder = new OpusDecoder(sampleRate);
      const hear = (packet: Uint8Array, index: number) => [
        ...(index % 4 === 3 ? decoder.conceal(tell(index)) : decoder.decode(packet)),
      ];
      return snrDb(all, Int16Array.from(packets.flatMap(hear)), 0);
    };
    expect(heardWith((index) => packets[index + 1])).toBeGreaterThan(heardWith(() => undefined) + 6);
  });

  it('conceals where the next packet tells nothing of the lost one', () => {
    const [first, second] = say(voice) as [Uint8Array, Uint8Array];
    const decoder = new OpusDecoder(sampleRate);
    decoder.decode(first);
    expect(decoder.conceal(second).length).toBe(320);
    expect(decoder.conceal(Uint8Array.of(0xff, 0xff)).length).toBe(320);
    expect(decoder.conceal(new Uint8Array(9000)).length).toBe(320);
  });

  it('has room for many voices at once, and gives it back', () => {
    const encoders = Array.from({ length: 300 }, () => new OpusEncoder());
    const decoders = encoders.map(() => new OpusDecoder(sampleRate));
    const tones = encoders.map((_, index) => sine(300 + 2 * index, { sampleRate, ms: 200 }));
    for (const index of [0, 137, 299]) {
      const packets = packetsOf(tones[index]!, sampleRate).map((packet) => encoders[index]!.encode(packet).slice());
      const heard = Int16Array.from(packets.flatMap((packet) => [...decoders[index]!.decode(packet)]));
      expect(Math.abs(dominantFrequency(heard.subarray(640), sampleRate)! - (300 + 2 * index))).toBeLessThanOrEqual(2);
    }
    for (const codec of [...encoders, ...decoders]) codec.close();
    // Closing twice frees once: what is made now has the room of another, and both work.
    for (const codec of encoders) codec.close();
    const [one, other] = [new OpusDecoder(sampleRate), new OpusDecoder(sampleRate)];
    const packets = say(tones[0]!);
    const heard = packets.map((packet) => [levelDbov(one.decode(packet)), levelDbov(other.decode(packet))]);
    expect(heard.every(([a, b]) => a === b)).toBe(true);
  });

  it('takes no more memory for the thousandth voice than for the hundredth', () => {
    const memory = () => opusLibrary().functions.memory.buffer.byteLength;
    const useOnce = () => {
      const encoders = Array.from({ length: 100 }, () => new OpusEncoder());
      const decoders = encoders.map(() => new OpusDecoder(sampleRate));
      for (const codec of [...encoders, ...decoders]) codec.close();
    };
    useOnce();
    const before = memory();
    for (let round = 0; round < 9; round += 1) useOnce();
    expect(memory()).toBe(before);
  });

  it('lets threads end in the middle, and never loads the native build', async () => {
    const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
    const program = `
      import('tsx/esm/api').then(({ register }) => register()).then(() => Promise.all([import(${module('./opus-decoder.ts')}), import(${module('./opus-encoder.ts')})])).then(
        ([{ OpusDecoder }, { OpusEncoder }]) => {
          const decoder = new OpusDecoder(16000), encoder = new OpusEncoder(), pcm = new Int16Array(320).fill(900);
          setInterval(() => decoder.decode(encoder.encode(pcm)), 1);
          decoder.decode(encoder.encode(pcm));
          require('node:worker_threads').parentPort.postMessage(process.report.getReport().sharedObjects);
        });`;
    const ends = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const worker = new Worker(program, { eval: true });
        const libraries = await new Promise<string[]>((resolve, reject) => {
          worker.once('message', resolve).once('error', reject);
        });
        await worker.terminate();
        return libraries;
      }),
    );
    expect(ends.flat().filter((path) => path.includes('@evan'))).toEqual([]);
  });

  describe.skipIf(!requireOrSkip('ffmpeg'))('with ffmpeg', () => {
    function ffmpeg(args: readonly string[], input?: Uint8Array): Buffer {
      const quiet = ['-hide_banner', '-loglevel', 'error'];
      return execFileSync(requirePath('ffmpeg'), [...quiet, ...args], { input: input ?? '', maxBuffer: 2 ** 24 });
    }

    it('is understood', async () => {
      const file = await writeOgg(say(sine(620, { sampleRate, ms: 1000 })), sampleRate);
      const raw = ffmpeg(['-f', 'ogg', '-i', 'pipe:0', '-f', 's16le', '-ar', '16000', '-ac', '1', 'pipe:1'], file);
      const heard = new Int16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength));
      expect(Math.abs(heard.length / sampleRate - 1)).toBeLessThan(0.05);
      expect(dominantFrequency(heard, sampleRate)).toBe(620);
    });

    it.each([
      ['a browser sends: 48 kHz, stereo, music', ['-ac', '2', '-b:a', '96k', '-application', 'audio']],
      ['a phone sends: a narrow voice in packets of 60 ms', ['-ac', '1', '-b:a', '12k', '-frame_duration', '60']],
      ['a stream of the shortest packets: 2.5 ms', ['-ac', '1', '-b:a', '64k', '-frame_duration', '2.5']],
    ])('understands what %s', async (_name, options) => {
      const source = 'sine=frequency=930:sample_rate=48000:duration=1';
      const file = ffmpeg(['-f', 'lavfi', '-i', source, '-c:a', 'libopus', ...options, '-f', 'ogg', 'pipe:1']);
      for (const rate of [8000, 16_000] as const) {
        const decoder = new OpusDecoder(rate);
        const heard = Int16Array.from((await readOgg(file)).flatMap((packet) => [...decoder.decode(packet)]));
        expect(Math.abs(heard.length / rate - 1)).toBeLessThan(0.1);
        expect(dominantFrequency(heard, rate)).toBe(930);
        expect(toneShareDb(heard, rate, 930)).toBeGreaterThan(-0.5);
      }
    });
  });
});
