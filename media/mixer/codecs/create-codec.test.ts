import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dominantFrequency, sine, toneShareDb } from '../../../test/support/tones.ts';
import { createDecoder, createEncoder } from './create-codec.ts';
import { levelDbov } from './levels.ts';
import type { PhoneCodec, VoiceDecoder, VoiceEncoder, VoiceRate } from './voice-codec.ts';

const codecs: PhoneCodec[] = ['opus', 'G722', 'PCMU', 'PCMA'];
const rates: VoiceRate[] = [8000, 16_000];
const each = codecs.flatMap((codec) => rates.map((sampleRate) => ({ codec, sampleRate })));

function hear(decoder: VoiceDecoder, packets: readonly (Uint8Array | 'lost')[]): Int16Array {
  return Int16Array.from(
    packets.flatMap((packet) => [...(packet === 'lost' ? decoder.conceal() : decoder.decode(packet))]),
  );
}

function say(encoder: VoiceEncoder, pcm: Int16Array, ms = 20): Uint8Array[] {
  const length = (encoder.sampleRate * ms) / 1000;
  return Array.from({ length: pcm.length / length }, (_, index) =>
    encoder.encode(pcm.subarray(index * length, (index + 1) * length)).slice(),
  );
}

describe.each(each)('$codec at $sampleRate Hz', ({ codec, sampleRate }) => {
  it('gives back a tone, as loud as it was', () => {
    const tone = sine(700, { sampleRate, ms: 1000 });
    const heard = hear(createDecoder(codec, sampleRate), say(createEncoder(codec, { sampleRate }), tone));
    expect(heard.length).toBe(tone.length);
    expect(dominantFrequency(heard, sampleRate)).toBe(700);
    expect(toneShareDb(heard.subarray(sampleRate / 10), sampleRate, 700)).toBeGreaterThan(-0.2);
    expect(Math.abs(levelDbov(heard.subarray(sampleRate / 10)) - levelDbov(tone))).toBeLessThanOrEqual(1);
  });

  it.each([10, 20, 40, 60, 120])('takes packets of %i ms', (ms) => {
    const tone = sine(700, { sampleRate, ms: 240 });
    const packets = say(createEncoder(codec, { sampleRate }), tone, ms);
    const decoder = createDecoder(codec, sampleRate);
    expect(packets.length).toBe(240 / ms);
    for (const packet of packets) expect(decoder.decode(packet).length).toBe((sampleRate * ms) / 1000);
    expect(decoder.conceal().length).toBe((sampleRate * ms) / 1000);
  });

  it('speaks on through a lost packet', () => {
    const tone = sine(300, { sampleRate, ms: 1000 });
    const packets = say(createEncoder(codec, { sampleRate }), tone);
    const heard = hear(
      createDecoder(codec, sampleRate),
      packets.map((packet, index) => (index % 10 === 9 ? 'lost' : packet)),
    );
    expect(heard.length).toBe(tone.length);
    expect(toneShareDb(heard.subarray(sampleRate / 10), sampleRate, 300)).toBeGreaterThan(-1);
  });

  it('conceals 20 ms before the first packet', () => {
    const silence = createDecoder(codec, sampleRate).conceal();
    expect(silence.length).toBe(sampleRate / 50);
    expect(levelDbov(silence)).toBe(-127);
  });

  it('takes any bytes, and any packet after them', () => {
    const tone = say(createEncoder(codec, { sampleRate }), sine(500, { sampleRate, ms: 100 }));
    fc.assert(
      fc.property(fc.array(fc.option(fc.uint8Array({ maxLength: 1500 })), { maxLength: 8 }), (packets) => {
        const decoder = createDecoder(codec, sampleRate);
        for (const packet of packets) {
          const pcm = packet ? decoder.decode(packet) : decoder.conceal();
          expect(pcm.length).toBeGreaterThan(0);
          expect(pcm.length).toBeLessThanOrEqual((sampleRate * 120) / 1000);
        }
        if (packets[0]) decoder.conceal(packets[0]);
        expect(hear(decoder, tone).length).toBe(sampleRate / 10);
        decoder.close();
      }),
    );
  });

  it('takes packets far too long', () => {
    const decoder = createDecoder(codec, sampleRate);
    for (const length of [1276, 8192, 8193, 65_535]) {
      expect(decoder.decode(new Uint8Array(length).fill(0x4b)).length).toBeLessThanOrEqual((sampleRate * 120) / 1000);
    }
  });

  it('refuses to encode what is no packet', () => {
    const encoder = createEncoder(codec, { sampleRate });
    expect(() => encoder.encode(new Int16Array(sampleRate / 5))).toThrow(RangeError);
    if (codec === 'opus') expect(() => encoder.encode(new Int16Array(77))).toThrow(RangeError);
    // And goes on.
    expect(encoder.encode(sine(500, { sampleRate, ms: 20 })).length).toBeGreaterThan(10);
  });

  it('keeps its arrays, so that nothing is left behind', () => {
    const encoder = createEncoder(codec, { sampleRate });
    const decoder = createDecoder(codec, sampleRate);
    const payload = encoder.encode(sine(500, { sampleRate, ms: 20 })).slice();
    const first = decoder.decode(payload);
    expect(decoder.decode(payload)).toBe(first);
    expect(decoder.conceal()).toBe(first);
    const other = createDecoder(codec, sampleRate);
    const before = first.slice();
    other.decode(encoder.encode(new Int16Array(sampleRate / 50)));
    expect(first).toEqual(before);
  });
});

it.each([
  ['opus', 16_000],
  ['G722', 16_000],
  ['PCMU', 8000],
  ['PCMA', 8000],
] as const)('%s has %i Hz where no rate is wanted', (codec, sampleRate) => {
  expect(createDecoder(codec).sampleRate).toBe(sampleRate);
  expect(createEncoder(codec).sampleRate).toBe(sampleRate);
});
