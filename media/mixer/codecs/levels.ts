import { limit16 } from './limits.ts';

const silenceDbov = -127;

/** RFC 6464: of 0 dBov, the loudest that can be said, down to -127; a sine of full scale has -3. A whole number. */
export function levelDbov(pcm: Int16Array): number {
  const energy = meanSquare(pcm);
  // Plus 0: rounding makes a zero with a sign.
  return energy === 0 ? silenceDbov : Math.max(silenceDbov, Math.round(10 * Math.log10(energy)) + 0);
}

/** Of a full scale of 1; 0 of nothing. */
export function meanSquare(pcm: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < pcm.length; i += 1) {
    const sample = pcm[i] ?? 0;
    sum += sample * sample;
  }
  return pcm.length === 0 ? 0 : sum / pcm.length / 2 ** 30;
}

export function dbToGain(db: number): number {
  return 10 ** (db / 20);
}

/** Adds a voice to a sum, which is as long. */
export function addVoice(sum: Int32Array, pcm: Int16Array): void {
  for (let i = 0; i < pcm.length; i += 1) sum[i] = (sum[i] ?? 0) + (pcm[i] ?? 0);
}

/** The sum, or what it is without `own`, as samples; what is too loud is cut. */
export function takeMix(sum: Int32Array, mix: Int16Array, own?: Int16Array): void {
  if (own === undefined) for (let i = 0; i < mix.length; i += 1) mix[i] = limit16(sum[i] ?? 0);
  else for (let i = 0; i < mix.length; i += 1) mix[i] = limit16((sum[i] ?? 0) - (own[i] ?? 0));
}
