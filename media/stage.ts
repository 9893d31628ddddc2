import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Emitter } from '../core/events.ts';
import type { PeerId } from '../core/ids.ts';
import type { Logger } from '../core/log.ts';
import type { Admission } from './admission.ts';
import type { ExpectedFlows } from './choose-place.ts';
import type { EngineRouter, MediaEngine, PayloadTypes } from './engine.ts';
import type { RoomMediaEvents, TransportCounts } from './media.ts';
import type { MediaOptions } from './media-options.ts';
import type { Mutes } from './mutes.ts';
import { NodeOutlets } from './nodes/node-outlets.ts';
import type { OtherNodes } from './nodes/node-tracks.ts';
import { RemoteRoomTracks } from './nodes/remote-room-tracks.ts';
import type { RoomNodes } from './nodes/room-nodes.ts';
import { VoiceReports } from './nodes/voice-reports.ts';
import { Outlets } from './outlets.ts';
import { PeerMedia } from './peer-media.ts';
import type { Placement } from './placement.ts';
import type { Policies } from './policies.ts';
import type { RoomConsumer } from './room-consumer.ts';
import type { PeerSource, RoomProducer, RoomTransport } from './room-objects.ts';
import { RoomRouters } from './room-routers.ts';
import type { RoomSpeakers } from './room-speakers.ts';
import { type HeardVoice, RoomVoices, type Voice } from './room-voices.ts';
import { mediaUnavailable } from './unavailable.ts';

export interface StageOptions {
  readonly room: string;
  readonly engine: MediaEngine;
  readonly options: MediaOptions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly mutes: Mutes;
  readonly events: Emitter<RoomMediaEvents>;
  readonly policies: Policies;
  readonly placement: Placement;
  readonly admission: Admission;
  /** A worker died, and took all that these peers had. */
  readonly onLost: (lost: Lost) => void;
  /** A transport of the peer is connected. */
  readonly onUp: (peerId: PeerId) => void;
  /** Undefined: this node is the only one. */
  readonly nodes: OtherNodes | undefined;
  readonly roomNodes: RoomNodes | undefined;
  readonly speakers: RoomSpeakers;
}

export interface Lost {
  readonly workerPid: number;
  readonly peers: readonly { readonly peerId: PeerId; readonly producerIds: readonly string[] }[];
}

type Speaker = Pick<HeardVoice, 'producerId' | 'peerId'>;

/**
 * What a room has on its routers: who sends and receives what, and what closes with what. A peer that stood on a worker that
 * died is left behind as it is and gets another PeerMedia, so nothing of the old one can be taken for something of the new.
 */
export class Stage {
  readonly options: StageOptions;
  /** The producers of all peers, by id. */
  readonly producers = new Map<string, RoomProducer>();
  readonly outlets = new Outlets();
  /** Of peers on other nodes; undefined where there are none. */
  readonly remote: RemoteRoomTracks | undefined;
  /** What other nodes have of this one's tracks. */
  readonly nodeOutlets: NodeOutlets | undefined;
  readonly #peers = new Map<PeerId, PeerMedia>();
  readonly #routers: RoomRouters;
  readonly #voices: RoomVoices;
  /** To the node that says who speaks. */
  readonly #voiceReports: VoiceReports | undefined;
  #speaker: Speaker | undefined;
  #ended: AppError | undefined;

