import { clamp } from './resample.ts';

/** What is quieter than this is no speech, of 32,768. */
const silence = 150;
/** Kept around the speech, so that nothing is clipped. */
const marginMs = 30;
/** As loud as people speak on telephones (ITU-T P.56): -20 dBov, and no peak above -3 dBov. */
const speechRms = 32_768 * 10 ** (-20 / 20);
const peak = 32_768 * 10 ** (-3 / 20);

/** Without the silence at its ends, and as loud as the others. */
export function evenOut(pcm: Int16Array, sampleRate: number): Int16Array {
  const isSpeech = (sample: number) => Math.abs(sample) > silence;
  const margin = (marginMs * sampleRate) / 1_000;
  const first = Math.max(pcm.findIndex(isSpeech) - margin, 0);
  const speech = pcm.slice(first, pcm.findLastIndex(isSpeech) + margin);
  const loud = speech.filter(isSpeech);
  const rms = Math.sqrt(loud.reduce((sum, sample) => sum + sample * sample, 0) / loud.length);
  const highest = speech.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
  const gain = Math.min(speechRms / rms, peak / highest);
  return speech.map((sample) => clamp(sample * gain));
}
