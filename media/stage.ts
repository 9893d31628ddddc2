import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Emitter } from '../core/events.ts';
import type { PeerId } from '../core/ids.ts';
import type { Logger } from '../core/log.ts';
import type { EngineRouter, MediaEngine } from './engine.ts';
import type { RoomMediaEvents } from './media.ts';
import type { MediaOptions } from './media-options.ts';
import type { Mutes } from './mutes.ts';
import { PeerMedia } from './peer-media.ts';
import type { Policies } from './policies.ts';
import type { RoomConsumer } from './room-consumer.ts';
import type { RoomProducer, RoomTransport } from './room-objects.ts';

export interface StageOptions {
  readonly room: string;
  readonly engine: MediaEngine;
  readonly options: MediaOptions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly mutes: Mutes;
  readonly events: Emitter<RoomMediaEvents>;
  readonly policies: Policies;
  /** The router went with its worker; the stage is of no use any more. */
  readonly onRouterDied: (workerPid: number) => void;
}

/**
 * What a room has on one router: who sends and receives what, and what closes with what. A room whose worker dies
 * leaves its stage behind as it is and gets another, so nothing of the old one can be taken for something of the new.
 */
export class Stage {
  readonly options: StageOptions;
  /** The producers of all peers, by id. */
  readonly producers = new Map<string, RoomProducer>();
  readonly #peers = new Map<PeerId, PeerMedia>();
  #router: Promise<EngineRouter> | undefined;
  #speaker: RoomProducer | undefined;
  #ended: AppError | undefined;

  constructor(options: StageOptions) {
    this.options = options;
  }

  /** The router, made at the first call. Callers that come while it is being made share it. */
  openRouter(): Promise<EngineRouter> {
    this.#router ??= this.#createRouter().catch((error: unknown) => {
      this.#router = undefined;
      throw error;
    });
    return this.#router;
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

  /** Who has anything here. */
  get peerIds(): readonly PeerId[] {
    return [...this.#peers.keys()];
  }

  countObjects(): { transports: number; producers: number; consumers: number } {
    const counts = { transports: 0, producers: this.producers.size, consumers: 0 };
    for (const peer of this.#peers.values()) {
      counts.transports += peer.transports.size;
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

  closeProducer(producer: RoomProducer): void {
    this.#endProducer(producer, { announce: true });
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
    if (!peer) return;
    this.#peers.delete(peerId);
    peer.leave(new AppError('NOT_IN_ROOM', { room: this.options.room }));
    for (const transport of peer.transports.values()) this.#endTransport(transport, { announce: false });
    this.options.policies.tell('peerRemoved', peerId);
  }

  /** Ends everything without a word. Calls that wait for the engine fail with the reason. */
  end(reason: AppError): void {
    if (this.#ended) return;
    this.#ended = reason;
    for (const peer of this.#peers.values()) {
      peer.leave(reason);
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
    // A router that is still being made is closed when it comes.
    this.#router?.then((router) => router.close()).catch(() => {});
  }

  async #createRouter(): Promise<EngineRouter> {
    const { engine, log, onRouterDied, room } = this.options;
    const router = await engine.createRouter();
    if (this.#ended) {
      router.close();
      throw this.#ended;
    }
    log.info({ room, workerPid: router.workerPid }, 'room has a media router');
    router.events.once('died', ({ workerPid }) => {
      if (!this.#ended) onRouterDied(workerPid);
    });
    router.events.on('voicesHeard', ({ voices }) => {
      if (this.#ended) return;
      const heard = voices.flatMap(({ producerId, levelDbov }) => {
        const producer = this.producers.get(producerId);
        return producer ? [{ producer, levelDbov }] : [];
      });
      this.options.policies.tell('voicesHeard', heard);
    });
    router.events.on('speakerChanged', ({ producerId }) => {
      if (!this.#ended) this.#speakerIs(producerId === undefined ? undefined : this.producers.get(producerId));
    });
    return router;
  }

  #endTransport(transport: RoomTransport, { announce }: { announce: boolean }): void {
    transport.closed = true;
    transport.lost?.cancel();
    transport.peer.transports.remove(transport);
    transport.engine.close();
    for (const producer of [...transport.producers]) this.#endProducer(producer, { announce });
    for (const consumer of [...transport.consumers]) this.#detach(consumer);
  }

  #endProducer(producer: RoomProducer, { announce }: { announce: boolean }): void {
    if (producer.closed) return;
    producer.closed = true;
    this.producers.delete(producer.id);
    producer.peer.producers.remove(producer);
    producer.transport.producers.delete(producer);
    producer.engine.close();
    const { events, policies } = this.options;
    policies.tell('producerRemoved', producer);
    if (announce) events.emit('producerClosed', { peerId: producer.peer.id, producerId: producer.id });
    for (const consumer of [...producer.consumers]) {
      this.#detach(consumer);
      this.#tellEnd(consumer);
    }
    if (this.#speaker === producer) this.#speakerIs(undefined);
  }

  #speakerIs(producer: RoomProducer | undefined): void {
    const before = this.#speaker?.peer;
    this.#speaker = producer;
    // One peer may have two sounds.
    if (producer?.peer === before) return;
    this.options.events.emit('activeSpeakerChanged', { peerId: producer?.peer.id });
  }

  #detach(consumer: RoomConsumer): void {
    consumer.closed = true;
    consumer.peer.consumers.remove(consumer);
    consumer.transport.consumers.delete(consumer);
    consumer.producer.consumers.delete(consumer);
    this.options.policies.tell('consumerRemoved', consumer);
  }

  #tellEnd(consumer: RoomConsumer, reason: 'ended' | 'restart' = 'ended'): void {
    this.options.events.emit('consumerClosed', { peerId: consumer.peer.id, consumerId: consumer.id, reason });
  }
}
