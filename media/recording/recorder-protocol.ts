// What the server and its recorder, a process of its own, say to each other.

import type { RecordedCodec } from './depacketize/create-depacketizer.ts';
import type { RecordingEnd, RecordingFacts, TrackEnd, TrackFacts } from './journal.ts';
import type { Manifest } from './manifest.ts';

export interface TrackPlan extends TrackFacts {
  readonly codec: RecordedCodec;
  readonly clockRate: number;
  readonly channels: number;
  /** What tells its packets from others at the socket. */
  readonly tapPort: number;
  readonly ssrc: number;
  readonly payloadType: number;
}

/** Everything is of one recording. `open` comes first, also for one that another recorder had begun. */
export type ToRecorder = { readonly recordingId: string } & (
  | { readonly type: 'open'; readonly folder: string; readonly facts: RecordingFacts }
  | { readonly type: 'track'; readonly plan: TrackPlan }
  | { readonly type: 'skip'; readonly track: TrackFacts; readonly problem: string }
  | { readonly type: 'pause'; readonly trackId: string; readonly why: 'paused' | 'muted' | undefined }
  | { readonly type: 'endTrack'; readonly trackId: string; readonly why: TrackEnd }
  | { readonly type: 'stop'; readonly state: RecordingEnd; readonly problem: string }
);

export type FromRecorder = { readonly recordingId: string } & (
  | { readonly type: 'listening'; readonly port: number }
  /** Its packets can come. */
  | { readonly type: 'ready'; readonly trackId: string }
  | { readonly type: 'keyFrame'; readonly trackId: string }
  | {
      readonly type: 'progress';
      readonly bytes: number;
      readonly tracks: number;
      readonly lostPackets: number;
    }
  /** Nothing more is written; it is to be stopped. */
  | { readonly type: 'failed'; readonly problem: string }
  /** The last of it. Undefined: not even that could be written. */
  | { readonly type: 'ended'; readonly manifest: Manifest | undefined }
);
