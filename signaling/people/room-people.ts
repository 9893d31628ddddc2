// What people do in one open room besides sending messages and media.

import type { Clock } from '../../core/clock.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import type { Timeline } from '../log/timeline.ts';
import type { Member } from '../member.ts';
import type { LeaveReason, Peer } from '../peer.ts';
import type { Attendance, AttendedRoom } from './attendance.ts';
import type { MarkWriter } from './mark-writer.ts';
import { type SessionsOf, tellMentioned } from './mentions.ts';
import { type Members, RoomMarkers } from './room-markers.ts';
import type { SlowTurns } from './slow-turns.ts';
import { Typing } from './typing.ts';
import { WritingRules } from './writing-rules.ts';

/** The room, as far as it is needed here. */
export interface PeopledRoom extends AttendedRoom {
  readonly timeline: Timeline;
  /** Those on this node. */
  readonly locals: Members;
}

interface RoomPeopleParts {
  readonly room: PeopledRoom;
  readonly attendance: Attendance;
  readonly writer: MarkWriter;
  readonly sessionsOf: SessionsOf;
  /** Of all rooms. */
  readonly guestTurns: SlowTurns;
  readonly clock: Clock;
}

export class RoomPeople {
  readonly markers: RoomMarkers;
  readonly typing: Typing;
  readonly writing: WritingRules;
  readonly #parts: RoomPeopleParts;

  constructor(parts: RoomPeopleParts) {
    const { room, writer, clock, attendance, guestTurns } = parts;
    const { timeline, locals } = room;
    this.#parts = parts;
    this.markers = new RoomMarkers({ timeline, roster: locals, writer, clock });
    this.typing = new Typing({ room: timeline.room, members: () => locals.members, clock });
    this.writing = new WritingRules({ timeline, guestTurns, clock });
    attendance.follow(room);
  }

  /** It is in the roster. */
  joined(peer: Peer): void {
    this.markers.joined(peer);
    this.#parts.attendance.joined(peer);
  }

  /** It is in the roster no more. */
  left(peer: Peer, reason: LeaveReason): void {
    if (this.#parts.room.locals.ofIdentity(peer.identity).length === 0) this.typing.stopped(peer.identity);
    this.#parts.attendance.left(peer, reason);
  }

  /** Of somebody on another node. */
  memberJoined(member: Member): void {
    this.#parts.attendance.joined(member);
  }

  memberLeft(member: Member, reason: LeaveReason): void {
    this.#parts.attendance.left(member, reason);
  }

  /** What is new in the room's log; the room's peers are being told. */
  recorded(records: readonly LogRecord[]): void {
    for (const record of records) {
      if (record.kind === 'message') this.#sent(record);
      else if (record.kind === 'muted') this.typing.stopped(record.subject ?? '');
    }
  }

  close(): void {
    this.typing.close();
    this.markers.close();
  }

  #sent(record: LogRecord): void {
    this.typing.stopped(record.identity);
    this.markers.sent(record);
    const { room, sessionsOf, clock } = this.#parts;
    const { room: name, facts } = room.timeline;
    tellMentioned(record, { room: name, facts, nowMs: clock.nowMs(), sessionsOf });
  }
}
