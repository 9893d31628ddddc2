// The in-memory engine of the media port: keeps the books of who sends and receives what, and moves no packets.

import { AppError } from '../../core/errors.ts';
import { Emitter } from '../../core/events.ts';
import type { PeerId } from '../../core/ids.ts';
import type {
  ConsumeRequest,
  MadeTransport,
  Media,
  PixelSize,
  ProduceRequest,
  RoomMedia,
  RoomMediaEvents,
  RoomSource,
  RoomTap,
  TransportRequest,
} from '../../media/media.ts';
import { lockableOf, type MutableTrack, Mutes, type OwnerLocks } from '../../media/mutes.ts';
import type {
  ConsumeResponse,
  ConsumerView,
  IceParameters,
  OpenDataResponse,
  PeerQuality,
  ProducerInfo,
  QualityReport,
} from '../../proto/gen/types.ts';
import { dtlsParameters, iceParameters, memoryTap, sctpParameters, sentParameters } from './memory-answers.ts';

interface Transport {
  readonly peerId: PeerId;
  readonly direction: 'send' | 'recv';
}

interface Producer {
  readonly peerId: PeerId;
  readonly transportId: string;
  readonly track: MutableTrack;
  pausedByOwner: boolean;
  info: ProducerInfo;
}

interface Consumer {
  readonly peerId: PeerId;
  readonly transportId: string;
  readonly producerId: string;
  view: ConsumerView | undefined;
}

export class MemoryMedia implements Pick<Media, 'openRoom' | 'rtpCapabilities'> {
  readonly rtpCapabilities = {
    codecs: [{ kind: 'audio' as const, mimeType: 'audio/opus', clockRate: 48000, parameters: {}, rtcpFeedback: [] }],
    headerExtensions: [],
  };
  readonly #rooms = new Map<string, MemoryRoomMedia>();

  openRoom(name: string): MemoryRoomMedia {
    const room = new MemoryRoomMedia();
    this.#rooms.set(name, room);
    return room;
  }

  /** The room that was opened last by that name. */
  room(name: string): MemoryRoomMedia {
    const room = this.#rooms.get(name);
    if (room === undefined) throw new Error(`no room ${name} was opened`);
    return room;
  }
}

class MemoryRoomMedia implements RoomMedia {
  readonly events = new Emitter<RoomMediaEvents>((error) => {
    throw error;
  });
  closed = false;
  readonly transports = new Map<string, Transport>();
  readonly producers = new Map<string, Producer>();
  readonly consumers = new Map<string, Consumer>();
  /** What clients reported, in order. */
  readonly stalls: { readonly peerId: PeerId; readonly consumerId: string }[] = [];
  readonly qualityReports: { readonly peerId: PeerId; readonly report: Pick<QualityReport, 'tracks' | 'path'> }[] = [];
  /** Set by a test. */
  readonly wantedLayers = new Map<string, number>();
  speakers: readonly PeerId[] = [];
  readonly #mutes = new Mutes();
  #epoch = 1;
  #lastId = 0;
  #iceRestarts = 0;
  #gate: Promise<void> = Promise.resolve();

  get epoch(): number {
    return this.#epoch;
  }

  epochOf(_peerId: PeerId): number {
    return this.#epoch;
  }

