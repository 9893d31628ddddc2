// What phones and browsers of the benchmarks say: real frames of their codecs, so that decoding costs what it costs in a call.

import { createEncoder } from '../../../media/mixer/codecs/create-codec.ts';
import { levelDbov } from '../../../media/mixer/codecs/levels.ts';
import type { VoiceRate } from '../../../media/mixer/codecs/voice-codec.ts';
import type { BenchCodec } from '../formats.ts';

export interface Frame {
  /** 20 ms. Of a live voice it is used again by the next frame. */
  readonly payload: Uint8Array;
  readonly dbov: number;
  /** A tone begins with its first sample. */
  readonly isOnset: boolean;
}

export interface Voice {
  next(): Frame;
}

/** `speech`: loud enough to be heard in a room. `noise`: what an open microphone sends while nobody speaks into it. */
export type Saying = 'speech' | 'noise';

const seconds = 4;
const framesPerSecond = 50;
const rates: Readonly<Record<BenchCodec, VoiceRate>> = { PCMU: 8_000, opus: 16_000 };
const recorded = new Map<string, readonly Frame[]>();

/** The same four seconds for all, each from another place on. */
export function createVoice(codec: BenchCodec, saying: Saying, place: number): Voice {
  const frames = recordedFrames(codec, saying);
  let at = (place * 37) % frames.length;
  return {
    next() {
      at = (at + 1) % frames.length;
      return frames[at] as Frame;
    },
  };
}

/** Noise, and for a while after each `begin` a tone. */
export interface ToneVoice extends Voice {
  begin(): void;
}

const toneFrames = 8;
const toneHertz = 1_000;
const toneAmplitude = 12_000;

export function createToneVoice(codec: BenchCodec): ToneVoice {
  const rate = rates[codec];
  const encoder = createEncoder(codec, { sampleRate: rate });
  const quiet = noise(rate / framesPerSecond);
  // Whole periods: each frame goes on where the last one ended.
  const tone = Int16Array.from(quiet, (_, at) => toneAmplitude * Math.sin((2 * Math.PI * toneHertz * at) / rate));
  let left = 0;
  return {
    begin() {
      left = toneFrames;
    },
    next() {
      const isOnset = left === toneFrames;
      const pcm = left > 0 ? tone : quiet;
      left = Math.max(0, left - 1);
      return { payload: encoder.encode(pcm), dbov: levelDbov(pcm), isOnset };
    },
  };
}

function recordedFrames(codec: BenchCodec, saying: Saying): readonly Frame[] {
  const known = recorded.get(`${codec} ${saying}`);
  if (known) return known;
  const rate = rates[codec];
  const pcm = saying === 'speech' ? speech(rate) : noise(seconds * rate);
  const encoder = createEncoder(codec, { sampleRate: rate });
  const length = rate / framesPerSecond;
  const frames = Array.from({ length: seconds * framesPerSecond }, (_, at) => {
    const frame = pcm.subarray(at * length, (at + 1) * length);
    return { payload: Uint8Array.from(encoder.encode(frame)), dbov: levelDbov(frame), isOnset: false };
  });
  encoder.close();
  recorded.set(`${codec} ${saying}`, frames);
  return frames;
}

/** A vowel of a low voice, in four syllables a second. */
function speech(rate: number): Int16Array {
  const pitch = 140;
  return Int16Array.from({ length: seconds * rate }, (_, at) => {
    const time = at / rate;
    let sum = 0;
    for (let overtone = 1; overtone <= 20; overtone++) {
      sum += Math.sin(2 * Math.PI * pitch * overtone * time + overtone * overtone) / overtone;
    }
    return 3_000 * sum * (0.15 + 0.85 * Math.sin(Math.PI * 4 * time) ** 2);
  });
}

function noise(length: number): Int16Array {
  return Int16Array.from({ length }, () => Math.round(16 * (Math.random() - 0.5)));
}
