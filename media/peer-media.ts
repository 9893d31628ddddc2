import type { AppError } from '../core/errors.ts';
import type { PeerId } from '../core/ids.ts';
import { Allotment } from './allotment.ts';
import type { MediaOptions } from './media-options.ts';
import type { RoomConsumer } from './room-consumer.ts';
import type { PeerSource, RoomProducer, RoomTransport } from './room-objects.ts';

type Limits = Pick<MediaOptions, 'maxTransportsPerPeer' | 'maxProducersPerPeer' | 'maxConsumersPerPeer'>;

/** What one peer sends and receives in a room. */
export class PeerMedia {
  readonly id: PeerId;
  /** It is connected to another node, and has nothing here but copies of its tracks. */
  readonly isElsewhere: boolean;
  readonly transports: Allotment<RoomTransport>;
  readonly sources: Allotment<PeerSource>;
  readonly producers: Allotment<RoomProducer>;
  readonly consumers: Allotment<RoomConsumer>;
  /** Of the worker that all of it stands on; undefined before its first transport. */
  place: number | undefined;
  #gone: AppError | undefined;

  constructor(id: PeerId, limits: Limits, { isElsewhere = false } = {}) {
    this.id = id;
    this.isElsewhere = isElsewhere;
    this.transports = new Allotment({
      limit: limits.maxTransportsPerPeer,
      what: 'transports',
      notFound: 'TRANSPORT_NOT_FOUND',
      idName: 'transportId',
    });
    this.sources = new Allotment({
      limit: limits.maxTransportsPerPeer,
      what: 'sources',
      notFound: 'TRANSPORT_NOT_FOUND',
      idName: 'sourceId',
    });
    this.producers = new Allotment({
      limit: limits.maxProducersPerPeer,
      what: 'producers',
      notFound: 'PRODUCER_NOT_FOUND',
      idName: 'producerId',
    });
    this.consumers = new Allotment({
      limit: limits.maxConsumersPerPeer,
      what: 'consumers',
      notFound: 'CONSUMER_NOT_FOUND',
      idName: 'consumerId',
    });
  }

  /** Calls of this peer that are still waiting for the engine fail with this. */
  leave(reason: AppError): void {
    this.#gone ??= reason;
  }

  requireHere(): void {
    if (this.#gone) throw this.#gone;
  }
}
