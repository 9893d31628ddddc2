import type { Life } from '../../cluster/directory.ts';
import type { Ephemeral, MuteProducer } from '../../proto/gen/node-types.ts';
import type { ProducerInfo, RecordingInfo } from '../../proto/gen/types.ts';
import type { LeaveReason, Peer } from '../peer.ts';

/** What is told once and not repaired; see proto/parley/node/v1/bus.proto. */
export type EphemeralContent = Omit<Ephemeral, 'room'>;

/** Who wants something. */
export type Author = Pick<Peer, 'identity' | 'name'>;

/** What a room has to do with the other nodes that it is open on. Telling never fails and is never waited for. */
export interface RoomTies {
  /** Of this node, as the others know it; empty where there are none. */
  readonly life: Life;
  /** There are other nodes in the room. */
  readonly others: boolean;
  /** What one node does for all of them is done here. */
  readonly isOwner: boolean;
  /** Of the owner; 0 where there are no terms. */
  readonly term: number;
  /** A node that lives, and is in the room as well. */
  isThere(life: Life): boolean;
  peerJoined(peer: Peer): void;
  /** It is called something else, or its connection is lost or back. */
  peerChanged(peer: Peer): void;
  peerLeft(peer: Peer, reason: LeaveReason): void;
  /** Added or changed. */
  trackChanged(peerId: string, producer: ProducerInfo): void;
  trackClosed(peerId: string, producerId: string): void;
  tell(content: EphemeralContent): void;
  /**
   * Has the node that has this track mute it; a lock holds on all of them. Undefined: there are no other nodes.
   * @throws {AppError} by rejection: PRODUCER_NOT_FOUND, NODE_UNREACHABLE, STORE_UNAVAILABLE and its like.
   */
  muteProducer(command: MuteProducer): Promise<void> | undefined;
  /**
   * This node is about to record, records, or (`over`) does not any more: one node at a time does, and all are told.
   * @throws {AppError} by rejection: RECORDING_RUNS, NODE_UNREACHABLE, STORE_UNAVAILABLE and its like.
   */
  setRecording(now: { readonly recording?: RecordingInfo; readonly over: boolean }): Promise<void>;
  /**
   * Has the node that records end that, and answers how it ended. Undefined: no other node records that.
   * @throws {AppError} by rejection: RECORDING_NOT_FOUND, NODE_UNREACHABLE.
   */
  stopRecording(recordingId: string, by: Author): Promise<RecordingInfo> | undefined;
  /** The room closes on this node. */
  close(): void;
}

/** A room that is open on this node alone, now and later. */
export const noTies: RoomTies = {
  life: '',
  others: false,
  isOwner: true,
  term: 0,
  isThere: () => false,
  peerJoined() {},
  peerChanged() {},
  peerLeft() {},
  trackChanged() {},
  trackClosed() {},
  tell() {},
  muteProducer: () => undefined,
  setRecording: () => Promise.resolve(),
  stopRecording: () => undefined,
  close() {},
};
