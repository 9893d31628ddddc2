// What a track that is sent is made of, and how it may be sent besides.

import type { types } from 'mediasoup-client';
import type { ProducerInfo } from '../../../proto/gen/types.ts';
import type { TrackSource, VideoCodec } from '../api.ts';
import type { RoomEncryption } from '../e2ee/room-encryption.ts';
import type { ParleyError } from '../errors.ts';
import type { RoomCalls } from '../room-calls.ts';
import type { ClientTiming } from '../timing.ts';
import type { SentTrack } from './local-track.ts';
import type { MediaPath } from './media-path.ts';

export interface LocalTrackParts {
  readonly source: TrackSource;
  readonly track: MediaStreamTrack;
  readonly paused: boolean;
  readonly encodings: readonly types.RtpEncodingParameters[] | undefined;
  readonly codec: VideoCodec | undefined;
  /** What a microphone is sent with now; empty: as the platform likes. May be another one later: `sync` then. */
  readonly audioCodec: () => string;
  /** What a moderator did to the source before. */
  readonly mute: Mute;
  /** Nothing that could be heard or seen is sent. */
  readonly held: boolean;
  readonly path: MediaPath;
  readonly calls: RoomCalls;
  readonly timing: ClientTiming;
  readonly device: () => Promise<types.Device>;
  readonly encryption: RoomEncryption;
  onChanged(track: SentTrack): void;
  /** Closed by the application, or given up with an error. Said once. */
  onClosed(track: SentTrack, error: ParleyError | undefined): void;
}

export type Mute = Pick<ProducerInfo, 'muted' | 'locked'>;

/** A track as it is sent without the server. */
export interface DirectSending {
  getStats(): Promise<RTCStatsReport>;
}
