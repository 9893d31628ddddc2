// The gateway: everything that clients reach over one TCP port.

import { setTimeout } from 'node:timers/promises';
import { type Clock, systemClock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { SignalingEdges } from '../../signaling/endpoints.ts';
import { Admission } from './admission.ts';
import { FlushQueue } from './flush-queue.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { countRefusal, createCounters, type GatewayStats, snapshotOf } from './gateway-stats.ts';
import { type HttpHandler, type HttpMethod, HttpRoutes } from './http-routes.ts';
import type { RequestHead } from './listener.ts';
import { createOriginCheck } from './origins.ts';
import { createRequests } from './requests.ts';
import { loadStaticFiles, type StaticFiles } from './static-files.ts';
import { createFindClientAddress } from './trusted-proxies.ts';
import { createUpgrades } from './upgrades.ts';
import { createUwsListener } from './uws.ts';

export interface GatewayParts {
  readonly options: GatewayOptions;
  readonly edges: SignalingEdges;
  readonly log: Logger;
  readonly clock?: Clock;
}

export interface Gateway {
  /** Adds an HTTP route; paths are exact. @throws {Error} when it exists. */
  route(method: HttpMethod, path: string, handler: HttpHandler): void;
  /** Adds one for every path that starts so, as in `/whip/`. @throws {Error} when it exists. */
  routeUnder(method: HttpMethod, prefix: string, handler: HttpHandler): void;
  /**
   * Reads the web page, then listens. `url` is where a browser on this machine finds it.
   * @throws {StartError} when the page cannot be read or the port cannot be had.
   */
  listen(): Promise<{ readonly host: string; readonly port: number; readonly url: string }>;
  stats(): GatewayStats;
  /** Lets nobody else in: new WebSockets get SERVER_DRAINING. Those that are there go on, and so does HTTP. */
  stopAccepting(): void;
  /** Closes every WebSocket with SERVER_DRAINING, then everything else. Closing twice does nothing. */
  close(): Promise<void>;
}

/** An answer of the server to one message may be that much larger than what slow readers may have unsent. */
const fuseMarginBytes = 8 * 1024 * 1024;
/** Frames a little too large are refused in words; the engine cuts off those beyond. */
const wordsMarginBytes = 64 * 1024;
/** What is left of the usual 65,536 file descriptors beside 20,000 connections is plenty; each of these costs one. */
const maxPlainSockets = 4_096;
/** For close frames to leave and for clients to answer them, before the sockets go. */
const closeGraceMs = 250;

/** @throws {StartError} when the TLS files or the list of trusted proxies cannot be used. */
export function createGateway({ options, edges, log, clock = systemClock }: GatewayParts): Gateway {
  const admission = new Admission(options, clock);
  const context: GatewayContext = {
    options,
    counters: createCounters(),
    connections: new Set(),
    admission,
    flushQueue: new FlushQueue(),
    clock,
    log,
  };
  const routes = new HttpRoutes(log);
  const findClientAddress = createFindClientAddress(options.trustedProxies);
  const clientAddress = ({ peerAddress, headers }: RequestHead) =>
    findClientAddress(peerAddress, headers['x-forwarded-for']);
  const isOriginAllowed = createOriginCheck(options);
  let page: StaticFiles | undefined;
  const listener = createUwsListener(
    {
      ...options,
      maxPlainSockets,
      maxMessageBytes: Math.max(options.maxFrameBytes * 2, options.maxFrameBytes + wordsMarginBytes),
      maxUnsentBytes: options.slowConsumerBytes + fuseMarginBytes,
    },
    {
      request: createRequests({ log, counters: context.counters, admission, routes, page: () => page, clientAddress }),
      upgrade: createUpgrades({ context, edges, isOriginAllowed, clientAddress }),
      socketRefused: () => countRefusal(context.counters, 'TOO_MANY_CONNECTIONS'),
    },
    log,
  );

  const shutDown = async () => {
    admission.drain();
    listener.stopListening();
    if (context.connections.size > 0) {
      for (const connection of [...context.connections]) connection.close('SERVER_DRAINING');
      // A timer that keeps the process alive: nothing else may, once the last socket is gone.
      await setTimeout(closeGraceMs);
    }
    listener.close();
    admission.close();
  };
  let closing: Promise<void> | undefined;
  return {
    route: (method, path, handler) => routes.add(method, path, handler),
    routeUnder: (method, prefix, handler) => routes.addUnder(method, prefix, handler),
    async listen() {
      if (options.webRoot !== '') page = await loadStaticFiles(options.webRoot);
      // Closed meanwhile, a listener that opens now would be closed by nobody.
      if (closing !== undefined) throw new Error('the gateway was closed before it listened');
      const { port } = await listener.listen();
      return { host: options.host, port, url: toUrl(options, port) };
    },
    stats: () => snapshotOf(context.counters, context.connections),
    stopAccepting: () => admission.drain(),
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}

function toUrl({ host, tls }: GatewayOptions, port: number): string {
  const scheme = tls.certFile === '' ? 'http' : 'https';
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${name}:${port}`;
}
