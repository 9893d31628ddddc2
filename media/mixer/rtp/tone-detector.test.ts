import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readWav } from '../../../test/support/tones.ts';
import { ToneDetector } from './tone-detector.ts';

type Rate = 8000 | 16_000;
interface Tone {
  readonly hz: number;
  /** Of full scale, dB. */
  readonly level: number;
}

const tonesOf: Readonly<Record<string, readonly [number, number]>> = Object.fromEntries(
  ['123A', '456B', '789C', '*0#D'].flatMap((keys, row) =>
    [...keys].map((key, column) => [key, [[697, 770, 852, 941][row]!, [1209, 1336, 1477, 1633][column]!]] as const),
  ),
);

function sound(ms: number, tones: readonly Tone[], { rate = 8000 as Rate, noise = 0, seed = 1 } = {}): Int16Array {
  let random = seed;
  return Int16Array.from({ length: (ms * rate) / 1000 }, (_, at) => {
    random = (random * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    const hiss = (random / 0x4000_0000 - 1) * noise;
    const sum = tones.reduce(
      (sum, { hz, level }) => sum + 10 ** (level / 20) * Math.sin((2 * Math.PI * hz * at) / rate),
      hiss,
    );
    return Math.max(-32_768, Math.min(32_767, Math.round(sum * 32_767)));
  });
}

interface Press {
  readonly rate?: Rate;
  readonly low?: number;
  readonly high?: number;
  readonly off?: number;
  readonly noise?: number;
}

function press(key: string, ms: number, { rate = 8000, low = -13, high = -13, off = 1, noise = 0 }: Press = {}) {
  const [row, column] = tonesOf[key]!;
  const tones = [
    { hz: row * off, level: low },
    { hz: column * off, level: high },
  ];
  return sound(ms, tones, { rate, noise });
}

/** Pushes it in ticks of 20 ms. */
function heard(parts: readonly Int16Array[], rate: Rate = 8000) {
  const detector = new ToneDetector({ sampleRate: rate });
  const all = Int16Array.from(parts.flatMap((part) => [...part]));
  const frame = rate / 50;
  const digits = [];
  for (let from = 0; from < all.length; from += frame) digits.push(...detector.push(all.subarray(from, from + frame)));
  return digits;
}

const spelled = (...parts: Parameters<typeof heard>) =>
  heard(...parts)
    .map(({ digit }) => digit)
    .join('');
const pause = (ms: number, rate: Rate = 8000) => sound(ms, [], { rate, noise: 0.001 });
const all = '123A456B789C*0#D';

describe('tones in the sound', () => {
  test.each<Rate>([8000, 16_000])('are told as digits: %i Hz', (rate) => {
    const parts = [...all].flatMap((key) => [press(key, 80, { rate }), pause(80, rate)]);
    const digits = heard([pause(33, rate), ...parts], rate);
    expect(digits.map(({ digit }) => digit).join('')).toBe(all);
    for (const { durationMs } of digits) expect(Math.abs(durationMs - 80)).toBeLessThanOrEqual(26);
  });

  test('of 40 ms with pauses of 40 ms are told, wherever they begin', () => {
    for (let shift = 0; shift < 13; shift++) {
      const parts = [...all].flatMap((key) => [press(key, 40), pause(40)]);
      expect(spelled([pause(20 + shift), ...parts])).toBe(all);
    }
  });

  test('of 23 ms are none', () => {
    for (let shift = 0; shift < 13; shift++) {
      for (const key of all) expect(spelled([pause(20 + shift), press(key, 23), pause(60)])).toBe('');
    }
  });

  test('that are held are one digit, and so are those with a short gap in them', () => {
    const digits = heard([press('8', 3_000), pause(60)]);
    expect(digits).toHaveLength(1);
    expect(Math.abs(digits[0]!.durationMs - 3_000)).toBeLessThan(30);
    expect(spelled([press('8', 100), pause(8), press('8', 100), pause(60)])).toBe('8');
  });

  test.each([
    ['1.5 % too high', { off: 1.015 }],
    ['1.5 % too low', { off: 0.985 }],
    ['of the higher tone louder by 4 dB', { low: -17, high: -13 }],
    ['of the lower tone louder by 8 dB', { low: -13, high: -21 }],
    ['as quiet as from a long line', { low: -34, high: -34 }],
    ['as loud as it can be', { low: -6.1, high: -6.1 }],
    ['with noise 15 dB below', { noise: 0.09 }],
  ])('are told %s', (_, options) => {
    const parts = [...all].flatMap((key) => [press(key, 60, options), pause(60)]);
    expect(spelled([...parts])).toBe(all);
  });

  test.each([
    ['3.5 % off', { off: 1.035 }],
    ['of the higher tone louder by 9 dB', { low: -22, high: -13 }],
    ['of the lower tone louder by 13 dB', { low: -13, high: -26 }],
    ['too quiet', { low: -45, high: -45 }],
  ])('are none %s', (_, options) => {
    const parts = [...all].flatMap((key) => [press(key, 100, options), pause(60)]);
    expect(spelled(parts)).toBe('');
  });

  test.each([
    ['the dial tone', [350, 440]],
    ['ringing', [440, 480]],
    ['busy', [480, 620]],
    ['one tone of a pair', [697]],
    ['the other tone of a pair', [1336]],
    ['a pair with a third tone', [697, 1209, 1000]],
    ['two rows and a column', [697, 852, 1209]],
    ['a chord', [440, 554.37, 659.25, 880]],
    ['a voice’s harmonics', Array.from({ length: 20 }, (_, at) => 140 * (at + 1))],
    ['harmonics that meet a pair', Array.from({ length: 12 }, (_, at) => 133.3 * (at + 1))],
  ])('are not heard in %s', (_, hz) => {
    const tones = hz.map((each) => ({ hz: each, level: -14 - 2 * Math.log2(hz.length) }));
    expect(spelled([sound(1_000, tones), pause(60)])).toBe('');
  });

  test('are not heard in noise, nor in sweeps that are at no pair for long enough', () => {
    expect(spelled([sound(20_000, [], { noise: 0.5 })])).toBe('');
    for (const pace of [2_000, 4_000, 8_000]) {
      const sweep = Int16Array.from({ length: 8 * 1_000 }, (_, at) => {
        const seconds = at / 8_000;
        const phase = 2 * Math.PI * (300 * seconds + (pace * seconds * seconds) / 2);
        return Math.round(8_000 * Math.sin(phase) + 6_000 * Math.sin(phase * 1.9));
      });
      expect(spelled([sweep, pause(60)])).toBe('');
    }
  });

  test('are not heard in speech', async () => {
    const folder = new URL('../../../sip/prompts/en/', import.meta.url).pathname;
    const names = (await readdir(folder)).filter((name) => name.endsWith('.wav'));
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const { channels, sampleRate } = await readWav(`${folder}${name}`);
      // As it was spoken, and with a lower and a higher voice.
      for (const pitch of [0.8, 1, 1.25]) {
        const speech = Int16Array.from({ length: Math.floor(channels[0]!.length / pitch) }, (_, at) => {
          return channels[0]![Math.floor(at * pitch)]!;
        });
        expect(spelled([speech, pause(60, 16_000)], sampleRate as Rate), name).toBe('');
      }
    }
  });

  test('are read from pieces of any length', () => {
    const whole = Int16Array.from([...'4711'].flatMap((key) => [...press(key, 70), ...pause(70)]));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 5, maxLength: 50 }), (lengths) => {
        const detector = new ToneDetector({ sampleRate: 8000 });
        let digits = '';
        for (let from = 0, at = 0; from < whole.length; at++) {
          const length = lengths[at % lengths.length]!;
          for (const { digit } of detector.push(whole.subarray(from, from + length))) digits += digit;
          from += length;
        }
        expect(digits).toBe('4711');
      }),
    );
  });

  test('are pressed while they sound', () => {
    const detector = new ToneDetector({ sampleRate: 8000 });
    detector.push(press('6', 60));
    expect(detector.pressed).toBe('6');
    expect(detector.push(pause(60))).toHaveLength(1);
    expect(detector.pressed).toBeUndefined();
  });
});
