import type { types } from 'mediasoup-client';
import type { ProducerInfo } from '../../../proto/gen/types.ts';
import type { RemoteTrack, TrackSource } from '../api.ts';
import { sdkError } from '../errors.ts';
import type { RoomCalls } from '../room-calls.ts';
import { statsOf } from './stats.ts';

/** A track that is being received, over one transport: after that another object stands for it. */
export class ReceivedTrack implements RemoteTrack {
  readonly producerId: string;
  readonly peerId: string;
  readonly source: TrackSource;
  readonly track: MediaStreamTrack;
  paused: boolean;
  readonly #consumer: types.Consumer;
  readonly #transport: types.Transport;
  readonly #calls: RoomCalls;

  constructor(parts: {
    peerId: string;
    info: ProducerInfo;
    consumer: types.Consumer;
    transport: types.Transport;
    calls: RoomCalls;
  }) {
    const { peerId, info, consumer } = parts;
    this.producerId = info.producerId;
    this.peerId = peerId;
    this.source = info.source;
    this.paused = info.paused;
    this.track = consumer.track;
    this.#consumer = consumer;
    this.#transport = parts.transport;
    this.#calls = parts.calls;
  }

  async setPreferredLayers(layers: { spatialLayer: number; temporalLayer?: number }): Promise<void> {
    await this.#calls.call('media.setPreferredLayers', { consumerId: this.#consumer.id, ...layers });
  }

  async setView(view: { width: number; height: number; hidden?: boolean }): Promise<void> {
    await this.#calls.call('media.setConsumerView', { consumerId: this.#consumer.id, view });
  }

  async getStats(): Promise<RTCStatsReport> {
    if (this.#consumer.closed) throw sdkError('TRACK_CLOSED');
    return statsOf(this.#consumer, this.#transport);
  }
}
