// Reads the counters of tracks in turn: as many a second as the node can spare, and no track oftener than is of use.

import type { Clock, Timer } from '../core/clock.ts';
import type { TrackSample } from './engine.ts';
import { RoomConsumer } from './room-consumer.ts';
import type { RoomProducer } from './room-objects.ts';
import type { CreatePolicy, RoomPolicy, Sampled } from './room-policy.ts';

type Track = RoomProducer | RoomConsumer;

interface Entry {
  readonly tell: (sampled: Sampled) => void;
  last: { readonly samples: readonly TrackSample[]; readonly atMs: number } | undefined;
  /** Not read again before. */
  dueAtMs: number;
}

/** What changes in less is not seen in counters, but in packets. */
const intervalMs = 2_000;
const turnMs = 100;

/**
 * Of one node. A reading asks a worker, so there is a budget of so many a second; with more tracks than it covers, each is
 * read the more seldom. What just changed is read before its turn.
 */
export class Sampler {
  readonly #clock: Clock;
  readonly #readsPerTurn: number;
  /** In the order in which they are read. */
  readonly #tracks = new Map<Track, Entry>();
  readonly #hurried = new Set<Track>();
  /** Every other time: clients that change their views all the time would keep the other tracks from being read at all. */
  #changedGoFirst = true;
  #timer: Timer | undefined;
  /** Of parts of a read that a turn has left over. */
  #allowance = 0;
  #reading = 0;

  constructor({ clock, readsPerSecond }: { readonly clock: Clock; readonly readsPerSecond: number }) {
    this.#clock = clock;
    this.#readsPerTurn = (readsPerSecond * turnMs) / 1000;
  }

  add(track: Track, tell: (sampled: Sampled) => void): void {
    if (this.#readsPerTurn === 0) return;
    this.#tracks.set(track, { tell, last: undefined, dueAtMs: this.#clock.monotonicMs() + intervalMs });
    this.#timer ??= this.#clock.after(turnMs, () => this.#turn());
  }

  /** Something about it changed. */
  hurry(track: Track): void {
    if (!this.#tracks.has(track)) return;
    this.#hurried.delete(track);
    this.#hurried.add(track);
  }

  remove(track: Track): void {
    this.#tracks.delete(track);
    this.#hurried.delete(track);
  }

  #turn(): void {
    this.#timer = this.#tracks.size > 0 ? this.#clock.after(turnMs, () => this.#turn()) : undefined;
    this.#allowance = Math.min(this.#allowance + this.#readsPerTurn, Math.max(this.#readsPerTurn, 1));
    const nowMs = this.#clock.monotonicMs();
    // What changed last comes first: it is what somebody looks at.
    const changed = [...this.#hurried].reverse().filter((track) => (this.#tracks.get(track)?.dueAtMs ?? 0) <= nowMs);
    const hurried = this.#changedGoFirst ? this.#readSome(changed, nowMs) : 0;
    const inOrder = this.#readSome(this.#tracks.keys(), nowMs);
    if (hurried + inOrder > 0) this.#changedGoFirst = hurried === 0;
  }

  /** Answers how many. */
  #readSome(tracks: Iterable<Track>, nowMs: number): number {
    let read = 0;
    for (const track of tracks) {
      const entry = this.#tracks.get(track);
      // They stand in the order of their times, so nothing behind the first that is not due is due.
      if (!entry || entry.dueAtMs > nowMs) break;
      // A worker that hangs answers nobody; its readings must not pile up.
      if (this.#allowance < 1 || this.#reading >= this.#readsPerTurn * 10) break;
      this.#allowance -= 1;
      read += 1;
      this.#hurried.delete(track);
      this.#tracks.delete(track);
      entry.dueAtMs = nowMs + intervalMs;
      this.#tracks.set(track, entry);
      void this.#read(track, entry);
    }
    return read;
  }

  async #read(track: Track, entry: Entry): Promise<void> {
    this.#reading += 1;
    try {
      const samples = await samplesOf(track);
      const atMs = this.#clock.monotonicMs();
      const { last } = entry;
      if (this.#tracks.get(track) !== entry) return;
      entry.last = { samples, atMs };
      entry.tell({ track, samples, before: last && { samples: last.samples, intervalMs: atMs - last.atMs } });
    } catch {
      // It ended meanwhile, or its worker did: whoever keeps it is told.
    } finally {
      this.#reading -= 1;
    }
  }
}

async function samplesOf(track: Track): Promise<readonly TrackSample[]> {
  if (!(track instanceof RoomConsumer)) return track.engine.sample();
  const sample = await track.engine.sample();
  return sample ? [sample] : [];
}

/** Tells the policies of each room of its tracks' counters, all rooms by one budget. */
export function createSamplerPolicy(sampler: Sampler): CreatePolicy {
  return ({ tellSampled }): RoomPolicy => {
    const mine = new Set<Track>();
    const add = (track: Track) => {
      mine.add(track);
      sampler.add(track, tellSampled);
    };
    const remove = (track: Track) => {
      mine.delete(track);
      sampler.remove(track);
    };
    return {
      producerAdded: add,
      producerRemoved: remove,
      consumerAdded: add,
      consumerRemoved: remove,
      consumerChanged: (consumer) => {
        if (consumer.producer.kind === 'video') sampler.hurry(consumer);
      },
      close: () => {
        for (const track of mine) sampler.remove(track);
      },
    };
  };
}
