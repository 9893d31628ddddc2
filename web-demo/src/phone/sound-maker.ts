// The sounds that a telephone makes by itself: a ring, the tone of waiting, clicks of keys. Made, not loaded.

import { tonesOf } from './key-tones.ts';

export type Pattern = 'ring' | 'ringback' | 'waiting';

export interface SoundMaker {
  /** Until `silence`, or until another pattern begins. */
  play(pattern: Pattern): void;
  silence(): void;
  click(digit: string): void;
  close(): void;
}

interface Burst {
  readonly atMs: number;
  readonly ms: number;
  readonly hz: readonly number[];
  /** How fast a bell trills, in hertz; 0: it is a steady tone. */
  readonly trillHz: number;
}

interface Shape {
  readonly bursts: readonly Burst[];
  readonly periodMs: number;
  readonly volume: number;
}

const shapes: Readonly<Record<Pattern, Shape>> = {
  ring: {
    bursts: [
      { atMs: 0, ms: 900, hz: [523.25, 659.25], trillHz: 11 },
      { atMs: 1_100, ms: 900, hz: [523.25, 659.25], trillHz: 11 },
    ],
    periodMs: 4_000,
    volume: 0.16,
  },
  // As most of Europe hears it (ITU-T E.180): one second of 425 Hz, four of silence.
  ringback: { bursts: [{ atMs: 0, ms: 1_000, hz: [425], trillHz: 0 }], periodMs: 5_000, volume: 0.05 },
  // A second call while one is on: short, and not in the way of what is being said.
  waiting: {
    bursts: [
      { atMs: 0, ms: 140, hz: [880], trillHz: 0 },
      { atMs: 220, ms: 140, hz: [880], trillHz: 0 },
    ],
    periodMs: 6_000,
    volume: 0.06,
  },
};

const clickMs = 110;
const clickVolume = 0.06;
/** Without a ramp the ear hears a crack at both ends. */
const rampSeconds = 0.012;

export function createSoundMaker(): SoundMaker {
  let context: AudioContext | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  let playing: OscillatorNode[] = [];

  /** Made with the first sound: before the first gesture browsers give out silent ones. */
  const audio = (): AudioContext => {
    context ??= new AudioContext();
    if (context.state === 'suspended') void context.resume().catch(() => {});
    return context;
  };

  const tone = (hz: number, { fromSeconds, seconds, volume, trillHz }: Tone): OscillatorNode => {
    const own = audio();
    const gain = own.createGain();
    const start = own.currentTime + fromSeconds;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(volume, start + rampSeconds);
    gain.gain.setValueAtTime(volume, start + seconds - rampSeconds);
    gain.gain.linearRampToValueAtTime(0, start + seconds);
    const oscillator = new OscillatorNode(own, { frequency: hz });
    oscillator.connect(gain).connect(own.destination);
    oscillator.start(start);
    oscillator.stop(start + seconds);
    if (trillHz > 0) {
      const trill = new OscillatorNode(own, { frequency: trillHz, type: 'square' });
      const depth = new GainNode(own, { gain: hz * 0.06 });
      trill.connect(depth).connect(oscillator.frequency);
      trill.start(start);
      trill.stop(start + seconds);
    }
    oscillator.addEventListener('ended', () => {
      playing = playing.filter((one) => one !== oscillator);
      gain.disconnect();
    });
    return oscillator;
  };

  const silence = (): void => {
    clearInterval(timer);
    timer = undefined;
    for (const oscillator of playing) oscillator.stop();
    playing = [];
  };

  return {
    play(pattern) {
      silence();
      const { bursts, periodMs, volume } = shapes[pattern];
      const once = (): void => {
        for (const { atMs, ms, hz, trillHz } of bursts) {
          const shape = { fromSeconds: atMs / 1_000, seconds: ms / 1_000, volume: volume / hz.length, trillHz };
          playing.push(...hz.map((one) => tone(one, shape)));
        }
      };
      once();
      timer = setInterval(once, periodMs);
    },
    silence,
    click(digit) {
      for (const hz of tonesOf(digit) ?? []) {
        tone(hz, { fromSeconds: 0, seconds: clickMs / 1_000, volume: clickVolume, trillHz: 0 });
      }
    },
    close() {
      silence();
      void context?.close().catch(() => {});
      context = undefined;
    },
  };
}

interface Tone {
  readonly fromSeconds: number;
  readonly seconds: number;
  readonly volume: number;
  readonly trillHz: number;
}
