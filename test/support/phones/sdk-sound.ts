// What members of a room hear who are there by the SDK over libwebrtc.

import { setTimeout as delay } from 'node:timers/promises';
import wrtc from '@roamhq/wrtc';
import type { Room } from '../../../client/src/index.ts';
import type { Heard } from './recordings.ts';

interface Sink {
  ondata:
    | ((data: { readonly samples: Int16Array; readonly sampleRate: number; readonly channelCount: number }) => void)
    | null;
  stop(): void;
}

/** Everybody's microphones together, for so long from now on. */
export async function listenIn(room: Room, ms = 1_000): Promise<Heard> {
  const { RTCAudioSink } = wrtc.nonstandard as unknown as { RTCAudioSink: new (track: unknown) => Sink };
  const microphones = [...room.remoteTracks.values()].filter(({ source }) => source === 'microphone');
  let rate = 48_000;
  const voices = microphones.map(({ track }) => {
    const voice = { pcm: [] as number[], sink: new RTCAudioSink(track) };
    voice.sink.ondata = ({ samples, sampleRate, channelCount }) => {
      rate = sampleRate;
      for (let at = 0; at < samples.length; at += channelCount) voice.pcm.push(samples[at] ?? 0);
    };
    return voice;
  });
  await delay(ms);
  for (const { sink } of voices) sink.stop();
  const length = Math.max(0, ...voices.map(({ pcm }) => pcm.length));
  const mixed = (at: number) => voices.reduce((sum, { pcm }) => sum + (pcm[at] ?? 0), 0) / Math.max(voices.length, 1);
  return { sampleRate: rate, pcm: Int16Array.from({ length }, (_, at) => mixed(at)) };
}
