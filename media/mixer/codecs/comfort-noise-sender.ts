import { VoiceActivity } from './voice-activity.ts';
import type { VoiceRate } from './voice-codec.ts';

/** The ends of words are low: packets go on for so long after them. */
const holdMs = 240;
/** The level is told again when it has changed by so much, or after so long. */
const changeDb = 3;
const repeatMs = 1000;
/** Of what is taken for the noise's level, each packet of 20 ms. */
const follow = 0.2;

/** What is to be sent for 20 ms. */
export type Sending = 'voice' | 'noise' | 'nothing';

/** Decides when the level of the noise is sent in place of samples (RFC 3389). */
export class ComfortNoiseSender {
  /** To be sent by the payload type CN when `next` says `noise`: the level alone. Used again. */
  readonly payload = new Uint8Array(1);
  readonly #perMs: number;
  readonly #activity: VoiceActivity;
  #quietMs = 0;
  #sinceToldMs = 0;
  #noiseDbov = -127;
  #toldDbov: number | undefined;

  constructor(sampleRate: VoiceRate) {
    this.#perMs = sampleRate / 1000;
    this.#activity = new VoiceActivity(sampleRate);
  }

  /** To be asked of each packet once, in order. */
  next(pcm: Int16Array): Sending {
    if (this.#activity.isVoice(pcm)) {
      this.#quietMs = 0;
      this.#toldDbov = undefined;
      return 'voice';
    }
    const ms = pcm.length / this.#perMs;
    const level = this.#activity.levelDbov;
    this.#noiseDbov = this.#quietMs === 0 ? level : this.#noiseDbov + (level - this.#noiseDbov) * follow;
    this.#quietMs += ms;
    this.#sinceToldMs += ms;
    if (this.#quietMs <= holdMs) return 'voice';
    const isNews = this.#toldDbov === undefined || Math.abs(this.#noiseDbov - this.#toldDbov) >= changeDb;
    if (!isNews && this.#sinceToldMs < repeatMs) return 'nothing';
    this.#toldDbov = this.#noiseDbov;
    this.#sinceToldMs = 0;
    this.payload[0] = Math.max(0, Math.min(127, Math.round(-this.#noiseDbov)));
    return 'noise';
  }
}
