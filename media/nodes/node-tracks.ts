// Port: what the media of a room asks of the media of the same room on other nodes. Nodes are named by their lives, opaque here.

import type { Listening } from '../../core/events.ts';
import type { LinkFrame } from '../../proto/gen/node-types.ts';
import type { RtpParameters } from '../../proto/gen/types.ts';
import type { NodePipeEnd, NodePipeListen } from '../engine.ts';
import type { MediaKind } from '../media.ts';

export interface PipeRequest {
  readonly room: string;
  /** Of random, made by the node that wants the tracks. */
  readonly pipeId: string;
}

export interface OpenPipe extends PipeRequest {
  readonly end: NodePipeEnd;
}

export interface TrackRequest extends PipeRequest {
  readonly producerId: string;
}

export interface OpenedTrack {
  readonly kind: MediaKind;
  /** As they are on the pipe. */
  readonly rtpParameters: RtpParameters;
  readonly paused: boolean;
}

/** `node`: the other one. Whoever opens a pipe gets tracks by it; both close it, and tell each other. */
export interface NodeTracks {
  /** The same pipe is opened once, and answered again. @throws {AppError} NODE_UNREACHABLE, MEDIA_UNAVAILABLE */
  openPipe(node: string, pipe: OpenPipe): Promise<NodePipeEnd>;
  /** @throws {AppError} TRANSPORT_NOT_FOUND for a pipe that is not there (any more), PRODUCER_NOT_FOUND, CANNOT_CONSUME, NODE_UNREACHABLE */
  openTrack(node: string, track: TrackRequest): Promise<OpenedTrack>;
  closeTrack(node: string, track: TrackRequest): Promise<void>;
  closePipe(node: string, pipe: PipeRequest): Promise<void>;
}

export interface NodeEvents {
  /** Emitted when a node that was not heard of is heard of again: it may have lost what it had. */
  back: { readonly node: string };
  /** Emitted when frames to a node are taken from now on, the first time or again: what it was told before may be lost. */
  up: { readonly node: string };
  /** Emitted when frames to a node are not taken any more. */
  down: { readonly node: string };
  /** Emitted for each frame of another node. */
  frame: { readonly node: string; readonly frame: LinkFrame };
  /** Emitted when the life of a node has ended. */
  died: { readonly node: string };
}

/** The other nodes, as the media of this one sees them. */
export interface OtherNodes {
  readonly tracks: NodeTracks;
  readonly events: Listening<NodeEvents>;
  /** Where this node receives media of the others. */
  readonly listen: NodePipeListen;
  /** From now on `up`, `down` and `back` are told of it. */
  watch(node: string): void;
  /** Frames to it are taken. */
  isUp(node: string): boolean;
  /** See NodeLink.send in cluster/node-calls.ts: answers whether it was taken. */
  send(node: string, frame: LinkFrame, how: 'reliable' | 'lossy'): boolean;
}
