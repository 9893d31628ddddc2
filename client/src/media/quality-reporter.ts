import type { types } from 'mediasoup-client';
import type { QualityReport, TrackQuality } from '../../../proto/gen/types.ts';
import type { LocalTrack, RemoteTrack } from '../api.ts';
import { toParleyError } from '../errors.ts';
import type { RoomCalls } from '../room-calls.ts';
import { readStats, type StatsTrack, type TrackCounters, toTrackQuality } from './track-counters.ts';

interface Side<Track> {
  readonly path: { readonly current: { readonly transport: types.Transport } | undefined };
  readonly tracks: ReadonlyMap<string, Track>;
}

export interface QualityReporterParts {
  readonly calls: RoomCalls;
  readonly send: Side<LocalTrack>;
  readonly receive: Side<RemoteTrack>;
  /** What goes to the other one without the server. */
  readonly direct: { readonly current: Pick<types.Transport, 'getStats'> | undefined };
  onMeasured(tracks: readonly TrackQuality[]): void;
}

interface Reading {
  readonly counters: TrackCounters;
  readonly atMs: number;
  /** Whose counters they are: those of another one say nothing of these. */
  readonly from: object;
}

/** Two calls to the platform each time; on phones each takes a few milliseconds. */
const intervalMs = 5_000;
/** What a report may have. */
const maxTracks = 64;
const pathOrder: readonly QualityReport['path'][] = ['relay', 'tcp', 'udp'];

/** Measures what is sent and received, and tells the server, which cannot see how it arrives. */
export class QualityReporter {
  readonly #parts: QualityReporterParts;
  #before = new Map<string, Reading>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #serverTakesReports = true;

  constructor(parts: QualityReporterParts) {
    this.#parts = parts;
    this.#wait();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#measure()
        // A transport that closes meanwhile has no statistics.
        .catch(() => {})
        .finally(() => {
          if (!this.#closed) this.#wait();
        });
    }, intervalMs);
  }

  async #measure(): Promise<void> {
    const { send, receive, direct } = this.#parts;
    const way = direct.current;
    const sent = await this.#read('send', way ?? send.path.current?.transport, sentTracks(send.tracks));
    const received = await this.#read('recv', way ?? receive.path.current?.transport, receivedTracks(receive.tracks));
    if (this.#closed) return;
    const readings = new Map([...sent.readings, ...received.readings]);
    const tracks: TrackQuality[] = [];
    for (const [track, reading] of readings) {
      const before = this.#before.get(keyOf(track));
      if (before?.from === reading.from)
        tracks.push(toTrackQuality(track, reading.counters, before.counters, reading.atMs - before.atMs));
    }
    this.#before = new Map([...readings].map(([track, reading]) => [keyOf(track), reading]));
    if (tracks.length === 0) return;
    this.#parts.onMeasured(tracks);
    const path = way ? 'direct' : (pathOrder.find((kind) => kind === sent.path || kind === received.path) ?? '');
    await this.#report(tracks.slice(0, maxTracks), path);
  }

  async #read(
    direction: 'send' | 'recv',
    transport: Pick<types.Transport, 'getStats'> | undefined,
    tracks: readonly StatsTrack[],
  ): Promise<{ readonly readings: ReadonlyMap<StatsTrack, Reading>; readonly path: QualityReport['path'] }> {
    if (!transport || tracks.length === 0) return { readings: new Map(), path: '' };
    const { counters, path } = readStats(await transport.getStats(), direction);
    const atMs = performance.now();
    const readings = new Map<StatsTrack, Reading>();
    for (const track of tracks) {
      const own = counters.get(track.trackId);
      if (own) readings.set(track, { counters: own, atMs, from: transport });
    }
    return { readings, path };
  }

  async #report(tracks: readonly TrackQuality[], path: QualityReport['path']): Promise<void> {
    if (!this.#serverTakesReports || !this.#parts.calls.isJoined) return;
    try {
      await this.#parts.calls.call('quality.report', { tracks: [...tracks], path });
    } catch (error) {
      // An older server. Whatever else it is, the next report may do better.
      if (toParleyError(error, 'CONNECTION_LOST').reason === 'UNKNOWN_METHOD') this.#serverTakesReports = false;
    }
  }
}

function sentTracks(tracks: ReadonlyMap<string, LocalTrack>): StatsTrack[] {
  return [...tracks.values()].flatMap(({ producerId, track, paused, muted }) =>
    producerId === undefined || paused || muted ? [] : [{ producerId, direction: 'send', trackId: track.id }],
  );
}

function receivedTracks(tracks: ReadonlyMap<string, RemoteTrack>): StatsTrack[] {
  return [...tracks.values()].flatMap(({ producerId, track, paused }) =>
    paused ? [] : [{ producerId, direction: 'recv', trackId: track.id }],
  );
}

function keyOf({ direction, producerId }: StatsTrack): string {
  return `${direction} ${producerId}`;
}
