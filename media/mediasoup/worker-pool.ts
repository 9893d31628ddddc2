import type { Clock, Timer } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { mediaUnavailable } from '../unavailable.ts';
import type { MediaWorker } from './worker.ts';

/** A worker that lived this long died of something new: its place is filled at once. */
const longLifeMs = 10_000;
/** Before a place is filled whose last worker died young, doubled each time. */
const firstBackoffMs = 100;
const maxBackoffMs = 10_000;
const sampleIntervalMs = 2000;
/** What a router counts for where one more is placed: a burst of new rooms comes before its packets do. */
const loadPerRouter = 0.01;

interface Place {
  readonly index: number;
  worker: MediaWorker | undefined;
  /** Workers in a row that did not start or died young. */
  failures: number;
  restart: Timer | undefined;
}

interface WorkerPoolOptions {
  readonly size: number;
  /** Starts the worker of a place. */
  readonly start: (index: number) => Promise<MediaWorker>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Keeps a worker in each of its places. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #places: readonly Place[];
  readonly #waiting = new Set<{ resolve: () => void; reject: (error: Error) => void }>();
  /** Replacements under way, which a closing pool waits for. */
  readonly #starting = new Set<Promise<void>>();
  #sampling: Timer | undefined;
  #deaths = 0;
  #draining = false;
  #closed = false;

  private constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#places = Array.from({ length: options.size }, (_, index) => ({
      index,
      worker: undefined,
      failures: 0,
      restart: undefined,
    }));
  }

  /** Starts every worker. @throws {Error} of the first that does not start, with the others ended. */
  static async start(options: WorkerPoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    const results = await Promise.allSettled(pool.#places.map((place) => pool.#fill(place)));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) {
      await pool.close();
      throw failure.reason;
    }
    pool.#sampleLater();
    return pool;
  }

  get deaths(): number {
    return this.#deaths;
  }

  /** The places that have a worker now. */
  get filled(): readonly { readonly index: number; readonly worker: MediaWorker }[] {
    return this.#places.flatMap(({ index, worker }) => (worker ? [{ index, worker }] : []));
  }

  get workers(): readonly MediaWorker[] {
    return this.filled.map(({ worker }) => worker);
  }

  /** The least loaded worker, undefined when there is none. */
  pick(): MediaWorker | undefined {
    const [first, ...others] = this.workers;
    const weigh = ({ load, routers }: MediaWorker) => load + routers * loadPerRouter;
    return others.reduce((least, worker) => (least && weigh(worker) >= weigh(least) ? least : worker), first);
  }

  /** The worker of a place, undefined while there is none. */
  at(place: number): MediaWorker | undefined {
    return this.#places[place]?.worker;
  }

  /** Resolves as soon as there is a worker. @throws {AppError} MEDIA_UNAVAILABLE when the pool closes first. */
  whenReady(): Promise<void> {
    if (this.#closed) return Promise.reject(mediaUnavailable());
    if (this.workers.length > 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.add({ resolve, reject });
    });
  }

  /** From now on the end of a worker is expected. */
  drain(): void {
    this.#draining = true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#sampling?.cancel();
    for (const place of this.#places) place.restart?.cancel();
    for (const { reject } of this.#waiting) reject(mediaUnavailable());
    this.#waiting.clear();
    await Promise.all(this.#starting);
    await Promise.all(this.workers.map((worker) => worker.close()));
  }

  async #fill(place: Place): Promise<void> {
    const { start, clock, log } = this.#options;
    const worker = await start(place.index);
    if (this.#closed) {
      await worker.close();
      return;
    }
    const startedAtMs = clock.monotonicMs();
    place.worker = worker;
    worker.onDied((error) => {
      this.#deaths += 1;
      place.worker = undefined;
      const livedMs = clock.monotonicMs() - startedAtMs;
      place.failures = livedMs >= longLifeMs ? 0 : place.failures + 1;
      const fields = { workerPid: worker.pid, livedMs: Math.round(livedMs), err: error };
      if (this.#draining) log.info(fields, 'media worker ended while stopping');
      else log.error(fields, 'media worker died');
      // Behind the line that takes it out of the pool: its rooms ask for another worker while they are told.
      worker.abandonRouters();
      this.#replace(place);
    });
    log.info({ workerPid: worker.pid, place: place.index }, 'media worker started');
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #replace(place: Place): void {
    if (this.#closed) return;
    const delayMs = place.failures === 0 ? 0 : Math.min(firstBackoffMs * 2 ** (place.failures - 1), maxBackoffMs);
    place.restart = this.#options.clock.after(delayMs, () => {
      const starting = this.#fill(place).catch((error: unknown) => {
        place.failures += 1;
        this.#options.log.error({ place: place.index, err: error }, 'media worker was not replaced, trying again');
        this.#replace(place);
      });
      this.#starting.add(starting);
      void starting.then(() => this.#starting.delete(starting));
    });
  }

  #sampleLater(): void {
    const { clock, log } = this.#options;
    this.#sampling = clock.after(sampleIntervalMs, () => {
      for (const worker of this.workers) {
        worker.sample(clock.monotonicMs()).catch((error: unknown) => {
          log.debug({ workerPid: worker.pid, err: error }, 'media worker was not sampled');
        });
      }
      this.#sampleLater();
    });
  }
}
