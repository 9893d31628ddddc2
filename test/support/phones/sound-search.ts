// Looks for known sounds in what was heard: recorded voices and prompts, which no single tone tells.

import { readFileSync } from 'node:fs';
import { readWav } from '../tones.ts';
import type { Heard } from './recordings.ts';

/** Enough to know a voice by, and quick to search. */
const rate = 4_000;

/** Of words: where they were said, the likeness is more than 0.8, and less than 0.4 of others. */
export const isSaid = 0.6;

/** How much the part that is most alike is like the sound, 0 (there is nothing of it) to 1 (it is the same, however loud). */
export function likeness(heard: Heard, sound: Heard): number {
  const what = atLowRate(sound);
  // Of what is cut off at the end, the beginning is found.
  const where = Float32Array.from([...atLowRate(heard), ...new Float32Array(what.length)]);
  const power = energyOf(what);
  let best = 0;
  let within = energyOf(where.subarray(0, what.length));
  for (let from = 0; from + what.length <= where.length; from += 1) {
    let product = 0;
    for (let at = 0; at < what.length; at += 1) product += (what[at] ?? 0) * (where[from + at] ?? 0);
    if (within > 0) best = Math.max(best, Math.abs(product) / Math.sqrt(within * power));
    within += (where[from + what.length] ?? 0) ** 2 - (where[from] ?? 0) ** 2;
  }
  return best;
}

/** The shipped words of that name. */
export async function shippedPrompt(name: string): Promise<Heard> {
  const { sampleRate, channels } = await readWav(
    new URL(`../../../sip/prompts/en/${name}.wav`, import.meta.url).pathname,
  );
  return { sampleRate, pcm: channels[0] ?? new Int16Array() };
}

/** The RTP payloads of a capture of Ethernet, one behind the other. */
export function payloadsOf(pcapFile: string): Buffer {
  const [fileHeader, recordHeader, beforePayload] = [24, 16, 14 + 20 + 8 + 12];
  const file = readFileSync(pcapFile);
  const payloads: Buffer[] = [];
  for (let at = fileHeader; at < file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const packet = file.subarray(at + recordHeader, at + recordHeader + length);
    payloads.push(packet.subarray(beforePayload));
    at += recordHeader + length;
  }
  return Buffer.concat(payloads);
}

function atLowRate({ sampleRate, pcm }: Heard): Float32Array {
  const of = sampleRate / rate;
  return Float32Array.from({ length: Math.floor(pcm.length / of) }, (_, index) => {
    let sum = 0;
    for (let at = 0; at < of; at += 1) sum += pcm[index * of + at] ?? 0;
    return sum / of;
  });
}

function energyOf(samples: Float32Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0);
}
