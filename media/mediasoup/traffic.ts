import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';

export interface Counters {
  readonly packets: number;
  readonly bytes: number;
}

/** Reads the counters of one producer or consumer; each reading is a request to its worker. */
type ReadCounters = () => Promise<Counters>;

interface Track {
  readonly direction: 'received' | 'forwarded';
  /** Its own id, and those of everything else that it closes with. */
  readonly closesWith: readonly string[];
  readonly read: ReadCounters;
}

interface Meter extends Track {
  last: Counters;
}

/** Between two passes, however often they are asked for. */
const minIntervalMs = 5000;
/** In one pass: a hundred milliseconds of work at the most. The others have their turn in the next pass. */
const maxReadsPerPass = 1000;
/** Under way at once, so that calls of clients find their way between them. */
const maxReadsAtOnce = 50;
/** Of the tracks that close with something: beyond that the burst of requests would cost more than it tells. */
const maxSettled = 16;

/**
 * How much RTP went through producers and consumers since the start.
 *
 * The numbers are approximate. The workers count exactly but tell only when asked, so what is shown is what they said
 * at the last pass: up to five seconds old, more when there are over a thousand tracks, for a pass reads that many.
 * Tracks that end are read once more where that is possible; of tracks that end by the dozen with one other, and of
 * those that end with their worker, what they carried since their last reading is missing.
 * Retransmissions, RTCP and probing are not counted; bytes are those of RTP packets before encryption.
 */
export class Traffic {
  readonly received = { packets: 0, bytes: 0 };
  readonly forwarded = { packets: 0, bytes: 0 };
  readonly #clock: Clock;
  readonly #log: Logger;
  /** In the order of their last reading. */
  readonly #meters = new Set<Meter>();
  readonly #closingWith = new Map<string, Set<Meter>>();
  #pass: Promise<void> | undefined;
  #passedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ clock, log }: { clock: Clock; log: Logger }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Counts a track from now on, until the answer is called. */
  watch(track: Track): () => void {
    const meter: Meter = { ...track, last: { packets: 0, bytes: 0 } };
    this.#meters.add(meter);
    for (const id of track.closesWith) {
      const group = this.#closingWith.get(id) ?? new Set();
      this.#closingWith.set(id, group.add(meter));
    }
    return () => this.#forget(meter);
  }

  /** Something is about to be closed: asks for the last counters of what closes with it. Workers answer in order. */
  settle(id: string): void {
    for (const meter of [...(this.#closingWith.get(id) ?? [])].slice(0, maxSettled)) {
      this.#forget(meter);
      void this.#read(meter);
    }
  }

  /** Reads the meters, unless that was done a moment ago. Resolves when the numbers are in. */
  refresh(): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#passedAtMs >= minIntervalMs) {
      this.#pass ??= this.#readAll().finally(() => {
        this.#pass = undefined;
        this.#passedAtMs = this.#clock.monotonicMs();
      });
    }
    return this.#pass ?? Promise.resolve();
  }

  async #readAll(): Promise<void> {
    const due = [...this.#meters].slice(0, maxReadsPerPass);
    for (let start = 0; start < due.length; start += maxReadsAtOnce) {
      await Promise.all(due.slice(start, start + maxReadsAtOnce).map((meter) => this.#readInTurn(meter)));
    }
  }

  async #readInTurn(meter: Meter): Promise<void> {
    if (!this.#meters.delete(meter)) return;
    this.#meters.add(meter);
    await this.#read(meter);
  }

  #forget(meter: Meter): void {
    this.#meters.delete(meter);
    for (const id of meter.closesWith) {
      const group = this.#closingWith.get(id);
      group?.delete(meter);
      if (group?.size === 0) this.#closingWith.delete(id);
    }
  }

  async #read(meter: Meter): Promise<void> {
    try {
      const now = await meter.read();
      // A stream that started anew counts from zero again.
      const { packets, bytes } = now.packets < meter.last.packets ? { packets: 0, bytes: 0 } : meter.last;
      const total = this[meter.direction];
      total.packets += now.packets - packets;
      total.bytes += Math.max(now.bytes - bytes, 0);
      meter.last = now;
    } catch (error) {
      // The track ended before it could be read.
      this.#log.debug({ err: error }, 'a track was not read');
    }
  }
}
