import { systemClock } from '../../../core/clock.ts';
import { type Logger, silentLogger } from '../../../core/log.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { toneShareDb } from '../../../test/support/tones.ts';
import { createPhoneMedia, type PhoneMediaOptions } from '../create-phone-media.ts';
import type { PhoneLeg, PhoneLegEvents, PhoneLegOptions, PhoneMedia } from '../phone-media.ts';
import type { RtpPhone } from './rtp-phone.ts';

/** Each file of tests runs in a process of its own, at the same time as others. */
const portMin = 30_000 + 500 * (process.pid % 50);

export interface RunningPhones extends AsyncDisposable {
  readonly phones: PhoneMedia;
}

export async function startPhones(
  overrides: Partial<PhoneMediaOptions> = {},
  entry?: URL,
  log: Logger = silentLogger,
): Promise<RunningPhones> {
  const options = {
    threads: 1,
    listenIp: '127.0.0.1',
    portMin,
    portMax: portMin + 499,
    // Tests share the machine: only those about it are to be refused.
    maxLateMs: 10_000,
    silenceTimeoutMs: 30_000,
    ...overrides,
  };
  const phones = await createPhoneMedia({ options, clock: systemClock, log, ...(entry && { entry }) });
  return { phones, [Symbol.asyncDispose]: () => phones.close() };
}

export const legDefaults: PhoneLegOptions = {
  id: 'leg',
  codecs: ['opus', 'G722', 'PCMU', 'PCMA'],
  srtp: 'never',
  announced: '127.0.0.1',
  inBandDtmf: false,
  levelControl: false,
  noiseGate: false,
  comfortNoise: false,
};

/** A leg that answered the phone's offer. */
export async function call(
  phones: PhoneMedia,
  phone: RtpPhone,
  overrides: Partial<PhoneLegOptions> = {},
): Promise<PhoneLeg> {
  const leg = await phones.openLeg({ ...legDefaults, ...overrides });
  phone.connect(await leg.answer(phone.describe()));
  return leg;
}

/** Waits until half a second of what comes is mostly this tone. */
export async function hears(read: () => Int16Array, hertz: number, what: string): Promise<void> {
  let pcm: number[] = [];
  await eventually(() => {
    pcm = [...pcm, ...read()].slice(-4000);
    return pcm.length === 4000 && toneShareDb(Int16Array.from(pcm), 8000, hertz) > -4;
  }, what);
}

/** How much of each tone is in what comes in the next while, in dB of the whole. */
export async function sharesOf(read: () => Int16Array, hertz: readonly number[], ms = 600): Promise<number[]> {
  read();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const pcm = read();
  return hertz.map((tone) => toneShareDb(pcm, 8000, tone));
}

/** All that a leg tells from now on, in order. */
export function recordLeg(
  leg: PhoneLeg,
): { readonly name: keyof PhoneLegEvents; readonly [detail: string]: unknown }[] {
  const told: { readonly name: keyof PhoneLegEvents }[] = [];
  for (const name of ['digit', 'silent', 'heard', 'heldChanged', 'closed'] as const) {
    leg.events.on(name, (payload) => told.push({ name, ...payload }));
  }
  return told;
}
