import type { types } from 'mediasoup-client';
import type { ProducerInfo } from '../../../proto/gen/types.ts';
import type { RemoteTrack, TrackSource } from '../api.ts';
import { sdkError } from '../errors.ts';
import type { RoomCalls } from '../room-calls.ts';
import { statsOf } from './stats.ts';
import type { ViewWish } from './view-wish.ts';

/** As the contract bounds it. */
const mostPixels = 16_384;

/** A track as it comes without the server. */
export interface DirectReception {
  readonly track: MediaStreamTrack;
  getStats(): Promise<RTCStatsReport>;
}

/** A track that is being received, over one transport: after that another object stands for it. */
export class ReceivedTrack implements RemoteTrack {
  readonly producerId: string;
  readonly peerId: string;
  readonly source: TrackSource;
  paused: boolean;
  /** While it comes directly. */
  direct: DirectReception | undefined;
  readonly #consumer: types.Consumer;
  readonly #transport: types.Transport;
  readonly #calls: RoomCalls;
  readonly #view: ViewWish;

  constructor(parts: {
    peerId: string;
    info: ProducerInfo;
    consumer: types.Consumer;
    transport: types.Transport;
    calls: RoomCalls;
    view: ViewWish;
  }) {
    const { peerId, info, consumer } = parts;
    this.producerId = info.producerId;
    this.peerId = peerId;
    this.source = info.source;
    this.paused = info.paused;
    this.#consumer = consumer;
    this.#transport = parts.transport;
    this.#calls = parts.calls;
    this.#view = parts.view;
  }

  get track(): MediaStreamTrack {
    return this.direct?.track ?? this.#consumer.track;
  }

  get serverTrack(): MediaStreamTrack {
    return this.#consumer.track;
  }

  /** Nobody looks at it now. */
  get isHidden(): boolean {
    return this.#view.wanted?.hidden ?? false;
  }

  async setPreferredLayers(layers: { spatialLayer: number; temporalLayer?: number }): Promise<void> {
    await this.#calls.call('media.setPreferredLayers', { consumerId: this.#consumer.id, ...layers });
  }

  setView({ width, height, hidden = false }: { width: number; height: number; hidden?: boolean }): void {
    // Another object stands for the track by now, and whoever shows that one says so there.
    if (this.#consumer.closed) return;
    this.#view.set({ width: toPixels(width), height: toPixels(height), hidden });
  }

  async getStats(): Promise<RTCStatsReport> {
    if (this.#consumer.closed) throw sdkError('TRACK_CLOSED');
    return this.direct?.getStats() ?? statsOf(this.#consumer, this.#transport);
  }
}

function toPixels(length: number): number {
  return Number.isFinite(length) ? Math.min(Math.max(Math.round(length), 0), mostPixels) : 0;
}
