import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Baresip } from '../sip-baresip.ts';
import { readWav, toneShareDb } from '../tones.ts';
import { type TestPhone, tones } from './phone.ts';

/** Of 4.4 that a line without faults has, on a machine so busy that packets are late; how it falls is in the tests of records. */
export const fairMos = 2;

export interface Heard {
  readonly sampleRate: number;
  readonly pcm: Int16Array;
}

/** What a phone heard in its calls, the first one first; each is whole when the call has ended. */
export async function heardBy(phone: Pick<Baresip, 'folder'>): Promise<readonly Heard[]> {
  const names = readdirSync(phone.folder).filter((name) => name.endsWith('-dec.wav'));
  const sounds = await Promise.all(names.sort().map((name) => readWav(join(phone.folder, name))));
  return sounds.map(({ sampleRate, channels: [pcm = new Int16Array()] }) => ({ sampleRate, pcm }));
}

export function firstOf({ sampleRate, pcm }: Heard, ms: number): Heard {
  return { sampleRate, pcm: pcm.subarray(0, Math.round((sampleRate * ms) / 1_000)) };
}

/** The last so many milliseconds: before, somebody else spoke. */
export function lastOf({ sampleRate, pcm }: Heard, ms: number): Heard {
  return { sampleRate, pcm: pcm.subarray(Math.max(pcm.length - Math.round((sampleRate * ms) / 1_000), 0)) };
}

/** One hears the tone of the other, and nothing of its own: no echo, no swapped legs, no silence. */
export function expectToHear(heard: Heard | undefined, whose: keyof typeof tones): void {
  expect(heard, 'there is a recording').toBeDefined();
  if (heard === undefined) return;
  const others = Object.entries(tones).filter(([name]) => name !== whose);
  expect(toneShareDb(heard.pcm, heard.sampleRate, tones[whose]), `the tone of ${whose}`).toBeGreaterThan(-3);
  for (const [name, hz] of others)
    expect(toneShareDb(heard.pcm, heard.sampleRate, hz), `the tone of ${name}`).toBeLessThan(-30);
}

/** What a phone heard in its newest call in the next milliseconds; nothing of before, where nothing came. */
export async function listenAt(phone: Pick<Baresip, 'folder'>, ms = 1_000): Promise<Heard | undefined> {
  const before = await heardBy(phone);
  await delay(ms);
  const after = await heardBy(phone);
  const newest = after.at(-1);
  const known = before.at(after.length - 1)?.pcm.length ?? 0;
  return newest && lastOf({ ...newest, pcm: newest.pcm.subarray(known) }, ms);
}

/** What is heard from now on, for so long; one that takes its own time may. */
type Listen = (ms: number) => Promise<Heard | undefined>;

/** Listens again and again until that tone alone is heard: what was said before is over then, and all ways are open. */
export function untilHeard(listen: Listen, whose: keyof typeof tones, deadlineMs = 20_000): Promise<void> {
  return until(listen, (heard) => expectToHear(heard, whose), deadlineMs);
}

/** Until each of the two hears the other alone. */
export async function hearEachOther(one: TestPhone, other: TestPhone): Promise<void> {
  await Promise.all(
    [
      { phone: one, whose: other.user },
      { phone: other, whose: one.user },
    ].map(({ phone, whose }) => untilHeard((ms) => listenAt(phone, ms), whose)),
  );
}

/** Listens again and again until none of the tones is heard: what was under way has arrived by then. */
export function untilSilent(listen: Listen, deadlineMs = 5_000): Promise<void> {
  return until(listen, expectSilence, deadlineMs);
}

/** Of what is judged as one. */
const judgedMs = 1_000;
/** What has changed is known that soon after it has been so for `judgedMs`. */
const pieceMs = 200;

interface Piece {
  readonly heard: Heard | undefined;
  readonly ms: number;
}

const lengthOf = (pieces: readonly Piece[]) => pieces.reduce((sum, { ms }) => sum + ms, 0);

async function until(listen: Listen, expectIt: (heard: Heard | undefined) => void, deadlineMs: number): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  const pieces: Piece[] = [];
  for (;;) {
    const fromMs = performance.now();
    const heard = await listen(pieceMs);
    pieces.push({ heard, ms: performance.now() - fromMs });
    while (lengthOf(pieces.slice(1)) >= judgedMs) pieces.shift();
    if (lengthOf(pieces) < judgedMs) continue;
    try {
      expectIt(joined(pieces.map((piece) => piece.heard)));
      return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
  }
}

/** Nothing where one of them is missing. */
function joined(pieces: readonly (Heard | undefined)[]): Heard | undefined {
  const all = pieces.filter((piece) => piece !== undefined);
  const [first] = all;
  if (first === undefined || all.length < pieces.length) return undefined;
  return { ...first, pcm: Int16Array.from(all.flatMap(({ pcm }) => [...pcm])) };
}

/** Neither tone is heard. */
export function expectSilence(heard: Heard | undefined): void {
  expect(heard, 'there is a recording').toBeDefined();
  if (heard === undefined) return;
  for (const [name, hz] of Object.entries(tones))
    expect(loudnessDb(heard, hz), `the tone of ${name}`).toBeLessThan(-50);
}

/** Of a tone, in dB of full scale. */
export function loudnessDb({ pcm, sampleRate }: Heard, hz: number): number {
  const power = pcm.reduce((sum, sample) => sum + (sample / 32_768) ** 2, 0) / Math.max(pcm.length, 1);
  return power === 0 ? Number.NEGATIVE_INFINITY : 10 * Math.log10(power) + toneShareDb(pcm, sampleRate, hz);
}
