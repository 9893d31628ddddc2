import { dbToGain } from './levels.ts';
import { limit16 } from './limits.ts';
import { VoiceActivity } from './voice-activity.ts';
import type { VoiceRate } from './voice-codec.ts';

/** Where voices are brought, as they are spoken: near what telephones are built for (ITU-T P.56: -26 dBov). */
const wantedDbov = -23;
const mostDb = 15;
const leastDb = -12;
/** Up so slowly that it is not heard; down sooner, as what is too loud hurts. */
const upDbPerSecond = 3;
const downDbPerSecond = 12;
/** What is taken for the level of a voice: its last second, without pauses. */
const memorySeconds = 1;
/** -1 dB of full scale: no peak leaves louder. */
const loudestPeak = 29_200;
/** Within so long a peak that comes is pressed down. */
const pressMs = 2;

/** Brings a voice to the level of the others, slowly, and holds its peaks below full scale at once. */
export class LevelControl {
  readonly #sampleRate: VoiceRate;
  readonly #activity: VoiceActivity;
  #voiceDbov = wantedDbov;
  #gainDb = 0;
  #lastGain = 1;

  constructor(sampleRate: VoiceRate) {
    this.#sampleRate = sampleRate;
    this.#activity = new VoiceActivity(sampleRate);
  }

  /** Changes the samples in place. */
  apply(pcm: Int16Array): void {
    if (this.#activity.isVoice(pcm)) this.#follow(pcm.length / this.#sampleRate);
    const wanted = dbToGain(this.#gainDb);
    const peak = peakOf(pcm);
    const gain = peak * wanted > loudestPeak ? loudestPeak / peak : wanted;
    // Nothing to be done for a voice that is right.
    if (gain === 1 && this.#lastGain === 1) return;
    // Downwards at once, upwards over the whole packet.
    const ramp = gain < this.#lastGain ? Math.min(pcm.length, (pressMs * this.#sampleRate) / 1000) : pcm.length;
    const step = (gain - this.#lastGain) / ramp;
    let now = this.#lastGain;
    for (let i = 0; i < pcm.length; i += 1) {
      if (i < ramp) now += step;
      pcm[i] = limit16(Math.round((pcm[i] ?? 0) * now));
    }
    this.#lastGain = gain;
  }

  #follow(seconds: number): void {
    this.#voiceDbov += (this.#activity.levelDbov - this.#voiceDbov) * Math.min(1, seconds / memorySeconds);
    const wanted = Math.max(leastDb, Math.min(mostDb, wantedDbov - this.#voiceDbov));
    const change = wanted - this.#gainDb;
    this.#gainDb += Math.max(-downDbPerSecond * seconds, Math.min(upDbPerSecond * seconds, change));
  }
}

function peakOf(pcm: Int16Array): number {
  let peak = 0;
  for (let i = 0; i < pcm.length; i += 1) peak = Math.max(peak, Math.abs(pcm[i] ?? 0));
  return peak;
}
