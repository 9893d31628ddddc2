// The composition root: every part of the server, and who gets what. Nothing else constructs engines.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import { Scope } from '../core/scope.ts';
import { isPrivateAddress } from '../media/announced-address.ts';
import type { PlacementLimits } from '../media/choose-place.ts';
import { createMedia } from '../media/create-media.ts';
import { dataCountsOf } from '../media/data/data-counts.ts';
import type { MediaEngine } from '../media/engine.ts';
import { createFloor } from '../media/floor/create-floor.ts';
import { createLayerPolicies } from '../media/layers/create-layer-policies.ts';
import type { Media } from '../media/media.ts';
import { MediaStartError } from '../media/media-start-error.ts';
import { createMediasoupEngine } from '../media/mediasoup/engine.ts';
import { findWorkerBin } from '../media/mediasoup/worker-bin.ts';
import { createCallQuality } from '../media/quality/quality-policy.ts';
import { createSignaling } from '../signaling/create-signaling.ts';
import type { IngestEdge } from '../signaling/ingest/ingest-edge.ts';
import { operatorSecretOf } from './cluster/cluster-secret.ts';
import type { ClusterEngines } from './cluster/engines.ts';
import { createMediaNodes } from './cluster/media-nodes.ts';
import { NodeDrain } from './cluster/node-drain.ts';
import { nodeNameOf } from './cluster/node-info.ts';
import { createNodeLoad } from './cluster/node-load.ts';
import { openCluster } from './cluster/open-cluster.ts';
import { OperatorTokens } from './cluster/operator-tokens.ts';
import { toSignalingParts } from './cluster/to-signaling-parts.ts';
import type { Config } from './config/schema.ts';
import { createGateway, type Gateway } from './gateway/create-gateway.ts';
import type { HttpMethod } from './gateway/http-routes.ts';
import { createOriginCheck } from './gateway/origins.ts';
import { createCallsHandler } from './http/calls.ts';
import { addDrainRoutes } from './http/drain.ts';
import { createGuestTokensHandler } from './http/guest-tokens.ts';
import { createReadyHandler, healthHandler } from './http/health.ts';
import { createIngestRoutes } from './http/ingest.ts';
import { createMetricsHandler } from './http/metrics-route.ts';
import { createOperatorCheck } from './http/operator-check.ts';
import { createProbeHandlers } from './http/probe.ts';
import { createRecordingsHandler, recordingsPath } from './http/recordings.ts';
import { createSipHandlers, sipCallsPath, sipExplainPath } from './http/sip.ts';
import { createSipPhonesHandler, sipPhonesPath } from './http/sip-phones.ts';
import { createSipTrunkHandlers, sipTrunksOpenPath, sipTrunksPath } from './http/sip-trunks.ts';
import { createIssuer, createVerifier } from './identity/create-identity.ts';
import { createMetrics } from './metrics/create-metrics.ts';
import { builtInPage, version } from './package-root.ts';
import { Probes } from './probe/probes.ts';
import { endCalls, openCallJournal } from './quality/open-call-journal.ts';
import { createRecorder } from './recording/create-recorder.ts';
import { LateTelephony } from './sip/late-telephony.ts';
import { startExchange } from './sip/start-exchange.ts';
import { startSip } from './sip/start-sip.ts';
import { StartError } from './start-error.ts';
import { openRoomLog } from './store/open-room-log.ts';
import { watchRoomLog } from './store/watched-room-log.ts';
import { createTurnCredentials } from './turn/turn-credentials.ts';

/** Of the time to drain; the rest is for the answers to those who did not go. */
const movingShare = 0.75;

export interface Started {
  /** Where a browser on this machine finds the page. */
  readonly url: string;
  /** Where clients are told to send media. */
  readonly mediaAddresses: readonly string[];
}

export interface App {
  /**
   * Starts every part, then listens. When one cannot start, those that did are closed again.
   * @throws {StartError} with the step, the reason and the mend.
   */
  start(): Promise<Started>;
  /** Takes no new work, tells every session, and waits until all are gone or shutdown.drainMs is over. */
  drain(): Promise<void>;
  /** Reads the dial plan again; one that cannot be used leaves the one before in effect. Nothing where there is none. */
  reload(): Promise<void>;
  /** Stops everything, drained or not. Closing twice does nothing. */
  close(): Promise<void>;
}

