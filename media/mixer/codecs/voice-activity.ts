import { meanSquare } from './levels.ts';
import type { VoiceRate } from './voice-codec.ts';

/** So much above what is always there is a voice. */
const marginDb = 6;
/** What is louder than this and the margin is never taken for noise, however long it stays: music, tones. */
const highestFloorDbov = -40;
const lowestFloorDbov = -70;
/** What is always there grows slower than a sentence lasts, and is found again in the first pause. */
const riseDbPerSecond = 1;
const fallPerFrame = 0.3;

/** Tells voice from the noise behind it by its level against the lowest of late: simple, and right for telephones. */
export class VoiceActivity {
  /** Of the last samples, in dBov, -127 of nothing. */
  levelDbov = -127;
  readonly #sampleRate: VoiceRate;
  #floorDbov = highestFloorDbov;

  constructor(sampleRate: VoiceRate) {
    this.#sampleRate = sampleRate;
  }

  /** Whether somebody speaks in it. To be asked of each packet once, in order. */
  isVoice(pcm: Int16Array): boolean {
    const energy = meanSquare(pcm);
    const level = energy === 0 ? -127 : Math.max(-127, 10 * Math.log10(energy));
    this.levelDbov = level;
    const floor = this.#floorDbov;
    const moved =
      level < floor
        ? floor + (level - floor) * fallPerFrame
        : Math.min(level, floor + (riseDbPerSecond * pcm.length) / this.#sampleRate);
    this.#floorDbov = Math.max(lowestFloorDbov, Math.min(highestFloorDbov, moved));
    return level > this.#floorDbov + marginDb;
  }
}
