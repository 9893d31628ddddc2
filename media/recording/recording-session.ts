import { createSocket, type Socket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseRtp } from '../mixer/rtp/rtp-packet.ts';
import { type JournalLine, journalName, type RecordingFacts, readJournal, writeJournal } from './journal.ts';
import { buildManifest, type Manifest, writeManifest } from './manifest.ts';
import { countPacket } from './packet-turns.ts';
import type { FromRecorder, ToRecorder, TrackPlan } from './recorder-protocol.ts';
import { TrackRecorder } from './track-recorder.ts';

/** Where Linux gives as much (net.core.rmem_max): a second and a half of ten pictures of 2 Mbit/s. */
const socketBufferBytes = 4 * 1024 * 1024;
const tickMs = 100;
/** What a recorder that is killed loses at most; of all tracks at once, as waking up for each costs more than writing. */
const ticksPerFlush = 5;
const progressMs = 2_000;

interface SessionParts {
  readonly facts: RecordingFacts;
  readonly folder: string;
  readonly tell: (message: FromRecorder) => void;
}

/** One recording in the recorder's process: a socket, the tracks that come to it, and the journal of both. */
export class RecordingSession {
  readonly #parts: SessionParts;
  readonly #socket: Socket;
  /** By where their packets come from. */
  readonly #byOrigin = new Map<number, TrackRecorder>();
  readonly #byId = new Map<string, TrackRecorder>();
  readonly #ending = new Set<Promise<void>>();
  readonly #startedMs: number;
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;
  #toldMs = 0;
  #endedBytes = 0;
  #endedLost = 0;
  #failed = false;
  #stopped: Promise<void> | undefined;

  private constructor(parts: SessionParts, socket: Socket) {
    this.#parts = parts;
    this.#socket = socket;
    // Times are of a clock that never goes back, from a start that another process may have set.
    this.#startedMs = performance.now() - (Date.now() - parts.facts.startedAtMs);
    socket.on('message', (bytes, { port }) => this.#receive(bytes, port));
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** Listens on a free port of this machine. @throws {Error} of the network or the file system. */
  static async open(parts: SessionParts): Promise<RecordingSession> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: socketBufferBytes });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, '127.0.0.1', () => {
        socket.off('error', reject);
        resolve();
      });
    });
    const session = new RecordingSession(parts, socket);
    socket.on('error', (error) => session.#fail(error));
    const { facts, folder, tell } = parts;
    if (!existsSync(join(folder, journalName))) session.#note({ type: 'started', ...facts });
    tell({ type: 'listening', recordingId: facts.recordingId, port: socket.address().port });
    return session;
  }

  take(message: ToRecorder): void {
    const nowMs = performance.now();
    switch (message.type) {
      case 'open':
        return;
      case 'track':
        this.#add(message.plan, nowMs);
        return;
      case 'skip':
        this.#note({ type: 'skipped', atMs: this.#since(nowMs), ...message.track, problem: message.problem });
        return;
      case 'pause':
        this.#byId.get(message.trackId)?.setPaused(message.why, nowMs);
        return;
      case 'endTrack':
        this.#end(message.trackId, message.why);
        return;
      case 'stop':
        void this.stop(message.state, message.problem);
    }
  }

  /** Resolves when the manifest is there. */
  stop(state: Manifest['state'], problem: string): Promise<void> {
    this.#stopped ??= this.#stop(state, problem);
    return this.#stopped;
  }

  async #stop(state: Manifest['state'], problem: string): Promise<void> {
    const { facts, folder, tell } = this.#parts;
    for (const trackId of [...this.#byId.keys()]) this.#end(trackId, 'stopped');
    clearInterval(this.#timer);
    this.#socket.close();
    await Promise.all(this.#ending);
    this.#note({ type: 'stopped', atMs: this.#since(performance.now()), state, problem });
    let manifest: Manifest | undefined;
    try {
      manifest = await buildManifest(folder, await readJournal(folder));
      await writeManifest(folder, manifest);
    } catch (error) {
      this.#fail(error);
    }
    tell({ type: 'ended', recordingId: facts.recordingId, manifest });
  }

  #add(plan: TrackPlan, nowMs: number): void {
    const { facts, folder, tell } = this.#parts;
    if (this.#stopped || this.#byId.has(plan.trackId)) return;
    const { trackId, peerId, identity, name, source, kind, codec } = plan;
    const recordingId = facts.recordingId;
    this.#note({
      type: 'track',
      atMs: this.#since(nowMs),
      trackId,
      peerId,
      identity,
      name,
      source,
      kind,
      codec,
    });
    const recorder = new TrackRecorder({
      plan,
      folder,
      startedMs: this.#startedMs,
      note: (line) => this.#note(line),
      askForKeyFrame: () => tell({ type: 'keyFrame', recordingId, trackId }),
      onFailed: (error) => this.#fail(error),
    });
    this.#byId.set(trackId, recorder);
    this.#byOrigin.set(originOf(plan.tapPort, plan.ssrc), recorder);
    tell({ type: 'ready', recordingId, trackId });
  }

  #end(trackId: string, why: Parameters<TrackRecorder['close']>[0]): void {
    const recorder = this.#byId.get(trackId);
    if (!recorder) return;
    this.#byId.delete(trackId);
    for (const [origin, other] of this.#byOrigin) if (other === recorder) this.#byOrigin.delete(origin);
    const ending = recorder.close(why, performance.now()).then(() => {
      this.#ending.delete(ending);
      this.#endedBytes += recorder.bytes;
      this.#endedLost += recorder.lostPackets;
    });
    this.#ending.add(ending);
  }

  #receive(bytes: Buffer, port: number): void {
    countPacket();
    const packet = parseRtp(bytes);
    if (packet) this.#byOrigin.get(originOf(port, packet.ssrc))?.push(packet, performance.now());
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#ticks += 1;
    const flushes = this.#ticks % ticksPerFlush === 0;
    let bytes = this.#endedBytes;
    let lostPackets = this.#endedLost;
    for (const recorder of this.#byId.values()) {
      recorder.tick(nowMs);
      if (flushes) recorder.flush();
      bytes += recorder.bytes;
      lostPackets += recorder.lostPackets;
    }
    if (nowMs - this.#toldMs < progressMs) return;
    this.#toldMs = nowMs;
    const { recordingId } = this.#parts.facts;
    this.#parts.tell({ type: 'progress', recordingId, bytes, tracks: this.#byId.size, lostPackets });
  }

  #note(line: JournalLine): void {
    try {
      writeJournal(this.#parts.folder, line);
    } catch (error) {
      this.#fail(error);
    }
  }

  #since(nowMs: number): number {
    return Math.max(0, Math.round(nowMs - this.#startedMs));
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const { code, message } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOSPC' || code === 'EFBIG' || code === 'EDQUOT' ? 'the disk is full' : message;
    this.#parts.tell({ type: 'failed', recordingId: this.#parts.facts.recordingId, problem });
  }
}

/** An SSRC is of one router; a tap has a port of its own. Both fit into a number. */
function originOf(port: number, ssrc: number): number {
  return port * 2 ** 32 + ssrc;
}
