// Sounds that are told apart by their pitch: made, stored as WAV files, and found again in what a phone recorded.

import { readFile, writeFile } from 'node:fs/promises';

export interface Sound {
  readonly sampleRate: number;
  /** Samples by channel, each as long as the first. */
  readonly channels: readonly Int16Array[];
}

interface SineOptions {
  readonly sampleRate: number;
  readonly ms: number;
  /** Of a full scale of 1. */
  readonly amplitude?: number;
}

export function sine(hz: number, { sampleRate, ms, amplitude = 0.3 }: SineOptions): Int16Array {
  const step = (2 * Math.PI * hz) / sampleRate;
  return Int16Array.from({ length: Math.round((ms * sampleRate) / 1000) }, (_, index) =>
    Math.round(32_767 * amplitude * Math.sin(step * index)),
  );
}

/** Long enough to tell 20 Hz apart, short enough that a jump in between spoils little. */
const blockMs = 100;

/**
 * How much of the sound is a tone of this pitch, in dB of its power against all of it: about 0 where it is nothing
 * else, -20 of noise in a telephone's band, -Infinity in silence. Pitches less than 20 Hz away count as this one.
 */
export function toneShareDb(pcm: Int16Array, sampleRate: number, hz: number): number {
  let tone = 0;
  let all = 0;
  for (const block of blocksOf(pcm, sampleRate)) {
    tone += powerAt(block, sampleRate, hz);
    all += block.reduce((sum, sample) => sum + sample * sample, 0) / block.length;
  }
  // Hann's window takes 3/8 of all power, and half of a tone's amplitude.
  return all === 0 ? Number.NEGATIVE_INFINITY : 10 * Math.log10((tone * 4) / ((all * 8) / 3));
}

/** The pitch of which there is most, in Hz, from 50 up to half of the rate; undefined in silence. */
export function dominantFrequency(pcm: Int16Array, sampleRate: number): number | undefined {
  const blocks = blocksOf(pcm, sampleRate);
  const loudest = (from: number, to: number, step: number) => {
    let best: number | undefined;
    let most = 0;
    for (let hz = from; hz <= to; hz += step) {
      const power = blocks.reduce((sum, block) => sum + powerAt(block, sampleRate, hz), 0);
      if (power > most) [most, best] = [power, hz];
    }
    return best;
  };
  const about = loudest(50, sampleRate / 2 - 50, 10);
  return about === undefined ? undefined : loudest(about - 10, about + 10, 1);
}

/** Each with Hann's window, so that what is left at the ends does not count. */
function blocksOf(pcm: Int16Array, sampleRate: number): Float64Array[] {
  const length = Math.min(pcm.length, Math.round((blockMs * sampleRate) / 1000));
  const window = Float64Array.from({ length }, (_, index) => Math.sin((Math.PI * index) / length) ** 2);
  const blocks: Float64Array[] = [];
  for (let from = 0; length > 0 && from + length <= pcm.length; from += length) {
    blocks.push(window.map((weight, index) => weight * (pcm[from + index] ?? 0)));
  }
  return blocks;
}

/** Goertzel: the power of a sine of this pitch. */
function powerAt(block: Float64Array, sampleRate: number, hz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / sampleRate);
  let last = 0;
  let before = 0;
  for (const sample of block) {
    const next = sample + turn * last - before;
    before = last;
    last = next;
  }
  return (2 * (last * last + before * before - turn * last * before)) / block.length ** 2;
}

const headerBytes = 44;
const pcmFormat = 1;
const extensibleFormat = 0xfffe;

/** RIFF with PCM of 16 bits. */
export async function writeWav(path: string, { sampleRate, channels }: Sound): Promise<void> {
  const length = channels[0]?.length ?? 0;
  const frameBytes = 2 * channels.length;
  const file = Buffer.alloc(headerBytes + length * frameBytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(pcmFormat, 20);
  file.writeUInt16LE(channels.length, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt32LE(sampleRate * frameBytes, 28);
  file.writeUInt16LE(frameBytes, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(length * frameBytes, 40);
  for (const [number, channel] of channels.entries()) {
    for (const [index, sample] of channel.entries()) {
      file.writeInt16LE(sample, headerBytes + index * frameBytes + 2 * number);
    }
  }
  await writeFile(path, file);
}

/**
 * PCM of 16 bits, also from a file that is still written, or whose writer was ended before it could tell the length.
 *
 * @throws {Error} of anything else.
 */
export async function readWav(path: string): Promise<Sound> {
  const file = await readFile(path);
  if (file.toString('latin1', 0, 4) !== 'RIFF') throw new Error(`${path} is no WAV file`);
  let format: { readonly channels: number; readonly sampleRate: number } | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const name = file.toString('latin1', at, at + 4);
    const length = file.readUInt32LE(at + 4);
    const content = file.subarray(at + 8, at + 8 + length);
    if (name === 'fmt ') {
      const kind = content.readUInt16LE(0);
      if ((kind !== pcmFormat && kind !== extensibleFormat) || content.readUInt16LE(14) !== 16) {
        throw new Error(`${path} is not PCM of 16 bits`);
      }
      format = { channels: content.readUInt16LE(2), sampleRate: content.readUInt32LE(4) };
    }
    if (name === 'data' && format) {
      const told = length === 0 || length > content.length ? file.subarray(at + 8) : content;
      return { sampleRate: format.sampleRate, channels: channelsOf(told, format.channels) };
    }
    at += 8 + length + (length % 2);
  }
  throw new Error(`${path} has no samples`);
}

function channelsOf(data: Buffer, count: number): Int16Array[] {
  const length = Math.floor(data.length / (2 * count));
  return Array.from({ length: count }, (_, number) =>
    Int16Array.from({ length }, (_sample, index) => data.readInt16LE(2 * (index * count + number))),
  );
}
