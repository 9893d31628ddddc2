import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../test/support/random.ts';
import { requireOrSkip, requirePath } from '../../../test/support/require.ts';
import { dominantFrequency, sine, toneShareDb } from '../../../test/support/tones.ts';
import { G722Decoder } from './g722-decoder.ts';
import { G722Encoder } from './g722-encoder.ts';
import { snrDb } from './testing/snr.ts';

const sampleRate = 16_000;
/** What both filters take, in samples. */
const delay = 22;

/** Two seconds that rise through the whole band, with noise over the second one. */
function sweep(): Int16Array {
  const random = createRandom(722);
  return Int16Array.from({ length: 2 * sampleRate }, (_, index) => {
    const noise = index < sampleRate ? 0 : (random() - 0.5) * 6000;
    return Math.round(9000 * Math.sin((index * index) / 12_000) + 3000 * Math.sin(index / 9) + noise);
  });
}

function encoded(pcm: Int16Array): Uint8Array {
  const payload = new Uint8Array(pcm.length / 2);
  new G722Encoder(sampleRate).encode(pcm, payload);
  return payload;
}

function decoded(payload: Uint8Array): Int16Array {
  const pcm = new Int16Array(payload.length * 2);
  new G722Decoder(sampleRate).decode(payload, pcm);
  return pcm;
}

describe('G.722', () => {
  it.each([
    [300, 40],
    [1000, 35],
    [3000, 25],
    [6000, 15],
  ])('gives back a tone of %i Hz with %i dB above the noise', (hz, atLeastDb) => {
    const tone = sine(hz, { sampleRate, ms: 1000 });
    const heard = decoded(encoded(tone));
    expect(snrDb(tone, heard, delay)).toBeGreaterThan(atLeastDb);
  });

  it('gives back silence as silence', () => {
    const heard = decoded(encoded(new Int16Array(3200)));
    expect(Math.max(...heard.map(Math.abs))).toBeLessThan(4);
  });

  it('goes on from packet to packet as if it were one', () => {
    const pcm = sweep();
    const whole = encoded(pcm);
    const encoder = new G722Encoder(sampleRate);
    const decoder = new G722Decoder(sampleRate);
    const heard = new Int16Array(pcm.length);
    for (let at = 0; at < pcm.length; at += 320) {
      const payload = new Uint8Array(160);
      encoder.encode(pcm.subarray(at, at + 320), payload);
      expect(payload).toEqual(whole.subarray(at / 2, at / 2 + 160));
      decoder.decode(payload, heard.subarray(at, at + 320));
    }
    expect(heard).toEqual(decoded(whole));
  });

  it('at 8 kHz hears the lower half of the band, and speaks in it', () => {
    const low = sine(1000, { sampleRate: 8000, ms: 500 });
    const payload = new Uint8Array(low.length);
    new G722Encoder(8000).encode(low, payload);
    const wide = decoded(payload);
    expect(dominantFrequency(wide, 16_000)).toBe(1000);
    expect(toneShareDb(wide, 16_000, 1000)).toBeGreaterThan(-0.1);
    const heard = new Int16Array(payload.length);
    new G722Decoder(8000).decode(payload, heard);
    expect(snrDb(low, heard, 0)).toBeGreaterThan(30);
    expect(Math.max(...wide) / Math.max(...heard)).toBeCloseTo(1, 1);
  });

  it('comes back to the same sound after wrong bytes', () => {
    const tone = sine(700, { sampleRate, ms: 2000 });
    const payload = encoded(tone);
    payload.fill(0xa7, 3200, 3360);
    const heard = decoded(payload);
    expect(snrDb(tone.subarray(16_000), heard.subarray(16_000), delay)).toBeGreaterThan(30);
  });

  describe.skipIf(!requireOrSkip('ffmpeg'))('with ffmpeg, whose decoder passes the test sequences of ITU-T', () => {
    function ffmpeg(args: readonly string[], input: Uint8Array): Buffer {
      const quiet = ['-hide_banner', '-loglevel', 'error'];
      return execFileSync(requirePath('ffmpeg'), [...quiet, ...args], { input, maxBuffer: 2 ** 24 });
    }
    const raw = ['-f', 's16le', '-ar', String(sampleRate), '-ac', '1'];

    it('encodes to the same bytes', () => {
      const pcm = sweep();
      const theirs = ffmpeg([...raw, '-i', 'pipe:0', '-c:a', 'g722', '-f', 'g722', 'pipe:1'], bytesOf(pcm));
      expect(Buffer.compare(theirs, encoded(pcm))).toBe(0);
    });

    it('decodes to the same samples, also what nobody encoded', () => {
      const random = createRandom(64_000);
      const payload = Uint8Array.from({ length: 40_000 }, () => Math.floor(random() * 256));
      const theirs = ffmpeg(['-f', 'g722', '-i', 'pipe:0', '-f', 's16le', 'pipe:1'], payload);
      expect(Buffer.compare(theirs, bytesOf(decoded(payload)))).toBe(0);
    });
  });
});

function bytesOf(pcm: Int16Array): Buffer {
  return Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
}