  constructor(options: StageOptions) {
    this.options = options;
    const { engine, room, log } = options;
    this.#voices = new RoomVoices({
      onVoices: (voices) => this.#voicesAre(voices),
      onSpeaker: (producerId) => {
        this.#voiceReports?.speakerIs(producerId);
        this.#speakerIs(producerId === undefined ? undefined : this.#voiceOf(producerId));
      },
      counts: (producerId) => this.#countsHere(producerId),
    });
    this.#routers = new RoomRouters({
      engine,
      room,
      log,
      onMade: (router) => this.#voices.follow(router),
      onClosed: (router) => this.#voices.forget(router),
      onDied: (routers) => this.#routersDied(routers),
    });
    const { nodes, roomNodes, clock } = options;
    if (nodes && roomNodes) {
      this.remote = new RemoteRoomTracks(this, nodes, roomNodes);
      const isOf = (producerId: string, node: string) => this.remote?.get(producerId)?.node === node;
      this.#voiceReports = new VoiceReports({ nodes: roomNodes, voices: this.#voices, clock, isOf });
      this.nodeOutlets = new NodeOutlets(this, nodes);
      options.policies.add(this.remote);
      options.policies.add(this.nodeOutlets);
    }
  }

  get routers(): readonly EngineRouter[] {
    return this.#routers.all;
  }

  /**
   * The router for a transport of a peer: all that a peer has stands on one worker. Released once for each time that this
   * resolved: by the end of the transport, or by whoever made none. @throws {AppError} MEDIA_UNAVAILABLE, NODE_OVERLOADED
   */
  async takeRouter(
    peer: PeerMedia,
    { expected, payloadTypes }: { expected: ExpectedFlows; payloadTypes?: PayloadTypes | undefined },
  ): Promise<EngineRouter> {
    // Of a place without a worker it has nothing, or it would have been left behind.
    if (peer.place === undefined || !this.options.placement.has(peer.place)) peer.place = this.#choosePlace(expected);
    return this.#routers.take(peer.place, payloadTypes);
  }

  releaseRouter(router: EngineRouter): void {
    this.#routers.release(router);
  }

  /** Makes sure of a router before anybody asks for a transport. @throws {AppError} MEDIA_UNAVAILABLE */
  async openRouter(): Promise<void> {
    const place = this.#choosePlace({ sounds: 0, videoBitsPerSecond: 0, join: false });
    this.#routers.release(await this.#routers.take(place));
  }

  /** Where tracks from other nodes come in, and where those of this node go out. Undefined: there is no router now. */
  get gateway(): EngineRouter | undefined {
    return this.#routers.common;
  }

  /** @throws {AppError} MEDIA_UNAVAILABLE */
  async openGateway(): Promise<EngineRouter> {
    await this.openRouter();
    if (this.gateway) return this.gateway;
    throw mediaUnavailable();
  }

  /** What a peer has. For a peer that has nothing yet: something empty, which is kept once it gets a transport. */
  peer(peerId: PeerId): PeerMedia {
    return this.#peers.get(peerId) ?? new PeerMedia(peerId, this.options.options);
  }

  /** What a peer has, kept from now on until removePeer. */
  admit(peerId: PeerId): PeerMedia {
    const peer = this.peer(peerId);
    this.#peers.set(peerId, peer);
    return peer;
  }

  countObjects(): { transports: number; transportsBy: TransportCounts; producers: number; consumers: number } {
    const transportsBy = { udp: 0, tcp: 0, none: 0 };
    const counts = { transports: 0, transportsBy, producers: this.producers.size, consumers: 0 };
    for (const peer of this.#peers.values()) {
      counts.transports += peer.transports.size;
      for (const { engine } of peer.transports.values()) transportsBy[engine.selectedProtocol ?? 'none'] += 1;
      counts.consumers += peer.consumers.size;
    }
    return counts;
  }

  /** Closed by its owner: nobody is told. */
  closeConsumer(consumer: RoomConsumer): void {
    this.#detach(consumer);
    consumer.engine.close();
  }

  /** Closed by its owner, who is told of its producers as others are, and not of its consumers. */
  closeTransport(transport: RoomTransport): void {
    this.#endTransport(transport, { announce: true });
  }

  /** Ends a consumer that does not flow; its owner is told to consume the same producer again. */
  restartConsumer(consumer: RoomConsumer): void {
    if (consumer.closed) return;
    this.closeConsumer(consumer);
    this.#tellEnd(consumer, 'restart');
  }

  /** Closed by its owner: others are told of its producers. */
  closeSource(source: PeerSource): void {
    this.#endSource(source, { announce: true });
  }

  closeProducer(producer: RoomProducer): void {
    this.#endProducer(producer, { announce: true });
  }

  /** A producer of another node can be consumed here from now on; who is to be told of it was told before. */
  admitCopy(producer: RoomProducer): void {
    this.producers.set(producer.id, producer);
    this.options.policies.tell('producerAdded', producer);
  }

  /** A producer has ended, here or on another node. */
  silenced(producerId: string): void {
    if (this.#speaker?.producerId === producerId) this.#speakerIs(undefined);
  }

  /** Only here: those who received it are told, and to consume it again where the track itself goes on. */
  endCopy(producer: RoomProducer, reason: 'ended' | 'restart' = 'ended'): void {
    this.#endProducer(producer, { announce: false, reason });
  }

  /** The client cannot be reached through it any more. */
  transportDied(transport: RoomTransport): void {
    if (transport.closed) return;
    const { events, log, room } = this.options;
    log.info({ room, peerId: transport.peer.id, transportId: transport.id }, 'media transport died');
    events.emit('transportClosed', { peerId: transport.peer.id, transportId: transport.id });
    // Whoever is told may have removed the peer.
    if (transport.closed) return;
    const consumers = [...transport.consumers];
    this.#endTransport(transport, { announce: true });
    for (const consumer of consumers) this.#tellEnd(consumer);
  }

  /** Who receives from the peer is told; what the peer itself had goes without a word. */
  removePeer(peerId: PeerId): void {
    const peer = this.#peers.get(peerId);
    this.#peers.delete(peerId);
    peer?.leave(new AppError('NOT_IN_ROOM', { room: this.options.room }));
    for (const transport of peer?.transports.values() ?? []) this.#endTransport(transport, { announce: false });
    for (const source of peer?.sources.values() ?? []) this.#endSource(source, { announce: false });
    this.options.policies.tell('peerRemoved', peerId);
  }

  /** Ends everything without a word. Calls that wait for the engine fail with the reason. */
  end(reason: AppError): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#voiceReports?.close();
    for (const peer of this.#peers.values()) {
      peer.leave(reason);
      for (const source of peer.sources.values()) source.closed = true;
      for (const transport of peer.transports.values()) {
        transport.closed = true;
        transport.lost?.cancel();
        for (const consumer of transport.consumers) {
          consumer.closed = true;
          this.options.policies.tell('consumerRemoved', consumer);
        }
      }
    }
    for (const producer of this.producers.values()) {
      producer.closed = true;
      this.options.policies.tell('producerRemoved', producer);
    }
    this.#peers.clear();
    this.producers.clear();
    this.#routers.end(reason);
  }

  #choosePlace(expected: ExpectedFlows): number {
    const place = this.options.placement.choose({ roomPlaces: this.#routers.places, expected });
    if (place === undefined) throw mediaUnavailable();
    return place;
  }

  #voicesAre(voices: readonly Voice[]): void {
    if (this.#ended) return;
    this.#voiceReports?.voicesAre(voices);
    const heard = voices.flatMap(({ producerId, levelDbov }) => {
      const from = this.#voiceOf(producerId);
      return from ? [{ ...from, levelDbov }] : [];
    });
    this.options.policies.tell('voicesHeard', heard);
  }

  /** Where one node decides for all, each tells of its own peers alone. */
  #countsHere(producerId: string): boolean {
    const { roomNodes } = this.options;
    const isCopy = this.producers.get(producerId)?.peer.isElsewhere ?? false;
    return !isCopy || roomNodes === undefined || roomNodes.role === 'alone';
  }

  /** Undefined: it has ended. */
  #voiceOf(producerId: string): (Speaker & Pick<HeardVoice, 'source'>) | undefined {
    const own = this.producers.get(producerId);
    if (own) return { producerId, peerId: own.peer.id, source: own.source };
    const elsewhere = this.remote?.get(producerId);
    return elsewhere && { producerId, peerId: elsewhere.peer.id, source: elsewhere.info.source };
  }

  /**
   * Their worker died. Peers that had anything there lose all: half a peer is no state that anybody could use. Those
   * elsewhere are told of what they received from them, and keep the rest.
   */
  #routersDied(routers: readonly EngineRouter[]): void {
    const dead = new Set(routers);
    for (const router of dead) {
      this.outlets.dropRouter(router);
      this.#voices.forget(router);
    }
    const stood = ({ transports, sources }: PeerMedia) => [...transports.values(), ...sources.values()];
    const lost = [...this.#peers.values()].filter((peer) => stood(peer).some(({ router }) => dead.has(router)));
    const told = lost.map((peer) => ({ peerId: peer.id, producerIds: peer.producers.values().map(({ id }) => id) }));
    for (const peer of lost) {
      this.#peers.delete(peer.id);
      peer.leave(mediaUnavailable());
      for (const consumer of peer.consumers.values()) this.#detach(consumer);
    }
    for (const peer of lost) {
      for (const transport of peer.transports.values()) this.#endTransport(transport, { announce: false });
      for (const source of peer.sources.values()) this.#endSource(source, { announce: false });
    }
    this.nodeOutlets?.routersDied(dead);
    this.remote?.routersDied(dead);
    const workerPid = routers[0]?.workerPid ?? 0;
    if (lost.length > 0 && !this.#ended) this.options.onLost({ workerPid, peers: told });
  }

  #endTransport(transport: RoomTransport, { announce }: { announce: boolean }): void {
    transport.closed = true;
    transport.lost?.cancel();
    transport.peer.transports.remove(transport);
    transport.engine.close();
    for (const producer of [...transport.producers]) this.#endProducer(producer, { announce });
    for (const consumer of [...transport.consumers]) this.#detach(consumer);
    this.#routers.release(transport.router);
  }

  #endSource(source: PeerSource, { announce }: { announce: boolean }): void {
    if (source.closed) return;
    source.closed = true;
    source.peer.sources.remove(source);
    source.engine.close();
    for (const producer of [...source.producers]) this.#endProducer(producer, { announce });
    this.#routers.release(source.router);
  }

  #endProducer(
    producer: RoomProducer,
    { announce, reason = 'ended' }: { announce: boolean; reason?: 'ended' | 'restart' },
  ): void {
    if (producer.closed) return;
    producer.closed = true;
    this.producers.delete(producer.id);
    producer.peer.producers.remove(producer);
    producer.transport.producers.delete(producer);
    producer.engine.close();
    this.outlets.dropProducer(producer);
    const { events, policies } = this.options;
    policies.tell('producerRemoved', producer);
    if (announce) events.emit('producerClosed', { peerId: producer.peer.id, producerId: producer.id });
    for (const consumer of [...producer.consumers]) {
      this.#detach(consumer);
      this.#tellEnd(consumer, reason);
    }
    // A copy that is not needed any more says nothing of its track.
    if (!producer.peer.isElsewhere) this.silenced(producer.id);
  }

  #speakerIs(speaker: Speaker | undefined): void {
    if (this.#ended) return;
    this.#speaker = speaker;
    // One peer may have two sounds: of that nobody is told.
    this.options.speakers.activeIs(speaker?.peerId);
  }

  #detach(consumer: RoomConsumer): void {
    consumer.closed = true;
    consumer.peer.consumers.remove(consumer);
    consumer.transport.consumers.delete(consumer);
    consumer.producer.consumers.delete(consumer);
    this.outlets.release(consumer.producer, consumer.transport.router);
    this.options.policies.tell('consumerRemoved', consumer);
  }

  #tellEnd(consumer: RoomConsumer, reason: 'ended' | 'restart' = 'ended'): void {
    this.options.events.emit('consumerClosed', { peerId: consumer.peer.id, consumerId: consumer.id, reason });
  }
}
