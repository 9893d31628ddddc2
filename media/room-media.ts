import type { Clock } from '../core/clock.ts';
import { Emitter } from '../core/events.ts';
import type { PeerId } from '../core/ids.ts';
import type { Logger } from '../core/log.ts';
import type { LinkFrame } from '../proto/gen/node-types.ts';
import type { ConsumerView, DtlsParameters, PeerQuality, ProducerInfo, QualityReport } from '../proto/gen/types.ts';
import { Admission, type LoadLimits } from './admission.ts';
import type { PlacementStats } from './create-media.ts';
import { openData } from './data/open-data.ts';
import type { MediaEngine, SourceOrigin, TapTarget } from './engine.ts';
import type {
  ConsumeRequest,
  PixelSize,
  PreferredLayers,
  ProduceRequest,
  RoomMedia,
  RoomMediaEvents,
  RoomTap,
  TransportRequest,
} from './media.ts';
import type { MediaOptions } from './media-options.ts';
import { Mutes, type OwnerLocks } from './mutes.ts';
import type { NodeOutlets } from './nodes/node-outlets.ts';
import type { OtherNodes } from './nodes/node-tracks.ts';
import type { RemoteRoomTracks } from './nodes/remote-room-tracks.ts';
import { RoomNodes } from './nodes/room-nodes.ts';
import type { Placement } from './placement.ts';
import { Policies } from './policies.ts';
import { Recovery } from './recovery.ts';
import type { CreatePolicy } from './room-policy.ts';
import { RoomSpeakers } from './room-speakers.ts';
import { openRoomTap } from './room-tap.ts';
import { type Lost, Stage } from './stage.ts';
import * as consumers from './stage-consumers.ts';
import * as producers from './stage-producers.ts';
import { openSource } from './stage-sources.ts';
import * as transports from './stage-transports.ts';
import { mediaUnavailable } from './unavailable.ts';

/** Between tries to open a router that failed although there was a worker. */
const retryDelayMs = 100;

export interface RoomMediaOptions {
  readonly room: string;
  readonly engine: MediaEngine;
  readonly options: MediaOptions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly policies: readonly CreatePolicy[];
  readonly defer: (run: () => void) => void;
  readonly placement: Placement;
  readonly limits: LoadLimits;
  readonly nodes: OtherNodes | undefined;
  readonly firstEpoch: number;
  readonly onRecovered: (seconds: number) => void;
  readonly onClosed: () => void;
}

/**
 * The media of one room on whatever workers there are. What outlives its peers' media is here: epochs, mutes, and the way
 * to the next router when none is left.
 */
export class EngineRoomMedia implements RoomMedia {
  readonly events: Emitter<RoomMediaEvents>;
  readonly roomNodes: RoomNodes | undefined;
  readonly #options: RoomMediaOptions;
  readonly #mutes = new Mutes();
  readonly #policies: Policies;
  /** Of peers that are there. */
  readonly #quality = new Map<string, PeerQuality>();
  readonly #admission: Admission;
  readonly #recovery: Recovery;
  readonly #stage: Stage;
  /** What each peer was told first, or lost its media in; a reset of others is none of its business. */
  readonly #epochs = new Map<PeerId, number>();
  /** Lost and not told yet. */
  readonly #lost = new Map<PeerId, readonly string[]>();
  #speakers: readonly PeerId[] = [];
  #epoch: number;
  /** `waiting`: the last of its workers died and there is no other router yet. */
  #state: 'open' | 'waiting' | 'closed' = 'open';