interface AppParts {
  readonly log: Logger;
  readonly clock?: Clock;
  /** Where a room goes on at another worker; the usual ones by default. */
  readonly placementLimits?: PlacementLimits | undefined;
  /** What the nodes share, instead of the Redis that the options name. */
  readonly engines?: ClusterEngines | undefined;
}

export function createApp(config: Config, { log, clock = systemClock, placementLimits, engines }: AppParts): App {
  const scope = new Scope();
  let drainParts = async () => {};
  let reloadPlan: () => Promise<unknown> = async () => {};
  let draining: Promise<void> | undefined;
  const isDraining = () => draining !== undefined;

  async function startParts(): Promise<Started> {
    const verifier = createVerifier(config, { clock, log });
    const metrics = createMetrics({ version });

    const cluster = await openCluster(config, { clock, log, engines, observeCall: metrics.observeNodeCall });
    scope.defer(async () => cluster?.close());
    const store = watchRoomLog(cluster?.engines.roomLog ?? (await openRoomLog(config, { clock, log })), {
      clock,
      observeAppend: metrics.observeAppend,
    });
    // Closed last: what signaling has appended by then is carried out.
    scope.defer(() => store.roomLog.close());
    const engine = await startEngine(config, { clock, log });
    const quality = createCallQuality({ ...config.quality, ...metrics.quality });
    const journal = openCallJournal(config, { clock, log });
    scope.defer(async () => journal?.flush());
    const layers = createLayerPolicies({ clock, options: config.media });
    const floor = createFloor({ log });
    scope.defer(() => floor.close());
    const mediaNodes = cluster && createMediaNodes(config, { ...cluster, nodes: cluster.engines.directory.nodes, log });
    const media = createMedia({
      engine,
      options: config.media,
      clock,
      log,
      policies: [...layers.policies, quality.policy, floor.policy],
      onRecovered: metrics.observeRecovery,
      placementLimits,
      nodes: mediaNodes,
    });
    scope.defer(() => media.close());
    mediaNodes?.serve(media.forNodes);
    // Closed while the workers started: what follows would listen after all.
    scope.signal.throwIfAborted();
    warnOfPrivateAddresses(config, media, log);

    const iceServersFor = createTurnCredentials({ ...config.turn, clock });
    const recorder = await createRecorder(config, { clock, log });
    scope.defer(async () => recorder?.close());
    const telephony = new LateTelephony();
    const signaling = createSignaling({
      media,
      recorder,
      roomLog: store.roomLog,
      cluster: cluster && toSignalingParts(cluster, config),
      telephony,
      verifier,
      iceServersFor,
      options: {
        rooms: config.rooms,
        calls: config.calls,
        sessions: config.sessions,
        chat: config.chat,
        ingest: config.ingest,
        maxFrameBytes: config.gateway.maxFrameBytes,
        serverVersion: version,
      },
      clock,
      log,
      observeCall: metrics.observeCall,
      observeLeave: endCalls(quality, journal, clock),
    });
    scope.defer(() => signaling.close());

    const options = { ...config.gateway, webRoot: findWebRoot(config, log) };
    const gateway = createGateway({ options, edges: signaling, log, clock });
    scope.defer(() => gateway.close());
    const probes = new Probes({ engine, clock });
    scope.defer(() => probes.close());
    // Phones may come before there is anything that drains.
    let nodeDrain: NodeDrain | undefined;
    const sip = await startSip(config, { clock, log, isLeaving: () => nodeDrain?.isDraining ?? false });
    scope.defer(async () => sip?.close());
    const exchange = sip && (await startExchange(config, { clock, log, engine, sip, signaling, cluster }));
    // Before the agent: phones are hung up with a reason, and their rooms are told.
    scope.defer(async () => exchange?.close());
    telephony.exchange = exchange;
    if (exchange) reloadPlan = () => exchange.plan.reload();
    scope.signal.throwIfAborted();
    const drain = cluster && new NodeDrain({ signaling, nodes: cluster.engines.directory.nodes, log });
    nodeDrain = drain;
    cluster?.engines.directory.nodes.events.on('stateChanged', ({ state }) =>
      drain?.followIsolation(state === 'isolated'),
    );
    drainParts = async () => {
      const startedMs = clock.monotonicMs();
      const { drainMs } = config.shutdown;
      gateway.stopAccepting();
      // Proxies see at once that calls go elsewhere now.
      const phones = sip?.agent?.drain(drainMs);
      if (drain?.canStart && drainMs > 0) await drain.move(drainMs * movingShare);
      engine.drain();
      await Promise.all([phones, signaling.drain(Math.max(startedMs + drainMs - clock.monotonicMs(), 0))]);
    };
    metrics.pullFrom({
      gateway: () => gateway.stats(),
      signaling: () => signaling.stats(),
      store: store.stats,
      media: () => media.stats(),
      placement: () => media.placementStats(),
      layers: () => layers.stats,
      floor: () => floor.stats(),
      mediaReady: () => media.ready,
      probes: () => probes.stats(),
      draining: () => isDraining() || !!drain?.isDraining,
      data: () => dataCountsOf(config.media),
      recorder: recorder && (() => recorder.stats()),
      journal: journal && (() => journal.stats),
      sip: sip?.agent && (() => sip.agent?.stats()),
      phones:
        exchange &&
        (() => ({ exchange: exchange.stats(), media: exchange.media(), trunks: exchange.plan.trunks.states })),
      cluster: cluster && (() => ({ ...cluster.stats(), rooms: signaling.stats().cluster })),
    });

    const look = () => ({
      obstacles: [
        ...(isDraining() ? ['the server is stopping'] : []),
        ...(drain?.isDraining ? ['its clients are sent to other nodes'] : []),
        ...(media.ready ? [] : ['no media worker is running']),
        // What is wrong with a store that all nodes share would take all of them from the balancer at once.
        ...[(cluster === undefined ? store.obstacle() : cluster.obstacle()) ?? []].flat(),
      ],
      limitations: [
        ...[store.limitation() ?? []].flat(),
        ...(cluster === undefined ? [] : [store.obstacle() ?? [], cluster.limitations()].flat()),
      ],
    });
    const metricsAccess = { ...config.metrics, trustedProxies: config.gateway.trustedProxies };
    gateway.route('GET', '/health', healthHandler);
    gateway.route('GET', '/ready', createReadyHandler(look));
    gateway.route('GET', '/metrics', createMetricsHandler(metrics.render, metricsAccess));
    if (cluster && drain) {
      const tokens = new OperatorTokens({ secret: cluster.secret, clock });
      addDrainRoutes(gateway, { drain, tokens, trustedProxies: config.gateway.trustedProxies });
    }
    if (recorder) {
      gateway.routeUnder('GET', recordingsPath, createRecordingsHandler({ archive: recorder.archive, verifier }));
    }
    const probeRoutes = createProbeHandlers({ probes, verifier, iceServersFor });
    gateway.route('GET', '/api/v1/probe', probeRoutes.plan);
    gateway.route('POST', '/api/v1/probe', probeRoutes.open);
    addIngestRoutes(gateway, config, { ingest: signaling.ingest, isOneOfMany: cluster !== undefined });
    const operatorSecret = operatorSecretOf(config);
    const requireOperator = createOperatorCheck({
      verifier,
      operators: operatorSecret === undefined ? undefined : new OperatorTokens({ secret: operatorSecret, clock }),
      trustedProxies: config.gateway.trustedProxies,
    });
    if (journal) gateway.route('GET', '/api/v1/calls', createCallsHandler({ journal, verifier, requireOperator }));
    if (sip?.agent) {
      const sipRoutes = createSipHandlers({ agent: sip.agent, requireOperator });
      gateway.route('GET', sipCallsPath, sipRoutes.calls);
      gateway.route('POST', sipExplainPath, sipRoutes.explain);
    }
    if (exchange) {
      const trunkRoutes = createSipTrunkHandlers({ trunks: exchange.plan.trunks, requireOperator });
      const phonesHandler = createSipPhonesHandler({
        registrar: exchange.plan.registrar,
        places: cluster?.engines.directory.phones,
        node: nodeNameOf(config),
        requireOperator,
      });
      gateway.route('GET', sipPhonesPath, phonesHandler);
      gateway.route('GET', sipTrunksPath, trunkRoutes.list);
      gateway.route('POST', sipTrunksOpenPath, trunkRoutes.open);
    }
    if (config.dev) {
      gateway.route('POST', '/api/v1/tokens', createGuestTokensHandler({ issuer: createIssuer(config), clock }));
    }

    const load = createNodeLoad({
      places: () => engine.places,
      promised: () => media.placementStats().promised,
      clock,
    });
    await cluster?.join(() => {
      const { rooms, peers } = signaling.stats();
      const ready = look().obstacles.length === 0;
      const draining = isDraining() || !!drain?.isDraining;
      return { ready, draining, rooms, peers: peers.client + peers.chat + peers.phone, ...load() };
    });
    const { url } = await gateway.listen();
    const mediaAddresses = media.announcedAddresses;
    log.info({ url, version, dev: config.dev, mediaAddresses }, 'server listening');
    return { url, mediaAddresses };
  }

  return {
    async start() {
      try {
        return await startParts();
      } catch (error) {
        // The first failure is the one to tell of, not what it broke on the way down.
        await scope.close().catch((failure: unknown) => log.warn({ err: failure }, 'a part did not close'));
        throw error;
      }
    },

    drain() {
      if (draining === undefined) {
        log.info({ drainMs: config.shutdown.drainMs }, 'server draining');
        draining = drainParts();
      }
      return draining;
    },

    async reload() {
      await reloadPlan();
    },

    async close() {
      draining ??= Promise.resolve();
      await scope.close();
      log.info({}, 'server stopped');
    },
  };
}

