import type { LogRecord } from '../proto/gen/types.ts';
import type { Timeline } from './log/timeline.ts';
import type { Member } from './member.ts';
import type { LeaveReason, Peer } from './peer.ts';
import type { Room } from './room.ts';

/** What holds in rooms besides the grants, and who is to hear of what happens in them. `before…` refuses by throwing. */
export interface RoomRules {
  /** Before anything of the room is fetched. @throws {AppError} */
  beforeLoad(room: string): void;
  /** In the turn of the join. @throws {AppError} */
  beforeJoin(timeline: Timeline, identity: string): void;
  /** Just before a message is appended, also when it is a retry. @throws {AppError} */
  beforeSend(peer: Peer, clientId: string): void;
  /** Just before a message is changed or reacted to; not before an own one is deleted. @throws {AppError} */
  beforeChange(peer: Peer): void;
  opened(room: Room): void;
  joined(peer: Peer): void;
  left(peer: Peer, reason: LeaveReason): void;
  /** Of somebody on another node. */
  memberJoined(room: Room, member: Member): void;
  memberLeft(room: Room, member: Member, reason: LeaveReason): void;
  /** Another node does what one does for all, or this one. */
  ownerChanged(room: Room): void;
  closed(room: Room): void;
  /** Records that are new in any log that is open here, in order. `elsewhere`: those that other nodes appended. */
  appended(timeline: Timeline, records: readonly LogRecord[], elsewhere: ReadonlySet<LogRecord>): void;
}

export const noRules: RoomRules = {
  beforeLoad() {},
  beforeJoin() {},
  beforeSend() {},
  beforeChange() {},
  opened() {},
  joined() {},
  left() {},
  memberJoined() {},
  memberLeft() {},
  ownerChanged() {},
  closed() {},
  appended() {},
};
