import { availableParallelism } from 'node:os';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { listenAddresses } from '../announced-address.ts';
import type { EngineStats, MediaEngine, RouterRequest } from '../engine.ts';
import type { MediaOptions } from '../media-options.ts';
import { mediaUnavailable } from '../unavailable.ts';
import { loadMediasoup } from './load-mediasoup.ts';
import { refusing, unavailable } from './refusals.ts';
import type { MediasoupRouter } from './router.ts';
import { Traffic } from './traffic.ts';
import { MediaWorker } from './worker.ts';
import { findWorkerBin } from './worker-bin.ts';
import { WorkerPool } from './worker-pool.ts';

/** What is not known by then is left out, or shown as it was: a worker that hangs must not hold up the metrics. */
const statsWithinMs = 1000;

interface MediasoupEngineOptions {
  readonly options: MediaOptions;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Starts the workers.
 * @throws {MediaStartError} that names the binary or the port when one does not start.
 */
export async function createMediasoupEngine({ options, clock, log }: MediasoupEngineOptions): Promise<MediaEngine> {
  let draining = false;
  const mediasoup = await loadMediasoup(findWorkerBin(options.workerBin));
  mediasoup.setLogEventListeners({
    onwarn: (namespace, line) => log.debug({ namespace }, line),
    onerror: (namespace, line, error) => log[draining ? 'debug' : 'warn']({ namespace, err: error }, line),
  });
  const listen = listenAddresses(options);
  const traffic = new Traffic({ clock, log });
  const pool = await WorkerPool.start({
    size: options.workers || Math.max(availableParallelism() - 1, 1),
    start: (index) => {
      const port = options.port === 0 ? 0 : options.port + index;
      return MediaWorker.start({ mediasoup, listen, port, place: index, options, log, traffic }, clock.monotonicMs());
    },
    clock,
    log,
  });

  // mediasoup tells what a router can do by the router alone; all of ours can do the same.
  const probe = await createRouter().catch(async (error: unknown) => {
    await pool.close();
    throw error;
  });
  const { rtpCapabilities } = probe;
  probe.close();

  async function createRouter({ place, payloadTypes }: RouterRequest = {}): Promise<MediasoupRouter> {
    const worker = place === undefined ? pool.pick() : pool.at(place);
    if (!worker) throw mediaUnavailable();
    return refusing(() => worker.createRouter(payloadTypes), unavailable);
  }

  async function stats(): Promise<EngineStats> {
    const workers = pool.filled.map(async ({ index, worker }) => {
      const known = await within(clock, statsWithinMs, worker.stats());
      return known && { place: index, ...known };
    });
    const [known] = await Promise.all([Promise.all(workers), within(clock, statsWithinMs, traffic.refresh())]);
    return {
      workers: known.filter((worker) => worker !== undefined),
      workerDeaths: pool.deaths,
      receivedPackets: traffic.received.packets,
      receivedBytes: traffic.received.bytes,
      forwardedPackets: traffic.forwarded.packets,
      forwardedBytes: traffic.forwarded.bytes,
    };
  }

  return {
    rtpCapabilities,
    announcedAddresses: listen.map(({ announced }) => announced),
    get ready() {
      return pool.workers.length > 0;
    },
    get places() {
      return pool.filled.map(({ index, worker }) => ({ place: index, load: worker.load, routers: worker.routers }));
    },
    whenReady: () => pool.whenReady(),
    drain() {
      draining = true;
      pool.drain();
    },
    createRouter,
    stats,
    close: () => pool.close(),
  };
}

/** What a promise resolves to, undefined when it takes too long or fails. */
async function within<T>(clock: Clock, timeoutMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<Clock['after']> | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = clock.after(timeoutMs, () => resolve(undefined));
  });
  const value = await Promise.race([promise.catch(() => undefined), timeout]);
  timer?.cancel();
  return value;
}
