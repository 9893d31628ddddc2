// Which rooms are recorded, and who is told. Whoever is in a recorded room sees it, in its snapshot, by an event, and in the
// log.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { TrackSource } from '../../media/media.ts';
import type { Recorder, RecordingSummary } from '../../media/recorder.ts';
import type { ListRecordingsResponse, RecordingInfo } from '../../proto/gen/types.ts';
import type { Author } from '../cluster/room-ties.ts';
import type { DirectCalls } from '../direct/direct-calls.ts';
import type { Peer } from '../peer.ts';
import { ServerAppends } from '../people/server-appends.ts';
import type { Room } from '../room.ts';
import { RoomRecording } from './room-recording.ts';

const perPage = 50;

interface RecordingsParts {
  /** Undefined: recordings are switched off. */
  readonly recorder: Recorder | undefined;
  /** What goes past the server cannot be recorded. */
  readonly direct: Pick<DirectCalls, 'keepAtServer' | 'recordingChanged'>;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Entry {
  readonly recording: RoomRecording;
  readonly appends: ServerAppends;
  /** Who stopped it; undefined: the server. */
  stoppedBy: Author | undefined;
  ended: Promise<RecordingSummary>;
}

export class Recordings {
  readonly #parts: RecordingsParts;
  readonly #byRoom = new Map<Room, Entry>();
  /** Their recorder is being asked. */
  readonly #starting = new Set<Room>();

  constructor(parts: RecordingsParts) {
    this.#parts = parts;
  }

  /** @throws {AppError} E2EE_REFUSES, RECORDING_RUNS, RECORDING_REFUSED */
  async start(
    peer: Peer,
    { title, sources }: { readonly title: string; readonly sources: readonly TrackSource[] },
  ): Promise<RecordingInfo> {
    const { room } = peer;
    const recorder = this.#require();
    if (room.e2ee) throw new AppError('E2EE_REFUSES', { what: 'recordings' });
    if (room.recording) throw new AppError('RECORDING_RUNS', { recordingId: room.recording.recordingId });
    if (this.#starting.has(room)) throw refused('it is being started already');
    this.#starting.add(room);
    let letGo = () => {};
    try {
      letGo = await this.#parts.direct.keepAtServer(room);
      await room.ties.setRecording({ over: false });
      return await this.#start(peer, recorder, { title, sources });
    } finally {
      this.#starting.delete(room);
      letGo();
    }
  }

  async #start(
    peer: Peer,
    recorder: Recorder,
    { title, sources }: { readonly title: string; readonly sources: readonly TrackSource[] },
  ): Promise<RecordingInfo> {
    const { room } = peer;
    try {
      const running = await recorder.start({ room: room.name, title, sources, startedBy: peer.identity });
      if (peer.left || room.closed) {
        running.stop('done', 'nobody was there any more');
        throw refused('nobody is there any more');
      }
      // Taken away while the recorder was asked.
      if (!peer.grants.has('record')) {
        running.stop('done', 'who started it may not any more');
        throw new AppError('GRANT_MISSING', { grant: 'record' });
      }
      return this.#follow(peer, running);
    } catch (error) {
      this.#tellNodes(room, { over: true });
      throw error;
    }
  }

  /** Answers when all is written. @throws {AppError} RECORDING_NOT_FOUND */
  async stop(peer: Peer, recordingId: string): Promise<RecordingInfo> {
    const elsewhere = peer.room.ties.stopRecording(recordingId, authorOf(peer));
    if (elsewhere !== undefined) return await elsewhere;
    const entry = this.#byRoom.get(peer.room);
    if (!entry || entry.recording.running.facts.recordingId !== recordingId) throw notFound(recordingId);
    entry.stoppedBy ??= peer;
    entry.recording.running.stop();
    return toInfo(await entry.ended, nodeOf(peer.room));
  }

  /** @throws {AppError} RECORDING_REFUSED when recordings are switched off. */
  list(room: Room, pageToken: string): ListRecordingsResponse {
    const { archive } = this.#require();
    const all = archive.ofRoom(room.name);
    // Behind the one that was the last of the page before; it may be gone.
    const before = all.findIndex(({ recordingId }) => recordingId === pageToken);
    const from = pageToken === '' ? 0 : before + 1;
    const page = all.slice(from, from + perPage);
    const isFirst = pageToken === '';
    return {
      recordings: [
        ...(isFirst && room.recording ? [room.recording] : []),
        ...page.map((summary) => toInfo(summary, nodeOf(room))),
      ],
      nextPageToken: from + perPage < all.length ? (page.at(-1)?.recordingId ?? '') : '',
    };
  }

