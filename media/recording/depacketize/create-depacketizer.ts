import type { OrderedPacket } from '../reorder.ts';
import { createAv1 } from './av1.ts';
import type { Frame } from './frame.ts';
import { createH264 } from './h264.ts';
import { Pictures } from './pictures.ts';
import { alawFrame, createG722, opusFrame, ulawFrame } from './sounds.ts';
import { vp8 } from './vp8.ts';
import { vp9 } from './vp9.ts';

/** What can be recorded. */
export const recordedCodecs = ['opus', 'pcmu', 'pcma', 'g722', 'vp8', 'vp9', 'h264', 'av1'] as const;
export type RecordedCodec = (typeof recordedCodecs)[number];

/** Takes packets in order; answers the frame that became whole with this one. */
export type Depacketize = (packet: OrderedPacket) => Frame | undefined;

export function createDepacketizer(codec: RecordedCodec): Depacketize {
  if (codec === 'opus') return opusFrame;
  if (codec === 'pcmu') return ulawFrame;
  if (codec === 'pcma') return alawFrame;
  if (codec === 'g722') return createG722();
  const pictures = new Pictures(pictureCodecs[codec]());
  return (packet) => pictures.push(packet);
}

const pictureCodecs = {
  vp8: () => vp8,
  vp9: () => vp9,
  h264: createH264,
  av1: createAv1,
} as const;
