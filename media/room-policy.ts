// How rules over the tracks of a room hang on it without knowing of each other: layers, loudest voices, quality, mending.

import type { Clock } from '../core/clock.ts';
import type { Emitter } from '../core/events.ts';
import type { PeerId } from '../core/ids.ts';
import type { Logger } from '../core/log.ts';
import type { QualityReport } from '../proto/gen/types.ts';
import type { TrackSample } from './engine.ts';
import type { RoomMediaEvents } from './media.ts';
import type { MediaOptions } from './media-options.ts';
import type { OutTrack } from './nodes/out-track.ts';
import type { RemoteTrack } from './nodes/remote-track.ts';
import type { RoomNodes } from './nodes/room-nodes.ts';
import type { RoomConsumer } from './room-consumer.ts';
import type { RoomProducer } from './room-objects.ts';
import type { RoomSpeakers } from './room-speakers.ts';
import type { HeardVoice } from './room-voices.ts';

/**
 * A rule over the tracks of one room. It is told in the same turn in which the books change, and acts through the objects'
 * own methods. A policy outlives workers: what one takes with it is told as removed. What a policy throws is logged, and
 * costs the others nothing.
 */
export interface RoomPolicy {
  producerAdded?(producer: RoomProducer): void;
  /** Its `info` changed: paused, muted, of another size; or something besides its consumers reads it otherwise. */
  producerChanged?(producer: RoomProducer): void;
  /** Its consumers were removed before, or are after it. */
  producerRemoved?(producer: RoomProducer): void;
  /** It is on its way to another node from now on, until it is closed. */
  trackSent?(track: OutTrack): void;
  consumerAdded?(consumer: RoomConsumer): void;
  /** Its view, its owner's pause or ceiling, or the layers that it gets; not what policies asked of it. */
  consumerChanged?(consumer: RoomConsumer): void;
  consumerRemoved?(consumer: RoomConsumer): void;
  /** By what its client reports as lost; 0 to 10. */
  consumerScored?(consumer: RoomConsumer, score: number): void;
  /** The client decodes nothing of it. */
  consumerStalled?(consumer: RoomConsumer): void;
  /** As the engine hears them, twice a second; the loudest first. */
  voicesHeard?(voices: readonly HeardVoice[]): void;
  /** A track of a peer on another node: added, or paused, resumed, muted. It need not be here. */
  remoteTrackChanged?(track: RemoteTrack): void;
  remoteTrackGone?(track: RemoteTrack): void;
  /** The streams of a producer, or the one of a consumer, were read again. */
  sampled?(sampled: Sampled): void;
  qualityReported?(peerId: PeerId, report: Pick<QualityReport, 'tracks' | 'path'>): void;
  peerRemoved?(peerId: PeerId): void;
  /** The room closed. */
  close(): void;
}

export interface Sampled {
  readonly track: RoomProducer | RoomConsumer;
  readonly samples: readonly TrackSample[];
  /** Undefined the first time. */
  readonly before: { readonly samples: readonly TrackSample[]; readonly intervalMs: number } | undefined;
}

export interface PolicyContext {
  readonly room: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly options: MediaOptions;
  /** To emit, and to hear what other policies say: speakersChanged, layerWanted, qualityChanged. */
  readonly events: Emitter<RoomMediaEvents>;
  /** Told whose microphones are heard; says who is told to speak. */
  readonly speakers: Pick<RoomSpeakers, 'speakersAre'>;
  /** Undefined: this node is the only one. */
  readonly nodes: RoomNodes | undefined;
  /** Runs something once the events of this turn are handled. */
  readonly defer: (run: () => void) => void;
  /** For the one policy that reads the counters. */
  readonly tellSampled: (sampled: Sampled) => void;
}

/** One for each room. What is of the node, as a budget or a socket, is held by whoever made this function. */
export type CreatePolicy = (context: PolicyContext) => RoomPolicy;