  /** One that runs is stopped before. @throws {AppError} RECORDING_NOT_FOUND */
  async delete(peer: Peer, recordingId: string): Promise<void> {
    const { archive } = this.#require();
    if (peer.room.recording?.recordingId === recordingId) await this.stop(peer, recordingId);
    if (archive.find(recordingId)?.room !== peer.room.name) throw notFound(recordingId);
    await archive.delete(recordingId);
    this.#parts.log.info({ recordingId, room: peer.room.name, identity: peer.identity }, 'recording deleted');
  }

  /** The server ends. */
  close(): void {
    for (const { recording } of this.#byRoom.values()) recording.running.stop('interrupted', 'the server was stopped');
  }

  #follow(peer: Peer, running: RoomRecording['running']): RecordingInfo {
    const { room } = peer;
    const { clock, log } = this.#parts;
    const recording = new RoomRecording({ room, running, log });
    // The node that records writes of it, whoever owns the room.
    const byAnybody = { fence: () => undefined, leaveToOwner: () => false };
    const appends = new ServerAppends({ timeline: room.timeline, clock, log, ...byAnybody, onIdle: () => {} });
    const ended = new Promise<RecordingSummary>((resolve) => running.events.once('ended', resolve));
    const entry: Entry = { recording, appends, stoppedBy: undefined, ended };
    this.#byRoom.set(room, entry);
    room.onClosed = () => running.stop();
    room.stopRecording = (recordingId, by) => {
      if (recordingId !== facts.recordingId) return undefined;
      entry.stoppedBy ??= by;
      running.stop();
      return { ...(room.recording ?? info), state: 'stopping' };
    };
    const { facts } = running;
    const started = { ...facts, state: 'done', problem: '', endedAtMs: 0, tracks: recording.tracks, bytes: 0 } as const;
    const info: RecordingInfo = {
      ...toInfo(started, nodeOf(room)),
      state: 'running',
      url: '',
    };
    running.events.on('progress', ({ bytes, tracks }) => {
      if (room.recording?.recordingId === facts.recordingId) room.recording = { ...room.recording, bytes, tracks };
    });
    running.events.once('stopping', () => this.#stopping(room, entry));
    running.events.once('ended', (summary) => this.#tell(room, toInfo(summary, nodeOf(room))));
    appends.add({ kind: 'recordingStarted', author: authorOf(peer), content: {} });
    this.#tell(room, info);
    return info;
  }

  #stopping(room: Room, { appends, stoppedBy }: Entry): void {
    if (this.#byRoom.get(room)?.appends !== appends) return;
    this.#byRoom.delete(room);
    room.onClosed = () => {};
    room.stopRecording = undefined;
    appends.add({ kind: 'recordingStopped', author: stoppedBy && authorOf(stoppedBy), content: {} });
    if (room.recording) this.#tell(room, { ...room.recording, state: 'stopping' });
  }

  #tell(room: Room, recording: RecordingInfo): void {
    room.tellRecording(recording);
    this.#parts.direct.recordingChanged(room);
    const isOver = recording.state !== 'running' && recording.state !== 'stopping';
    this.#tellNodes(room, { recording, over: isOver });
  }

  /** Whoever is not told now hears of it from the owner later, or that the node is gone. */
  #tellNodes(room: Room, now: { recording?: RecordingInfo; over: boolean }): void {
    const { log } = this.#parts;
    room.ties.setRecording(now).catch((error: unknown) => {
      log.warn({ err: error, room: room.name }, 'other nodes were not told of a recording');
    });
  }

  #require(): Recorder {
    if (!this.#parts.recorder) throw refused('recording.enabled is off on this server');
    return this.#parts.recorder;
  }
}

function toInfo(summary: RecordingSummary, node: string): RecordingInfo {
  const { recordingId, room, state, startedAtMs, endedAtMs, startedBy, tracks, bytes, title } = summary;
  const url = `/api/v1/recordings/${recordingId}/manifest.json`;
  return { recordingId, room, state, startedAtMs, endedAtMs, startedBy, tracks, bytes, title, url, node };
}

/** As it is called in logs; empty where there is one alone. */
function nodeOf({ ties: { life } }: Room): string {
  return life.slice(0, Math.max(life.lastIndexOf('~'), 0));
}

const authorOf = ({ identity, name }: Pick<Peer, 'identity' | 'name'>) => ({ identity, name });

function notFound(recordingId: string): AppError {
  return new AppError('RECORDING_NOT_FOUND', { recordingId });
}

function refused(problem: string): AppError {
  return new AppError('RECORDING_REFUSED', { problem });
}
