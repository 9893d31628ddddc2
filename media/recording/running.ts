import type { Timer } from '../../core/clock.ts';
import { Emitter } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import type { TapTarget } from '../engine.ts';
import type { RunningRecording, RunningRecordingEvents } from '../recorder.ts';
import type { RecordingEnd, RecordingFacts, TrackEnd, TrackFacts } from './journal.ts';
import type { FromRecorder, ToRecorder, TrackPlan } from './recorder-protocol.ts';

interface RunningParts {
  readonly facts: RecordingFacts;
  readonly folder: string;
  readonly send: (message: ToRecorder) => void;
  readonly log: Logger;
}

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/** A recording as the server knows it, whichever process writes it now. */
export class Running implements RunningRecording {
  readonly facts: RecordingFacts;
  readonly events: Emitter<RunningRecordingEvents>;
  /** Settles with the first word of the recorder. */
  readonly opened: Promise<void>;
  progress = { bytes: 0, tracks: 0, lostPackets: 0 };
  stopped: { readonly state: RecordingEnd; readonly problem: string } | undefined;
  /** What the recorder could not do, also while it was brought to its end. */
  failure = '';
  limit: Timer | undefined;
  readonly #parts: RunningParts;
  readonly #ready = new Map<string, Waiter>();
  #target: TapTarget | undefined;
  #settleOpened: Waiter = { resolve() {}, reject() {} };

  constructor(parts: RunningParts) {
    this.#parts = parts;
    this.facts = parts.facts;
    this.events = new Emitter((error, event) => {
      parts.log.error({ err: error, event, recordingId: parts.facts.recordingId }, 'a listener of a recording failed');
    });
    this.opened = new Promise((resolve, reject) => {
      this.#settleOpened = { resolve, reject };
    });
    this.opened.catch(() => {});
  }

  get target(): TapTarget {
    if (!this.#target) throw new Error('the recording is not open yet');
    return this.#target;
  }

  open(): void {
    const { facts, folder } = this.#parts;
    this.#send({ type: 'open', folder, facts });
    if (this.stopped) this.#send({ type: 'stop', ...this.stopped });
  }

  /** Its recorder died. */
  lost(): void {
    const waiters = [...this.#ready.values()];
    this.#ready.clear();
    for (const { reject } of waiters) reject(new Error('the recorder died'));
  }

  addTrack(plan: TrackPlan): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ready.set(plan.trackId, { resolve, reject });
      this.#send({ type: 'track', plan });
    });
  }

  skipTrack(track: TrackFacts, problem: string): void {
    this.#send({ type: 'skip', track, problem });
  }

  pauseTrack(trackId: string, why: 'paused' | 'muted' | undefined): void {
    this.#send({ type: 'pause', trackId, why });
  }

  endTrack(trackId: string, why: TrackEnd): void {
    this.#ready.get(trackId)?.reject(new Error('the track ended'));
    this.#ready.delete(trackId);
    this.#send({ type: 'endTrack', trackId, why });
  }

  stop(state: RecordingEnd = 'done', problem = ''): void {
    if (this.stopped) return;
    this.stopped = { state, problem };
    this.#send({ type: 'stop', state, problem });
    this.lost();
    this.events.emit('stopping', { problem });
  }

  take(message: Exclude<FromRecorder, { type: 'ended' }>): void {
    switch (message.type) {
      case 'listening':
        this.#listening({ ip: '127.0.0.1', port: message.port });
        return;
      case 'ready':
        this.#ready.get(message.trackId)?.resolve();
        this.#ready.delete(message.trackId);
        return;
      case 'keyFrame':
        this.events.emit('keyFrameWanted', { trackId: message.trackId });
        return;
      case 'progress':
        this.progress = message;
        this.events.emit('progress', { bytes: message.bytes, tracks: message.tracks });
        return;
      case 'failed':
        this.failure ||= message.problem;
        this.#settleOpened.reject(new Error(message.problem));
        this.stop('failed', message.problem);
    }
  }

  #listening(target: TapTarget): void {
    const isAnother = this.#target !== undefined;
    this.#target = target;
    if (isAnother) this.events.emit('moved', { target });
    else this.#settleOpened.resolve();
  }

  #send(message: ToRecorder extends infer M ? (M extends ToRecorder ? Omit<M, 'recordingId'> : never) : never): void {
    this.#parts.send({ ...message, recordingId: this.facts.recordingId } as ToRecorder);
  }
}
