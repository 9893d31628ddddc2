// The in-memory engine of the Recorder port: keeps the books of what is recorded, and writes nothing. What was stopped ends
// when it is told to.

import { Emitter } from '../../core/events.ts';
import type {
  Recorder,
  RecorderStats,
  RecordingArchive,
  RecordingSummary,
  RunningRecording,
  RunningRecordingEvents,
} from '../../media/recorder.ts';
import type { RecordingEnd, RecordingFacts, TrackFacts } from '../../media/recording/journal.ts';

export class MemoryRecorder implements Recorder {
  readonly running: MemoryRecording[] = [];
  /** What starting waits for. */
  held: Promise<void> = Promise.resolve();
  readonly #ended = new Map<string, RecordingSummary>();
  #count = 0;

  readonly archive: RecordingArchive = {
    ofRoom: (room) => [...this.#ended.values()].filter((summary) => summary.room === room).reverse(),
    find: (recordingId) => this.#ended.get(recordingId),
    manifestOf: async () => undefined,
    folderOf: (recordingId) => recordingId,
    delete: async (recordingId) => {
      this.#ended.delete(recordingId);
    },
  };

  async start(request: Omit<RecordingFacts, 'recordingId' | 'startedAtMs'>): Promise<MemoryRecording> {
    await this.held;
    this.#count += 1;
    const facts = { ...request, recordingId: `recording-${this.#count}`, startedAtMs: this.#count };
    const recording = new MemoryRecording(facts, (summary) => this.#ended.set(facts.recordingId, summary));
    this.running.push(recording);
    return recording;
  }

  stats(): RecorderStats {
    const ended = { done: 0, interrupted: 0, failed: 0 };
    return { running: this.running.length, tracks: 0, bytes: 0, lostPackets: 0, restarts: 0, ended };
  }

  async close(): Promise<void> {}
}

export class MemoryRecording implements RunningRecording {
  readonly facts: RecordingFacts;
  readonly target = { ip: '127.0.0.1', port: 9 };
  readonly events = new Emitter<RunningRecordingEvents>((error) => {
    throw error;
  });
  /** Why tracks were left out. */
  readonly skipped: string[] = [];
  readonly #onEnded: (summary: RecordingSummary) => void;
  #stopped: { readonly state: RecordingEnd; readonly problem: string } | undefined;

  constructor(facts: RecordingFacts, onEnded: (summary: RecordingSummary) => void) {
    this.facts = facts;
    this.#onEnded = onEnded;
  }

  async addTrack(): Promise<void> {}
  skipTrack(_track: TrackFacts, problem: string): void {
    this.skipped.push(problem);
  }
  pauseTrack(): void {}
  endTrack(): void {}

  stop(state: RecordingEnd = 'done', problem = ''): void {
    if (this.#stopped) return;
    this.#stopped = { state, problem };
    this.events.emit('stopping', { problem });
  }

  /** All is written. */
  end(): void {
    const { state, problem } = this.#stopped ?? { state: 'done', problem: '' };
    const summary: RecordingSummary = { ...this.facts, state, problem, endedAtMs: 0, tracks: 0, bytes: 0 };
    this.#onEnded(summary);
    this.events.emit('ended', summary);
  }
}