function addIngestRoutes(
  gateway: Gateway,
  { ingest: options, gateway: { allowedOrigins, host }, node }: Config,
  { ingest, isOneOfMany }: { ingest: IngestEdge; isOneOfMany: boolean },
): void {
  const origins = options.allowedOrigins.length > 0 ? options.allowedOrigins : allowedOrigins;
  const isOriginAllowed = createOriginCheck({ allowedOrigins: origins, host });
  for (const mode of ['whip', 'whep'] as const) {
    if (!options[mode]) continue;
    const nodeUrl = isOneOfMany ? node.publicUrl : '';
    const routes = createIngestRoutes({ mode, ingest, isOriginAllowed, nodeUrl });
    for (const [method, handler] of Object.entries(routes))
      gateway.routeUnder(method as HttpMethod, `/${mode}/`, handler);
  }
}

const mediaMends: { readonly [Option in keyof Config['media']]?: string } = {
  workerBin:
    'Run `node scripts/setup.mjs start`, which finds or makes a worker and proves it, or set media.workerBin (PARLEY_MEDIA_WORKER_BIN) to one that runs here.',
  listenIp: 'Set media.listenIp (PARLEY_MEDIA_LISTEN_IP) to an address of this machine.',
  port: 'Set media.port (PARLEY_MEDIA_PORT) to ports that are free and that this user may listen on.',
};
const examine = '`parley doctor` tries the worker, the ports and the addresses.';

