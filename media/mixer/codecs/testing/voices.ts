import { createRandom, type Random } from '../../../../test/support/random.ts';

/** White noise of so many dBov. */
export function noise(length: number, dbov: number, random: Random = createRandom(1)): Int16Array {
  const limit = 32_768 * 10 ** (dbov / 20) * Math.sqrt(3);
  return Int16Array.from({ length }, () => Math.round((2 * random() - 1) * limit));
}

/** Something like speech: syllables of a low voice of so many dBov, three each second, over noise. */
export function speech(length: number, sampleRate: number, dbov: number, noiseDbov: number): Int16Array {
  const behind = noise(length, noiseDbov);
  const amplitude = 32_768 * 10 ** (dbov / 20) * 2;
  return Int16Array.from({ length }, (_, index) => {
    const second = index / sampleRate;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3 * second)) ** 0.5;
    const voice = [1, 2, 3, 4, 5].reduce((sum, k) => sum + Math.sin(2 * Math.PI * 140 * k * second) / (k + 1), 0);
    return Math.round(amplitude * syllable * voice) + (behind[index] ?? 0);
  });
}

/** In packets of 20 ms. */
export function packetsOf(pcm: Int16Array, sampleRate: number): Int16Array[] {
  const length = sampleRate / 50;
  return Array.from({ length: pcm.length / length }, (_, index) => pcm.subarray(index * length, (index + 1) * length));
}