  /** What is asked for from now on waits until the answer is called. */
  hold(): () => void {
    let release = () => {};
    this.#gate = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  async createTransport(peerId: PeerId, { direction, data }: TransportRequest): Promise<MadeTransport> {
    const epoch = await this.#worker();
    if (epoch !== this.#epoch) throw new AppError('MEDIA_UNAVAILABLE');
    const transportId = this.#nextId('transport');
    this.transports.set(transportId, { peerId, direction });
    return {
      transportId,
      iceParameters: iceParameters(),
      iceCandidates: [],
      dtlsParameters,
      ...(data ? { sctpParameters } : {}),
    };
  }

  async connectTransport(peerId: PeerId, transportId: string): Promise<void> {
    await this.#worker();
    this.#requireTransport(peerId, transportId);
  }

  async restartIce(peerId: PeerId, transportId: string): Promise<IceParameters> {
    await this.#worker();
    this.#requireTransport(peerId, transportId);
    this.#iceRestarts += 1;
    return iceParameters(this.#iceRestarts);
  }

  closeTransport(peerId: PeerId, transportId: string): readonly string[] {
    this.#requireTransport(peerId, transportId);
    const consumers = [...this.consumers].filter(([, consumer]) => consumer.transportId === transportId);
    this.#endTransport(transportId, { announce: true, except: peerId });
    return consumers.map(([consumerId]) => consumerId);
  }

  async produce(peerId: PeerId, request: ProduceRequest): Promise<ProducerInfo> {
    const { transportId, owner, kind, source, paused, size, encrypted = false } = request;
    await this.#worker();
    const { direction } = this.#requireTransport(peerId, transportId);
    if (direction !== 'send') throw new AppError('TRANSPORT_WRONG_DIRECTION', { transportId });
    const track = { peerId, owner, source };
    const state = this.#toState(track, paused);
    const info = { producerId: this.#nextId('producer'), kind, source, ...state, ...size, encrypted };
    this.producers.set(info.producerId, { peerId, transportId, track, pausedByOwner: paused, info });
    this.events.emit('producerAdded', { peerId, producer: info });
    return info;
  }

  async pauseProducer(peerId: PeerId, producerId: string): Promise<void> {
    await this.#worker();
    const producer = this.#requireProducer(peerId, producerId);
    producer.pausedByOwner = true;
    this.#tellChanges();
  }

  async resumeProducer(peerId: PeerId, producerId: string): Promise<void> {
    await this.#worker();
    const producer = this.#requireProducer(peerId, producerId);
    if (producer.info.locked) throw new AppError('PRODUCER_LOCKED');
    this.#mutes.unmute(producer.track);
    producer.pausedByOwner = false;
    this.#tellChanges();
  }

  closeProducer(peerId: PeerId, producerId: string): void {
    this.#requireProducer(peerId, producerId);
    this.#endProducer(producerId);
  }

  async muteProducer(producerId: string, { muted, lock }: { muted: boolean; lock: boolean }): Promise<void> {
    await this.#worker();
    const producer = this.producers.get(producerId);
    if (producer === undefined) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
    const { track } = producer;
    if (muted && lock) this.#mutes.lock(track);
    else {
      this.#mutes.unlock(track);
      if (muted) this.#mutes.mute(track);
      else this.#mutes.unmute(track);
    }
    this.#tellChanges();
  }

  lockableOf(producerId: string) {
    const producer = this.producers.get(producerId);
    return producer && lockableOf(producer.track);
  }

  async holdLocks(locks: readonly OwnerLocks[]): Promise<void> {
    this.#mutes.holdLocks(locks);
    this.#tellChanges();
  }

  producersOf(peerId: PeerId): readonly ProducerInfo[] {
    return [...this.producers.values()].filter((producer) => producer.peerId === peerId).map(({ info }) => info);
  }

  allProducers(): readonly { readonly peerId: PeerId; readonly producer: ProducerInfo }[] {
    return [...this.producers.values()].map(({ peerId, info }) => ({ peerId, producer: info }));
  }

  setProducerSize(peerId: PeerId, producerId: string, { width, height }: PixelSize): void {
    const producer = this.#requireProducer(peerId, producerId);
    producer.info = { ...producer.info, width, height };
    this.events.emit('producerChanged', { peerId, producer: producer.info });
  }

  wantedLayerOf(producerId: string): number | undefined {
    return this.wantedLayers.get(producerId);
  }

  async consume(peerId: PeerId, request: ConsumeRequest): Promise<ConsumeResponse> {
    await this.#worker();
    const { transportId, producerId, view } = request;
    const { direction } = this.#requireTransport(peerId, transportId);
    if (direction !== 'recv') throw new AppError('TRANSPORT_WRONG_DIRECTION', { transportId });
    const producer = this.producers.get(producerId);
    if (producer === undefined) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
    const consumerId = this.#nextId('consumer');
    this.consumers.set(consumerId, { peerId, transportId, producerId, view });
    const { kind, paused, encrypted } = producer.info;
    const rtpParameters = sentParameters(kind, request.mid);
    const layers = { spatialLayers: 1, temporalLayers: 1 };
    return { consumerId, producerId, kind, rtpParameters, producerPaused: paused, ...layers, encrypted };
  }

  async pauseConsumer(peerId: PeerId, consumerId: string): Promise<void> {
    await this.#worker();
    this.#requireConsumer(peerId, consumerId);
  }

  async resumeConsumer(peerId: PeerId, consumerId: string): Promise<void> {
    await this.#worker();
    this.#requireConsumer(peerId, consumerId);
  }

  closeConsumer(peerId: PeerId, consumerId: string): void {
    this.#requireConsumer(peerId, consumerId);
    this.consumers.delete(consumerId);
  }

  async setPreferredLayers(
    peerId: PeerId,
    consumerId: string,
    layers: { spatialLayer: number; temporalLayer: number | undefined },
  ): Promise<void> {
    await this.#worker();
    this.#requireConsumer(peerId, consumerId);
    const { spatialLayer, temporalLayer = 2 } = layers;
    this.events.emit('consumerLayersChanged', { peerId, consumerId, spatialLayer, temporalLayer });
  }

  setConsumerView(peerId: PeerId, consumerId: string, view: ConsumerView): void {
    this.#requireConsumer(peerId, consumerId).view = view;
  }

  reportStall(peerId: PeerId, consumerId: string): void {
    this.#requireConsumer(peerId, consumerId);
    this.stalls.push({ peerId, consumerId });
  }

  reportQuality(peerId: PeerId, report: Pick<QualityReport, 'tracks' | 'path'>): void {
    this.qualityReports.push({ peerId, report });
  }

  quality(): readonly PeerQuality[] {
    return [];
  }

  openTap(): RoomTap {
    return memoryTap((producerId) => this.producers.has(producerId));
  }

  async openSource(peerId: PeerId): Promise<RoomSource> {
    const { transportId } = await this.createTransport(peerId, { direction: 'send', rtpCapabilities: undefined });
    return {
      target: { ip: '127.0.0.1', port: 9 },
      produce: (request) => this.produce(peerId, { ...request, transportId }),
      close: () => {
        if (this.transports.has(transportId)) this.closeTransport(peerId, transportId);
      },
    };
  }

  async openData(
    peerId: PeerId,
    { sendTransportId, recvTransportId }: { sendTransportId: string | undefined; recvTransportId: string | undefined },
  ): Promise<OpenDataResponse> {
    await this.#worker();
    for (const transportId of [sendTransportId, recvTransportId]) {
      if (transportId !== undefined) this.#requireTransport(peerId, transportId);
    }
    const streams = { sendReliableStream: 0, sendLossyStream: 1, recvReliableStream: 0, recvLossyStream: 1 };
    return { ...streams, maxMessageBytes: 16_384, messagesPerSecond: 50 };
  }

  removePeer(peerId: PeerId): void {
    this.#mutes.forget(peerId);
    for (const [transportId, transport] of this.transports) {
      if (transport.peerId === peerId) this.#endTransport(transportId, { announce: false });
    }
  }

  close(): void {
    this.closed = true;
  }

  /** ICE or DTLS of a client failed. */
  failTransport(transportId: string): void {
    const transport = this.transports.get(transportId);
    if (transport === undefined) throw new Error(`there is no transport ${transportId}`);
    this.events.emit('transportClosed', { peerId: transport.peerId, transportId });
    this.#endTransport(transportId, { announce: true });
  }

  /** The room's worker died, and it stands on another. */
  reset(): void {
    const peerIds = [...new Set([...this.transports.values()].map(({ peerId }) => peerId))];
    const producers = [...this.producers].map(([producerId, { peerId }]) => ({ peerId, producerId }));
    this.transports.clear();
    this.producers.clear();
    this.consumers.clear();
    this.#epoch += 1;
    this.events.emit('reset', { epoch: this.#epoch, peerIds, producers });
  }

  #endTransport(transportId: string, { announce, except }: { announce: boolean; except?: PeerId }): void {
    this.transports.delete(transportId);
    for (const [producerId, producer] of this.producers) {
      if (producer.transportId === transportId) this.#endProducer(producerId, announce);
    }
    for (const [consumerId, { peerId, transportId: of }] of this.consumers) {
      if (of !== transportId) continue;
      this.consumers.delete(consumerId);
      if (announce && peerId !== except) this.events.emit('consumerClosed', { peerId, consumerId, reason: 'ended' });
    }
  }

  #endProducer(producerId: string, announce = true): void {
    const producer = this.producers.get(producerId);
    if (producer === undefined) return;
    this.producers.delete(producerId);
    if (announce) this.events.emit('producerClosed', { peerId: producer.peerId, producerId });
    for (const [consumerId, consumer] of this.consumers) {
      if (consumer.producerId !== producerId) continue;
      this.consumers.delete(consumerId);
      this.events.emit('consumerClosed', { peerId: consumer.peerId, consumerId, reason: 'ended' });
    }
  }

  #tellChanges(): void {
    for (const producer of this.producers.values()) {
      const { info, peerId, pausedByOwner, track } = producer;
      const state = this.#toState(track, pausedByOwner);
      if (state.paused === info.paused && state.muted === info.muted && state.locked === info.locked) continue;
      producer.info = { ...info, ...state };
      this.events.emit('producerChanged', { peerId, producer: producer.info });
    }
  }

  #toState(track: MutableTrack, pausedByOwner: boolean): Pick<ProducerInfo, 'paused' | 'muted' | 'locked'> {
    const mute = this.#mutes.get(track);
    return { paused: pausedByOwner || mute !== 'none', muted: mute !== 'none', locked: mute === 'locked' };
  }

  async #worker(): Promise<number> {
    const epoch = this.#epoch;
    await this.#gate;
    return epoch;
  }

  #requireTransport(peerId: PeerId, transportId: string): Transport {
    const transport = this.transports.get(transportId);
    if (transport?.peerId !== peerId) throw new AppError('TRANSPORT_NOT_FOUND', { transportId });
    return transport;
  }

  #requireProducer(peerId: PeerId, producerId: string): Producer {
    const producer = this.producers.get(producerId);
    if (producer?.peerId !== peerId) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
    return producer;
  }

  #requireConsumer(peerId: PeerId, consumerId: string): Consumer {
    const consumer = this.consumers.get(consumerId);
    if (consumer?.peerId !== peerId) throw new AppError('CONSUMER_NOT_FOUND', { consumerId });
    return consumer;
  }

  #nextId(what: string): string {
    this.#lastId += 1;
    return `${what}-${this.#lastId}`;
  }
}