/** @throws {StartError} */
export async function startEngine(config: Config, parts: { clock: Clock; log: Logger }): Promise<MediaEngine> {
  try {
    return await createMediasoupEngine({ options: config.media, ...parts });
  } catch (error) {
    const known = error instanceof MediaStartError ? mediaMends[error.option] : undefined;
    throw new StartError('starting the media workers', error instanceof Error ? error.message : String(error), {
      mend: known === undefined ? examine : `${known} ${examine}`,
      cause: error,
    });
  }
}

/** The binary that the workers run. @throws {Error} that says what to do when there is none. */
export function findMediaWorker({ media }: Config): string {
  return findWorkerBin(media.workerBin);
}

function findWebRoot({ gateway: { webRoot } }: Config, log: Logger): string {
  if (webRoot !== 'built-in') return webRoot;
  if (existsSync(join(builtInPage, 'index.html'))) return builtInPage;
  log.warn({ folder: builtInPage }, 'the web page is not built and not served: run npm run build');
  return '';
}

/** Browsers elsewhere would be told addresses that lead nowhere, and calls would stay silent without an error. */
function warnOfPrivateAddresses(config: Config, { announcedAddresses }: Media, log: Logger): void {
  if (config.dev || !announcedAddresses.every(isPrivateAddress)) return;
  log.warn(
    { announced: announcedAddresses },
    'media is announced on private addresses only: clients on the internet will have no sound and no picture. Set media.announcedAddress to the public address',
  );
}
