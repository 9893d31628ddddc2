// Port: writes what is sent in a room to files. media/recording/ is the engine.

import type { Emitter } from '../core/events.ts';
import type { TapTarget } from './engine.ts';
import type { RecordingEnd, RecordingFacts, TrackEnd, TrackFacts } from './recording/journal.ts';
import type { Manifest } from './recording/manifest.ts';
import type { TrackPlan } from './recording/recorder-protocol.ts';

export interface Recorder {
  /** @throws {AppError} RECORDING_REFUSED with the reason: too many run, too little space, or the recorder does not start. */
  start(request: Omit<RecordingFacts, 'recordingId' | 'startedAtMs'>): Promise<RunningRecording>;
  readonly archive: RecordingArchive;
  stats(): RecorderStats;
  /** Brings what runs to an end, as `interrupted`. */
  close(): Promise<void>;
}

export interface RecorderStats {
  readonly running: number;
  /** That are being written now. */
  readonly tracks: number;
  /** Since the start of the server. */
  readonly bytes: number;
  readonly lostPackets: number;
  readonly restarts: number;
  readonly ended: { readonly [State in RecordingEnd]: number };
}

export interface RunningRecordingEvents {
  /** Emitted when the picture of a track cannot go on without one. */
  keyFrameWanted: { readonly trackId: string };
  progress: { readonly bytes: number; readonly tracks: number };
  /** Emitted when the recorder was replaced: it listens elsewhere and knows none of the tracks. */
  moved: { readonly target: TapTarget };
  /** Emitted when it is to end, whoever wanted that: nothing more is written. */
  stopping: { readonly problem: string };
  /** Emitted once, as the last. */
  ended: RecordingSummary;
}

export interface RunningRecording {
  readonly facts: RecordingFacts;
  /** Where packets are to be sent. */
  readonly target: TapTarget;
  readonly events: Pick<Emitter<RunningRecordingEvents>, 'on' | 'once'>;
  /** Resolves when its packets can come; rejects when they cannot any more. */
  addTrack(plan: TrackPlan): Promise<void>;
  skipTrack(track: TrackFacts, problem: string): void;
  pauseTrack(trackId: string, why: 'paused' | 'muted' | undefined): void;
  endTrack(trackId: string, why: TrackEnd): void;
  /** Stopping twice does nothing. `problem` says why it ends otherwise than it was asked to. */
  stop(state?: RecordingEnd, problem?: string): void;
}

/** What a list says of a recording that has ended. */
export interface RecordingSummary extends RecordingFacts {
  readonly state: RecordingEnd;
  readonly problem: string;
  readonly endedAtMs: number;
  readonly tracks: number;
  readonly bytes: number;
}

/** Recordings that have ended. */
export interface RecordingArchive {
  /** The newest first. */
  ofRoom(room: string): readonly RecordingSummary[];
  find(recordingId: string): RecordingSummary | undefined;
  /** Undefined when it is gone. @throws {Error} when it cannot be read. */
  manifestOf(recordingId: string): Promise<Manifest | undefined>;
  /** The folder of its files. */
  folderOf(recordingId: string): string;
  /** @throws {Error} of the file system. */
  delete(recordingId: string): Promise<void>;
}
