import { dbToGain } from './levels.ts';
import { VoiceActivity } from './voice-activity.ts';
import type { VoiceRate } from './voice-codec.ts';

/** Not to silence, which would sound as if the line were dead. */
const closedGain = dbToGain(-30);
/** The ends of words are low: it stays open for so long after them. */
const holdMs = 300;
const openMs = 2;
const closeMs = 100;

/** Holds back what comes in while nobody speaks: ten open microphones in a room are ten offices. */
export class NoiseGate {
  readonly #perMs: number;
  readonly #activity: VoiceActivity;
  #gain = closedGain;
  #heldMs = holdMs;

  constructor(sampleRate: VoiceRate) {
    this.#perMs = sampleRate / 1000;
    this.#activity = new VoiceActivity(sampleRate);
  }

  /** Changes the samples in place. */
  apply(pcm: Int16Array): void {
    this.#heldMs = this.#activity.isVoice(pcm) ? 0 : this.#heldMs + pcm.length / this.#perMs;
    const isOpen = this.#heldMs < holdMs;
    if (isOpen && this.#gain === 1) return;
    const wanted = isOpen ? 1 : closedGain;
    const step = (1 - closedGain) / ((isOpen ? openMs : -closeMs) * this.#perMs);
    let gain = this.#gain;
    for (let i = 0; i < pcm.length; i += 1) {
      gain = isOpen ? Math.min(wanted, gain + step) : Math.max(wanted, gain + step);
      pcm[i] = Math.round((pcm[i] ?? 0) * gain);
    }
    this.#gain = gain;
  }
}
