// The in-memory engine of the media port: keeps the books of who sends and receives what, and moves no packets.

import { AppError } from '../../core/errors.ts';
import { Emitter } from '../../core/events.ts';
import type { PeerId } from '../../core/ids.ts';
import type { Media, ProduceRequest, RoomMedia, RoomMediaEvents, TransportRequest } from '../../media/media.ts';
import { type MutableTrack, Mutes } from '../../media/mutes.ts';
import type { ConsumeResponse, CreateTransportResponse, IceParameters, ProducerInfo } from '../../proto/gen/types.ts';

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
  readonly #mutes = new Mutes();
  #epoch = 1;
  #lastId = 0;
  #gate: Promise<void> = Promise.resolve();

  get epoch(): number {
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

  async createTransport(peerId: PeerId, { direction }: TransportRequest): Promise<CreateTransportResponse> {
    const epoch = await this.#worker();
    if (epoch !== this.#epoch) throw new AppError('MEDIA_UNAVAILABLE');
    const transportId = this.#nextId('transport');
    this.transports.set(transportId, { peerId, direction });
    return {
      transportId,
      iceParameters: iceParameters(),
      iceCandidates: [],
      dtlsParameters: { role: 'auto', fingerprints: [] },
    };
  }

  async connectTransport(peerId: PeerId, transportId: string): Promise<void> {
    await this.#worker();
    this.#requireTransport(peerId, transportId);
  }

  async restartIce(peerId: PeerId, transportId: string): Promise<IceParameters> {
    await this.#worker();
    this.#requireTransport(peerId, transportId);
    return iceParameters();
  }

  async produce(peerId: PeerId, request: ProduceRequest): Promise<ProducerInfo> {
    const { transportId, owner, kind, source, paused } = request;
    await this.#worker();
    const { direction } = this.#requireTransport(peerId, transportId);
    if (direction !== 'send') throw new AppError('TRANSPORT_WRONG_DIRECTION', { transportId });
    const track = { peerId, owner, source };
    const info = { producerId: this.#nextId('producer'), kind, source, ...this.#toState(track, paused) };
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

  producersOf(peerId: PeerId): readonly ProducerInfo[] {
    return [...this.producers.values()].filter((producer) => producer.peerId === peerId).map(({ info }) => info);
  }

  async consume(peerId: PeerId, request: { transportId: string; producerId: string }): Promise<ConsumeResponse> {
    await this.#worker();
    const { transportId, producerId } = request;
    const { direction } = this.#requireTransport(peerId, transportId);
    if (direction !== 'recv') throw new AppError('TRANSPORT_WRONG_DIRECTION', { transportId });
    const producer = this.producers.get(producerId);
    if (producer === undefined) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
    const consumerId = this.#nextId('consumer');
    this.consumers.set(consumerId, { peerId, transportId, producerId });
    const rtpParameters = { codecs: [], headerExtensions: [], encodings: [] };
    return { consumerId, producerId, kind: producer.info.kind, rtpParameters, producerPaused: producer.info.paused };
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
    this.transports.clear();
    this.producers.clear();
    this.consumers.clear();
    this.#epoch += 1;
    this.events.emit('reset', { epoch: this.#epoch });
  }

  #endTransport(transportId: string, { announce }: { announce: boolean }): void {
    this.transports.delete(transportId);
    for (const [producerId, producer] of this.producers) {
      if (producer.transportId === transportId) this.#endProducer(producerId, announce);
    }
    for (const [consumerId, { peerId, transportId: of }] of this.consumers) {
      if (of !== transportId) continue;
      this.consumers.delete(consumerId);
      if (announce) this.events.emit('consumerClosed', { peerId, consumerId });
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
      this.events.emit('consumerClosed', { peerId: consumer.peerId, consumerId });
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

  #requireConsumer(peerId: PeerId, consumerId: string): void {
    if (this.consumers.get(consumerId)?.peerId !== peerId) throw new AppError('CONSUMER_NOT_FOUND', { consumerId });
  }

  #nextId(what: string): string {
    this.#lastId += 1;
    return `${what}-${this.#lastId}`;
  }
}

function iceParameters(): IceParameters {
  return { usernameFragment: 'ufrag', password: 'password', iceLite: true };
}
