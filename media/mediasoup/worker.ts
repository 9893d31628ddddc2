import type { types } from 'mediasoup';
import type { ListenAddress } from '../announced-address.ts';
import { routerCodecs } from '../codecs.ts';
import type { PayloadTypes } from '../engine.ts';
import type { MediaStats } from '../media.ts';
import { MediaStartError } from '../media-start-error.ts';
import { fromRouterCodecs } from './convert.ts';
import { edgeCodecs } from './edge-codecs.ts';
import { withoutMethod } from './refusals.ts';
import { residentBytesOf } from './resident-bytes.ts';
import { MediasoupRouter, type RouterContext } from './router.ts';

/** A worker that does not end by itself within this time is killed. */
const endWithinMs = 2000;
/** How often a worker may leave the question for its resources unanswered before it counts as hung. */
const maxUnanswered = 5;
/**
 * Everybody's packets come through one socket, and the usual buffer of 208 KB holds 260 of them: a few milliseconds in
 * which the worker is not scheduled. Linux gives as much of this as net.core.rmem_max and wmem_max allow.
 */
const socketBufferBytes = 4 * 1024 * 1024;
const udpBuffers = { recvBufferSize: socketBufferBytes, sendBufferSize: socketBufferBytes };

export interface WorkerOptions extends RouterContext {
  readonly mediasoup: typeof import('mediasoup');
  readonly listen: readonly ListenAddress[];
  /** UDP and TCP; 0: free ones. */
  readonly port: number;
  /** From 0, in its pool. */
  readonly place: number;
}

/** One process of mediasoup: one core's worth of forwarding, behind one UDP and one TCP port for each address. */
export class MediaWorker {
  readonly pid: number;
  readonly #options: WorkerOptions;
  readonly #worker: types.Worker;
  readonly #webRtcServer: types.WebRtcServer;
  readonly #routers = new Set<MediasoupRouter>();
  #cpuSeconds = 0;
  #sampledAtMs: number;
  #share = 0;
  #unanswered = 0;

  private constructor(options: WorkerOptions, worker: types.Worker, webRtcServer: types.WebRtcServer, nowMs: number) {
    this.#options = options;
    this.#worker = worker;
    this.#webRtcServer = webRtcServer;
    this.pid = worker.pid;
    this.#sampledAtMs = nowMs;
  }

  /** @throws {MediaStartError} that says what could not be started or listened on. */
  static async start(options: WorkerOptions, nowMs: number): Promise<MediaWorker> {
    const { listen, mediasoup, port } = options;
    const worker = await mediasoup
      .createWorker({
        logLevel: 'warn',
        // Other tags have lines that anybody who can send a packet here can cause, at the cost of this process.
        logTags: ['dtls'],
      })
      .catch((error: unknown) => {
        const problem = `The media worker ${mediasoup.workerBin} did not start: ${reasonOf(error)}`;
        throw new MediaStartError('workerBin', problem, { cause: error });
      });
    try {
      const webRtcServer = await worker.createWebRtcServer({
        listenInfos: (['udp', 'tcp'] as const).flatMap((protocol) =>
          listen.map(({ ip, announced }) => ({
            protocol,
            ip,
            port,
            ...(protocol === 'udp' ? udpBuffers : {}),
            ...(announced === ip ? {} : { announcedAddress: announced }),
          })),
        ),
      });
      return new MediaWorker(options, worker, webRtcServer, nowMs);
    } catch (error) {
      worker.close();
      const where = listen.map(({ ip }) => `${ip} port ${port}`).join(' and ');
      const reason = reasonOf(error);
      // In the words of libuv; everything else that can be wrong, as being taken or not allowed, is wrong with the port.
      const option = reason.includes('address not available') ? 'listenIp' : 'port';
      throw new MediaStartError(option, `The media worker could not listen on ${where}: ${reason}`, { cause: error });
    }
  }

  /** Calls back once, unless the worker was closed on purpose. */
  onDied(callback: (error: Error) => void): void {
    this.#worker.once('died', callback);
  }

  /** Ends the router of everybody who had one here. They ask for another at once, so the pool must know before. */
  abandonRouters(): void {
    const routers = [...this.#routers];
    this.#routers.clear();
    for (const router of routers) router.events.emit('died', { workerPid: this.pid });
  }

  /** Cores in use, as last measured. A worker that does not answer is the last one to take. */
  get load(): number {
    return this.#unanswered > 1 ? Number.POSITIVE_INFINITY : this.#share;
  }

  get routers(): number {
    return this.#routers.size;
  }

  /** With all codecs, unless payload types say otherwise. */
  async createRouter(payloadTypes?: PayloadTypes): Promise<MediasoupRouter> {
    const { options, log, traffic, place } = this.#options;
    const mediaCodecs = fromRouterCodecs(payloadTypes ? edgeCodecs(payloadTypes) : routerCodecs);
    const router = await this.#worker.createRouter({ mediaCodecs });
    const wrapped: MediasoupRouter = await MediasoupRouter.create({
      options,
      log,
      traffic,
      router,
      workerPid: this.pid,
      place,
      webRtcServer: this.#webRtcServer,
      // Not mediasoup's own event: that comes before `died` too, and nobody would be left to tell.
      onClosed: () => this.#routers.delete(wrapped),
    });
    this.#routers.add(wrapped);
    return wrapped;
  }

  /** Takes a sample of the CPU time. A worker that has left several unanswered is killed, as it serves nobody. */
  async sample(nowMs: number): Promise<void> {
    if (this.#unanswered >= maxUnanswered) {
      this.#options.log.error({ workerPid: this.pid }, 'media worker hangs and is killed');
      kill(this.pid);
      return;
    }
    this.#unanswered += 1;
    const cpuSeconds = await this.#readCpuSeconds();
    this.#unanswered = 0;
    const elapsedMs = nowMs - this.#sampledAtMs;
    if (elapsedMs > 0) this.#share = ((cpuSeconds - this.#cpuSeconds) * 1000) / elapsedMs;
    this.#cpuSeconds = cpuSeconds;
    this.#sampledAtMs = nowMs;
  }

  async stats(): Promise<Omit<MediaStats['workers'][number], 'place'>> {
    const usage = await this.#worker.getResourceUsage();
    return {
      pid: this.pid,
      routers: this.#routers.size,
      cpuSeconds: (usage.ru_utime + usage.ru_stime) / 1000,
      residentBytes: await residentBytesOf(this.pid, usage.ru_maxrss),
    };
  }

  /** Resolves when the process is gone. */
  async close(): Promise<void> {
    if (this.#worker.subprocessClosed) return;
    const ended = new Promise<void>((resolve) => this.#worker.once('subprocessclose', resolve));
    this.#worker.close();
    const force = setTimeout(() => kill(this.pid), endWithinMs);
    await ended;
    clearTimeout(force);
  }

  async #readCpuSeconds(): Promise<number> {
    const { ru_utime, ru_stime } = await this.#worker.getResourceUsage();
    return (ru_utime + ru_stime) / 1000;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? withoutMethod(error.message) : String(error);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