  constructor(options: RoomMediaOptions) {
    this.#options = options;
    this.#epoch = options.firstEpoch;
    this.events = new Emitter((error, event) => {
      options.log.error({ err: error, room: options.room, event }, 'a listener of room media failed');
    });
    const { room, engine, clock, log, defer, placement } = options;
    this.#admission = new Admission(options.limits);
    this.#recovery = new Recovery(clock, options.onRecovered);
    const { nodes } = options;
    this.roomNodes = nodes && new RoomNodes({ room, nodes, log });
    const speakers = new RoomSpeakers(this.events, this.roomNodes);
    const shared = { events: this.events, speakers, nodes: this.roomNodes };
    const context = { room, clock, log, defer, options: options.options, ...shared };
    this.#policies = new Policies([() => this.#admission, ...options.policies], context);
    this.events.on('speakersChanged', ({ peerIds }) => {
      this.#speakers = peerIds;
    });
    this.events.on('qualityChanged', ({ peers }) => {
      for (const quality of peers) this.#quality.set(quality.peerId, quality);
    });
    this.#stage = new Stage({
      room,
      engine,
      options: options.options,
      clock,
      log,
      mutes: this.#mutes,
      events: this.events,
      policies: this.#policies,
      placement,
      admission: this.#admission,
      onLost: (lost) => this.#workerDied(lost),
      onUp: (peerId) => this.#recovery.up(peerId),
      nodes,
      roomNodes: this.roomNodes,
      speakers,
    });
  }

  get epoch(): number {
    return this.#epoch;
  }

  epochOf(peerId: PeerId): number {
    const known = this.#epochs.get(peerId);
    if (known === undefined) this.#epochs.set(peerId, this.#epoch);
    return known ?? this.#epoch;
  }

  get speakers(): readonly PeerId[] {
    return this.#speakers;
  }

  countObjects(): ReturnType<Stage['countObjects']> {
    return this.#stage.countObjects();
  }

  get name(): string {
    return this.#options.room;
  }

  /** Beyond what a room of one router has. */
  get spread(): Pick<PlacementStats, 'routers' | 'pipes' | 'nodePipes' | 'nodeTracks'> {
    const { nodeOutlets, outlets, remote, routers: own } = this.#stage;
    return {
      routers: own.length,
      pipes: outlets.size,
      nodePipes: (remote?.pipes ?? 0) + (nodeOutlets?.pipes ?? 0),
      nodeTracks: { sent: nodeOutlets?.tracks ?? 0, received: remote?.copies ?? 0 },
    };
  }

  get remoteTracks(): RemoteRoomTracks | undefined {
    return this.#stage.remote;
  }

  get nodeOutlets(): NodeOutlets | undefined {
    return this.#stage.nodeOutlets;
  }

  /** A frame of another node. */
  heard(node: string, frame: LinkFrame): void {
    if (this.#state === 'closed') return;
    if (frame.layerWanted) this.nodeOutlets?.layerWanted(node, frame.layerWanted);
    else this.roomNodes?.heard(node, frame);
  }

  async createTransport(peerId: PeerId, request: TransportRequest) {
    return transports.createTransport(this.#require(), peerId, request);
  }

  async connectTransport(peerId: PeerId, transportId: string, dtlsParameters: DtlsParameters) {
    return transports.connectTransport(this.#require(), peerId, transportId, dtlsParameters);
  }

  async restartIce(peerId: PeerId, transportId: string) {
    return transports.restartIce(this.#require(), peerId, transportId);
  }

  closeTransport(peerId: PeerId, transportId: string): readonly string[] {
    return transports.closeTransport(this.#require(), peerId, transportId);
  }

  async produce(peerId: PeerId, request: ProduceRequest) {
    return producers.produce(this.#require(), peerId, request);
  }

  async pauseProducer(peerId: PeerId, producerId: string) {
    return producers.pauseProducer(this.#require(), peerId, producerId);
  }

  async resumeProducer(peerId: PeerId, producerId: string) {
    return producers.resumeProducer(this.#require(), peerId, producerId);
  }

  closeProducer(peerId: PeerId, producerId: string): void {
    const stage = this.#require();
    stage.closeProducer(stage.peer(peerId).producers.require(producerId));
  }

  async muteProducer(producerId: string, options: { muted: boolean; lock: boolean }) {
    return producers.muteProducer(this.#require(), producerId, options);
  }

  lockableOf(producerId: string) {
    return producers.lockableAt(this.#stage, producerId);
  }

  async holdLocks(locks: readonly OwnerLocks[]) {
    this.#mutes.holdLocks(locks);
    await producers.applyMutes(this.#stage);
  }

  producersOf(peerId: PeerId): readonly ProducerInfo[] {
    const own = this.#stage
      .peer(peerId)
      .producers.values()
      .map((producer) => producer.info);
    // Both, while a peer goes from one node to another.
    return [...own, ...(this.#stage.remote?.infosOf(peerId) ?? [])];
  }

  allProducers(): readonly { readonly peerId: PeerId; readonly producer: ProducerInfo }[] {
    const own = [...this.#stage.producers.values()].filter(({ peer }) => !peer.isElsewhere);
    const told = own.map(({ peer, info }) => ({ peerId: peer.id, producer: info }));
    return [...told, ...(this.#stage.remote?.all() ?? [])];
  }

  setProducerSize(peerId: PeerId, producerId: string, size: PixelSize): void {
    producers.setProducerSize(this.#require(), peerId, producerId, size);
  }

  wantedLayerOf(producerId: string): number | undefined {
    return this.#stage.producers.get(producerId)?.wantedLayer;
  }

  async consume(peerId: PeerId, request: ConsumeRequest) {
    return consumers.consume(this.#require(), peerId, request);
  }

  async pauseConsumer(peerId: PeerId, consumerId: string) {
    return consumers.pauseConsumer(this.#require(), peerId, consumerId);
  }

  async resumeConsumer(peerId: PeerId, consumerId: string) {
    return consumers.resumeConsumer(this.#require(), peerId, consumerId);
  }

  closeConsumer(peerId: PeerId, consumerId: string): void {
    consumers.closeConsumer(this.#require(), peerId, consumerId);
  }

  async setPreferredLayers(peerId: PeerId, consumerId: string, layers: PreferredLayers) {
    return consumers.setPreferredLayers(this.#require(), peerId, consumerId, layers);
  }

  setConsumerView(peerId: PeerId, consumerId: string, view: ConsumerView): void {
    consumers.setConsumerView(this.#require(), peerId, consumerId, view);
  }

  reportStall(peerId: PeerId, consumerId: string): void {
    consumers.reportStall(this.#require(), peerId, consumerId);
  }

  reportQuality(peerId: PeerId, report: Pick<QualityReport, 'tracks' | 'path'>): void {
    this.#policies.tell('qualityReported', peerId, report);
  }

  quality(): readonly PeerQuality[] {
    return [...this.#quality.values()];
  }

  openTap(target: TapTarget): RoomTap {
    return openRoomTap(() => this.#require(), target);
  }

  async openSource(peerId: PeerId, from: SourceOrigin) {
    return openSource(this.#require(), peerId, from);
  }

  async openData(
    peerId: PeerId,
    request: { readonly sendTransportId: string | undefined; readonly recvTransportId: string | undefined },
  ) {
    return openData(this.#require(), peerId, request);
  }

  removePeer(peerId: PeerId): void {
    this.#mutes.forget(peerId);
    this.#quality.delete(peerId);
    this.#epochs.delete(peerId);
    this.#lost.delete(peerId);
    this.#recovery.left(peerId);
    this.#stage.removePeer(peerId);
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#stage.end(mediaUnavailable());
    this.#policies.tell('close');
    this.#options.onClosed();
  }

  #require(): Stage {
    if (this.#state !== 'open') throw mediaUnavailable();
    return this.#stage;
  }

  #workerDied({ workerPid, peers }: Lost): void {
    // From here on ids of the old epoch mean nothing, so who asks now is told the next one.
    this.#epoch += 1;
    for (const { peerId, producerIds } of peers) {
      this.#epochs.set(peerId, this.#epoch);
      this.#lost.set(peerId, producerIds);
    }
    this.#recovery.lost(peers.map(({ peerId }) => peerId));
    const { room, log } = this.#options;
    log.warn({ room, workerPid, epoch: this.#epoch, peers: peers.length }, 'room lost a media worker');
    if (this.#state !== 'open') return;
    if (this.#stage.routers.length > 0) {
      this.#tellLost();
      return;
    }
    this.#state = 'waiting';
    void this.#findWorker();
  }

  #tellLost(): void {
    const lost = [...this.#lost];
    this.#lost.clear();
    this.events.emit('reset', {
      epoch: this.#epoch,
      peerIds: lost.map(([peerId]) => peerId),
      producers: lost.flatMap(([peerId, producerIds]) => producerIds.map((producerId) => ({ peerId, producerId }))),
    });
  }

  /** Does not reject. Ends when there is a router or the room is closed. */
  async #findWorker(): Promise<void> {
    const { engine, clock, log, room } = this.#options;
    while (this.#state === 'waiting') {
      try {
        await engine.whenReady();
        await this.#stage.openRouter();
        if (this.#state !== 'waiting') return;
        this.#state = 'open';
        log.info({ room, epoch: this.#epoch }, 'room moved to another media worker');
        this.#tellLost();
      } catch (error) {
        log.debug({ room, err: error }, 'no media router yet');
        await new Promise<void>((resolve) => clock.after(retryDelayMs, resolve));
      }
    }
  }
}
