import { AppError } from '../../../core/errors.ts';
import { Downsampler, Upsampler } from '../codecs/resample.ts';
import type { VoiceRate } from '../codecs/voice-codec.ts';
import type { PlayOptions, PlayResult, Sound } from './sounds.ts';

/** Of each of several tones together; one alone is as loud as two (ITU-T Q.35 section 7: -10 dBm0). */
const toneSumAmplitude = 8_000;

interface Playing {
  readonly sounds: readonly Sound[];
  readonly options: PlayOptions;
  readonly onEnd: (result: PlayResult) => void;
  /** The sound that is heard now, and how much of it was. */
  index: number;
  heardMs: number;
}

/** Where somebody is in what plays, for another thread to go on. */
export interface PlayingState {
  readonly sounds: readonly Sound[];
  readonly options: PlayOptions;
  readonly index: number;
  readonly heardMs: number;
}

const frameMs = 20;

/** Plays sounds one after the other, in frames of 20 ms; each begins with a frame of its own. */
export class Player {
  #rate: VoiceRate;
  #frame: Int16Array;
  #half = new Int16Array(160);
  #whole = new Int16Array(320);
  #upsampler = new Upsampler();
  #downsampler = new Downsampler();
  #playing: Playing | undefined;

  constructor(rate: VoiceRate) {
    this.#rate = rate;
    this.#frame = new Int16Array((rate / 1000) * frameMs);
  }

  setRate(rate: VoiceRate): void {
    if (rate === this.#rate) return;
    this.#rate = rate;
    this.#frame = new Int16Array((rate / 1000) * frameMs);
  }

  get isPlaying(): boolean {
    return this.#playing !== undefined;
  }

  get canBeBarged(): boolean {
    return this.#playing?.options.bargeIn === true;
  }

  play(sounds: readonly Sound[], options: PlayOptions, onEnd: (result: PlayResult) => void): void {
    this.#begin({ sounds, options, onEnd, index: 0, heardMs: 0 });
  }

  /** Plays behind what plays; `onEnd` is told where nothing does. @throws {AppError} RATE_LIMITED beyond `most` that are to be heard. */
  append(sounds: readonly Sound[], most: number, onEnd: (result: PlayResult) => void): void {
    const playing = this.#playing;
    if (!playing) {
      this.play(sounds, {}, onEnd);
      return;
    }
    const left = playing.sounds.slice(playing.index);
    if (left.length + sounds.length > most) throw new AppError('RATE_LIMITED', { what: 'sounds' });
    this.#playing = { ...playing, sounds: [...left, ...sounds], index: 0 };
  }

  goOn(state: PlayingState, onEnd: (result: PlayResult) => void): void {
    this.#begin({ ...state, onEnd });
  }

  stop(result: 'barged' | 'stopped'): void {
    this.#end(result);
  }

  state(): PlayingState | undefined {
    if (!this.#playing) return undefined;
    const { onEnd: _, ...state } = this.#playing;
    return state;
  }

  /** The next 20 ms, in an array that the next call uses again; undefined when nothing plays. */
  next(): Int16Array | undefined {
    const playing = this.#playing;
    if (!playing) return undefined;
    // Sounds of no length end at once; all of them may be.
    const maxSteps = 2 * (playing.sounds.length + 1);
    for (let step = 0; step < maxSteps; step += 1) {
      const sound = playing.sounds[playing.index];
      if (!sound) {
        const isHeardAgain = playing.options.loop === true && playing.sounds.length > 0;
        if (!isHeardAgain) break;
        playing.index = 0;
        playing.heardMs = 0;
        continue;
      }
      if (playing.heardMs < lengthMs(sound)) {
        this.#render(sound, playing.heardMs);
        playing.heardMs += frameMs;
        return this.#frame;
      }
      playing.index += 1;
      playing.heardMs = 0;
    }
    this.#end('played');
    return undefined;
  }

  #begin(playing: Playing): void {
    this.#end('stopped');
    this.#upsampler = new Upsampler();
    this.#downsampler = new Downsampler();
    this.#playing = playing;
  }

  #end(result: PlayResult): void {
    const playing = this.#playing;
    this.#playing = undefined;
    playing?.onEnd(result);
  }

  #render(sound: Sound, fromMs: number): void {
    if ('pcm' in sound) this.#renderPcm(sound, fromMs);
    else if ('tones' in sound) this.#renderTones(sound, fromMs);
    else this.#frame.fill(0);
  }

  #renderPcm({ pcm, sampleRate }: { readonly pcm: Int16Array; readonly sampleRate: VoiceRate }, fromMs: number): void {
    const from = (fromMs * sampleRate) / 1000;
    const part = sampleRate === this.#rate ? this.#frame : sampleRate === 8000 ? this.#half : this.#whole;
    for (let i = 0; i < part.length; i += 1) part[i] = pcm[from + i] ?? 0;
    if (sampleRate === this.#rate) return;
    this.#frame.set((sampleRate === 8000 ? this.#upsampler : this.#downsampler).process(part));
  }

  #renderTones({ tones, ms }: { readonly tones: readonly number[]; readonly ms: number }, fromMs: number): void {
    const frame = this.#frame;
    const from = (fromMs * this.#rate) / 1000;
    const until = (ms * this.#rate) / 1000;
    for (let i = 0; i < frame.length; i += 1) {
      let sum = 0;
      const at = from + i;
      if (at < until) for (const hertz of tones) sum += Math.sin((2 * Math.PI * hertz * at) / this.#rate);
      frame[i] = (sum * toneSumAmplitude) / Math.max(1, tones.length);
    }
  }
}

function lengthMs(sound: Sound): number {
  if ('pcm' in sound) return (sound.pcm.length * 1000) / sound.sampleRate;
  return 'tones' in sound ? sound.ms : sound.silenceMs;
}
