import { createEncoder } from '../codecs/create-codec.ts';
import type { PhoneCodec } from '../codecs/voice-codec.ts';

/** After so many frames what an encoder makes of silence does not change any more. */
const settledAfter = 10;

const known = new Map<PhoneCodec, Uint8Array>();

/** 20 ms of silence; encoded once in each thread, as it is sent to everybody who waits. */
export function silenceOf(codec: PhoneCodec): Uint8Array {
  const made = known.get(codec) ?? encodeSilence(codec);
  known.set(codec, made);
  return made;
}

function encodeSilence(codec: PhoneCodec): Uint8Array {
  const encoder = createEncoder(codec);
  const pcm = new Int16Array(encoder.sampleRate / 50);
  for (let frame = 1; frame < settledAfter; frame += 1) encoder.encode(pcm);
  const silence = encoder.encode(pcm).slice();
  encoder.close();
  return silence;
}
