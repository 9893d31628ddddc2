import { collectDefaultMetrics, Gauge, Registry } from '@prometheus-io/client';
import type { PlacementStats } from '../../media/create-media.ts';
import type { DataCounts } from '../../media/data/data-counts.ts';
import type { FloorStats } from '../../media/floor/create-floor.ts';
import type { LayerStats } from '../../media/layers/layer-stats.ts';
import type { MediaStats } from '../../media/media.ts';
import type { RecorderStats } from '../../media/recorder.ts';
import type { SignalingStats } from '../../signaling/create-signaling.ts';
import type { SipStats } from '../../sip/open-sip.ts';
import type { GatewayStats } from '../gateway/gateway-stats.ts';
import type { ProbeStats } from '../probe/probes.ts';
import type { CallJournalStats } from '../quality/call-journal.ts';
import type { StoreStats } from '../store/watched-room-log.ts';
import { createCallMetrics, type ObserveCall } from './call-metrics.ts';
import { type ClusterSnapshot, clusterMetrics, createNodeCallMetric, type ObserveNodeCall } from './cluster-metrics.ts';
import { dataMetrics } from './data-metrics.ts';
import { directMetrics } from './direct-metrics.ts';
import { floorMetrics } from './floor-metrics.ts';
import { gatewayMetrics } from './gateway-metrics.ts';
import { layerMetrics } from './layer-metrics.ts';
import { mediaMetrics } from './media-metrics.ts';
import { type PhoneStats, phoneMetrics } from './phone-metrics.ts';
import { createRecoveryMetric, placementMetrics } from './placement-metrics.ts';
import { probeMetrics } from './probe-metrics.ts';
import { createPulledMetrics } from './pulled-metrics.ts';
import { createQualityMetrics, journalMetrics, type QualityMetrics } from './quality-metrics.ts';
import { recordingMetrics } from './recording-metrics.ts';
import { sdpMetrics } from './sdp-metrics.ts';
import { signalingMetrics } from './signaling-metrics.ts';
import { sipMetrics } from './sip-metrics.ts';
import { createAppendMetric, storeMetrics } from './store-metrics.ts';

/** Where the numbers come from; asked when somebody reads the metrics. */
export interface MetricsSources {
  readonly gateway: () => GatewayStats;
  readonly signaling: () => SignalingStats;
  readonly store: () => StoreStats;
  readonly media: () => Promise<MediaStats>;
  readonly placement?: (() => PlacementStats) | undefined;
  readonly layers?: (() => LayerStats) | undefined;
  readonly floor?: (() => FloorStats) | undefined;
  readonly mediaReady: () => boolean;
  readonly probes: () => ProbeStats;
  readonly draining: () => boolean;
  readonly data?: () => Readonly<DataCounts>;
  /** Undefined: nothing is recorded. */
  readonly recorder?: (() => RecorderStats) | undefined;
  /** Undefined: no journal is kept. */
  readonly journal?: (() => CallJournalStats) | undefined;
  /** Undefined: SIP is off. */
  readonly sip?: (() => SipStats | undefined) | undefined;
  /** Undefined: no phones call. */
  readonly phones?: (() => PhoneStats) | undefined;
  /** Undefined: one node by itself. */
  readonly cluster?: (() => ClusterSnapshot) | undefined;
}

export interface Metrics {
  readonly observeCall: ObserveCall;
  /** Told of every call that appends to the store. */
  readonly observeAppend: (seconds: number) => void;
  /** Told each time that everybody of a room is back after one of its workers died. */
  readonly observeRecovery: (seconds: number) => void;
  readonly quality: QualityMetrics;
  /** Told of every call to another node. */
  readonly observeNodeCall: ObserveNodeCall;
  /** From now on the metrics are those of these sources. */
  pullFrom(sources: MetricsSources): void;
  /** The text exposition format of Prometheus. Those who ask at once share one collection. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export function createMetrics({ version }: { version: string }): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string) => new Gauge({ name: `parley_${name}`, help, registers: [registry] });
  new Gauge({ name: 'parley_info', help: 'The version.', labelNames: ['version'], registers: [registry] }).set(
    { version },
    1,
  );
  const mediaUp = gauge('media_up', '1 while at least one worker can take rooms.');
  const drainingNow = gauge('draining', '1 while the server stops.');
  const ofGateway = createPulledMetrics(registry, gatewayMetrics);
  const ofSignaling = createPulledMetrics(registry, [...signalingMetrics, ...sdpMetrics, ...directMetrics]);
  const ofStore = createPulledMetrics(registry, storeMetrics);
  const ofMedia = createPulledMetrics(registry, mediaMetrics);
  const ofProbes = createPulledMetrics(registry, probeMetrics);
  const ofPlacement = createPulledMetrics(registry, placementMetrics);
  const ofLayers = createPulledMetrics(registry, layerMetrics);
  const ofFloor = createPulledMetrics(registry, floorMetrics);
  const ofData = createPulledMetrics(registry, dataMetrics);
  const ofJournal = createPulledMetrics(registry, journalMetrics);
  const ofSip = createPulledMetrics(registry, sipMetrics);
  const ofPhones = createPulledMetrics(registry, phoneMetrics);
  const ofRecorder = createPulledMetrics(registry, recordingMetrics);
  let ofCluster: ReturnType<typeof createPulledMetrics<ClusterSnapshot>> | undefined;
  let sources: MetricsSources | undefined;
  let rendering: Promise<string> | undefined;

  async function collect(): Promise<string> {
    if (sources) {
      ofGateway.set(sources.gateway());
      ofSignaling.set(sources.signaling());
      ofStore.set(sources.store());
      ofProbes.set(sources.probes());
      mediaUp.set(sources.mediaReady() ? 1 : 0);
      drainingNow.set(sources.draining() ? 1 : 0);
      if (sources.data) ofData.set(sources.data());
      if (sources.journal) ofJournal.set(sources.journal());
      if (sources.layers) ofLayers.set(sources.layers());
      if (sources.floor) ofFloor.set(sources.floor());
      if (sources.placement) ofPlacement.set(sources.placement());
      const sip = sources.sip?.();
      if (sip) ofSip.set(sip);
      if (sources.phones) ofPhones.set(sources.phones());
      if (sources.cluster) {
        ofCluster ??= createPulledMetrics(registry, clusterMetrics);
        ofCluster.set(sources.cluster());
      }
      if (sources.recorder) ofRecorder.set(sources.recorder());
      ofMedia.set(await sources.media());
    }
    return registry.metrics();
  }

  return {
    observeCall: createCallMetrics(registry),
    observeAppend: createAppendMetric(registry),
    observeRecovery: createRecoveryMetric(registry),
    quality: createQualityMetrics(registry),
    observeNodeCall: createNodeCallMetric(registry),
    pullFrom(given) {
      sources = given;
    },
    async render() {
      rendering ??= collect().finally(() => {
        rendering = undefined;
      });
      return { contentType: registry.contentType, text: await rendering };
    },
  };
}
