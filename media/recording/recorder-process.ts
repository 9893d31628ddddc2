import type { ChildProcess } from 'node:child_process';
import { mkdir, rm, statfs } from 'node:fs/promises';
import type { Clock, Timer } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { createMessageId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { Recorder, RecorderStats, RecordingSummary, RunningRecording } from '../recorder.ts';
import { Archive, type Retention } from './archive.ts';
import type { RecordingEnd, RecordingFacts } from './journal.ts';
import { forkRecorder } from './recorder-child.ts';
import type { FromRecorder, ToRecorder } from './recorder-protocol.ts';
import { Running } from './running.ts';

export interface RecorderOptions {
  readonly folder: string;
  readonly maxRunning: number;
  readonly maxHours: number;
  readonly minFreeBytes: number;
  readonly retention: Retention;
}

interface RecorderParts {
  readonly options: RecorderOptions;
  readonly clock: Clock;
  readonly log: Logger;
}

const startWithinMs = 8_000;
const endWithinMs = 10_000;
const spaceCheckMs = 5_000;
const sweepMs = 3_600_000;
const firstRestartMs = 250;
const maxRestartMs = 10_000;

/** Recordings by one process beside this one, which is started with the first and replaced when it dies. */
export class RecorderProcess implements Recorder {
  readonly archive: Archive;
  readonly #parts: RecorderParts;
  readonly #running = new Map<string, Running>();
  readonly #ended: { [State in RecordingEnd]: number } = { done: 0, interrupted: 0, failed: 0 };
  #starting = 0;
  #child: ChildProcess | undefined;
  #restartMs = firstRestartMs;
  #restarts = 0;
  #endedBytes = 0;
  #endedLost = 0;
  #spaceTimer: Timer | undefined;
  #sweepTimer: Timer | undefined;
  #closing: Promise<void> | undefined;

  private constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.archive = new Archive({ folder: parts.options.folder, log: parts.log });
  }

  /** @throws {Error} when the folder cannot be used. */
  static async create(parts: RecorderParts): Promise<RecorderProcess> {
    const recorder = new RecorderProcess(parts);
    await recorder.archive.load();
    await recorder.#sweep();
    return recorder;
  }

  /** Of the process that writes; undefined when none runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(request: Omit<RecordingFacts, 'recordingId' | 'startedAtMs'>): Promise<RunningRecording> {
    const { clock, log, options } = this.#parts;
    if (this.#closing !== undefined) throw refused('the server is stopping');
    if (this.#running.size + this.#starting >= options.maxRunning) {
      throw refused(`${options.maxRunning} recordings run already`);
    }
    this.#starting += 1;
    try {
      const startedAtMs = clock.nowMs();
      const facts: RecordingFacts = { ...request, recordingId: createMessageId(startedAtMs), startedAtMs };
      const folder = await this.#makeFolder(facts.recordingId);
      const running = new Running({ facts, folder, send: (message) => this.#send(message), log });
      this.#running.set(facts.recordingId, running);
      this.#ensureChild();
      running.open();
      await this.#untilOpen(running);
      running.limit = clock.after(options.maxHours * 3_600_000, () =>
        running.stop('done', 'it was as long as recording.maxHours allows'),
      );
      this.#watchSpace();
      log.info({ recordingId: facts.recordingId, room: facts.room }, 'recording started');
      return running;
    } finally {
      this.#starting -= 1;
    }
  }

  /** @throws {AppError} RECORDING_REFUSED */
  async #makeFolder(recordingId: string): Promise<string> {
    const { log, options } = this.#parts;
    const folder = this.archive.folderOf(recordingId);
    let freeBytes: number;
    try {
      freeBytes = await this.#freeBytes();
      if (freeBytes >= options.minFreeBytes) await mkdir(folder, { mode: 0o700 });
    } catch (error) {
      log.error({ err: error }, 'the folder of recordings cannot be used');
      throw refused('the folder of recordings cannot be used');
    }
    if (freeBytes < options.minFreeBytes) throw refused('there is too little space left on the disk');
    return folder;
  }

  stats(): RecorderStats {
    let tracks = 0;
    let bytes = this.#endedBytes;
    let lostPackets = this.#endedLost;
    for (const { progress } of this.#running.values()) {
      tracks += progress.tracks;
      bytes += progress.bytes;
      lostPackets += progress.lostPackets;
    }
    const { size: running } = this.#running;
    return { running, tracks, bytes, lostPackets, restarts: this.#restarts, ended: { ...this.#ended } };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#spaceTimer?.cancel();
    this.#sweepTimer?.cancel();
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const ended = [...this.#running.values()].map((running) => {
      const end = new Promise<void>((resolve) => running.events.once('ended', () => resolve()));
      running.stop('interrupted', 'the server was stopped');
      return end;
    });
    const force = setTimeout(() => child.kill('SIGKILL'), endWithinMs);
    await Promise.race([Promise.all(ended), exited]);
    // Told, it ends by itself.
    if (child.connected) child.disconnect();
    await exited;
    clearTimeout(force);
  }

  #ensureChild(): void {
    if (this.#child) return;
    const child = forkRecorder();
    this.#child = child;
    child.on('message', (message: FromRecorder) => this.#take(message));
    child.on('error', (error) => this.#parts.log.error({ err: error }, 'the recorder cannot be reached'));
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      if (this.#closing === undefined) this.#died(code, signal);
    });
    // A recorder that has nothing to do must not keep the process alive.
    child.unref();
    child.channel?.unref();
  }

  #died(code: number | null, signal: string | null): void {
    const { clock, log } = this.#parts;
    this.#restarts += 1;
    log.error({ code, signal, recordings: this.#running.size }, 'the recorder died');
    for (const running of this.#running.values()) running.lost();
    if (this.#running.size === 0) return;
    clock.after(this.#restartMs, () => {
      if (this.#closing !== undefined) return;
      this.#ensureChild();
      for (const running of this.#running.values()) running.open();
    });
    this.#restartMs = Math.min(this.#restartMs * 2, maxRestartMs);
  }

  #send(message: ToRecorder): void {
    if (this.#child?.connected) this.#child.send(message, () => {});
  }

  #take(message: FromRecorder): void {
    const running = this.#running.get(message.recordingId);
    if (!running) return;
    if (message.type === 'progress') this.#restartMs = firstRestartMs;
    if (message.type !== 'ended') {
      running.take(message);
      return;
    }
    this.#running.delete(message.recordingId);
    running.limit?.cancel();
    const { facts, progress, stopped } = running;
    const summary: RecordingSummary = message.manifest
      ? this.archive.add(message.manifest)
      : {
          ...facts,
          state: 'failed',
          problem: stopped?.problem || running.failure,
          endedAtMs: this.#parts.clock.nowMs(),
          tracks: 0,
          bytes: 0,
        };
    this.#endedBytes += progress.bytes;
    this.#endedLost += progress.lostPackets;
    this.#ended[summary.state] += 1;
    const { recordingId, room, state, problem, bytes } = summary;
    this.#parts.log.info({ recordingId, room, state, problem, bytes }, 'recording ended');
    running.events.emit('ended', summary);
  }

  /** @throws {AppError} RECORDING_REFUSED */
  async #untilOpen(running: Running): Promise<void> {
    const late = new Promise<never>((_, reject) => {
      this.#parts.clock.after(startWithinMs, () => reject(refused('the recorder does not answer')));
    });
    try {
      await Promise.race([running.opened, late]);
    } catch (error) {
      this.#running.delete(running.facts.recordingId);
      running.stop('failed', 'the recorder did not begin');
      await rm(this.archive.folderOf(running.facts.recordingId), { recursive: true, force: true });
      throw error instanceof AppError ? error : refused(error instanceof Error ? error.message : 'it did not begin');
    }
  }

  async #freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#parts.options.folder);
    return bavail * bsize;
  }

  #watchSpace(): void {
    if (this.#spaceTimer || this.#running.size === 0) return;
    this.#spaceTimer = this.#parts.clock.after(spaceCheckMs, () => {
      void this.#freeBytes()
        .catch(() => Number.POSITIVE_INFINITY)
        .then((free) => {
          this.#spaceTimer = undefined;
          if (free < this.#parts.options.minFreeBytes) {
            for (const running of this.#running.values()) running.stop('done', 'the space on the disk ran short');
          }
          this.#watchSpace();
        });
    });
  }

  async #sweep(): Promise<void> {
    const { clock, options } = this.#parts;
    await this.archive.sweep(options.retention, clock.nowMs());
    this.#sweepTimer = clock.after(sweepMs, () => void this.#sweep());
  }
}

function refused(problem: string): AppError {
  return new AppError('RECORDING_REFUSED', { problem });
}
