// What people do in one open room besides sending messages and media.

import type { Clock } from '../../core/clock.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import type { EphemeralContent, RoomTies } from '../cluster/room-ties.ts';
import type { TellUsers } from '../cluster/user-messages.ts';
import type { Timeline } from '../log/timeline.ts';
import type { Member } from '../member.ts';
import type { LeaveReason, Peer } from '../peer.ts';
import { holdOn } from '../room-facts.ts';
import type { Attendance, AttendedRoom } from './attendance.ts';
import type { MarkWriter } from './mark-writer.ts';
import { tellMentioned } from './mentions.ts';
import { type Members, RoomMarkers } from './room-markers.ts';
import type { SlowTurns } from './slow-turns.ts';
import { Typing } from './typing.ts';
import { WritingRules } from './writing-rules.ts';

/** The room, as far as it is needed here. */
export interface PeopledRoom extends AttendedRoom {
  readonly timeline: Timeline;
  /** Those on this node. */
  readonly locals: Members;
  /** Of all nodes. */
  readonly roster: AttendedRoom['roster'] & { readonly size: number };
  readonly ties: Pick<RoomTies, 'tell'>;
  onEphemeral: (content: EphemeralContent) => void;
  leave(peer: Peer, reason: LeaveReason): void;
}

interface RoomPeopleParts {
  readonly room: PeopledRoom;
  readonly attendance: Attendance;
  readonly writer: MarkWriter;
  readonly tellUsers: TellUsers;
  /** Of all rooms. */
  readonly guestTurns: SlowTurns;
  readonly clock: Clock;
}

/** The moderator's node says so within this time, and why. */
const removalWithinMs = 1_000;

export class RoomPeople {
  readonly markers: RoomMarkers;
  readonly typing: Typing;
  readonly writing: WritingRules;
  readonly #parts: RoomPeopleParts;

  constructor(parts: RoomPeopleParts) {
    const { room, writer, clock, attendance, guestTurns } = parts;
    const { timeline, locals } = room;
    this.#parts = parts;
    this.markers = new RoomMarkers({
      timeline,
      roster: locals,
      roomSize: () => room.roster.size,
      writer,
      clock,
      relay: (markers) => room.ties.tell({ markers: { room: timeline.room, markers: [...markers] } }),
    });
    this.typing = new Typing({
      room: timeline.room,
      members: () => locals.members,
      clock,
      relay: (typing) => room.ties.tell({ typing }),
    });
    room.onEphemeral = ({ typing, markers }) => {
      if (typing !== undefined) this.typing.heard(typing);
      if (markers !== undefined) this.markers.heard(markers.markers);
    };
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
  recorded(records: readonly LogRecord[], elsewhere: ReadonlySet<LogRecord>): void {
    for (const record of records) {
      const isHere = !elsewhere.has(record);
      if (record.kind === 'message') this.#sent(record, isHere);
      else if (record.kind === 'muted') this.typing.stopped(record.subject ?? '');
      else if (record.kind === 'banned' && !isHere) this.#banned(record);
      else if (!isHere) this.#parts.attendance.written(record);
    }
  }

  close(): void {
    this.#parts.room.onEphemeral = () => {};
    this.typing.close();
    this.markers.close();
  }

  #sent(record: LogRecord, isHere: boolean): void {
    this.typing.stopped(record.identity);
    this.markers.sent(record);
    if (!isHere) {
      this.writing.wrote(record);
      return;
    }
    const { room, tellUsers, clock } = this.#parts;
    const { room: name, facts } = room.timeline;
    tellMentioned(record, { room: name, facts, nowMs: clock.nowMs(), tellUsers });
  }

  /** The moderator's node tells it with an explanation, which may be lost. The log is not. */
  #banned({ subject = '' }: LogRecord): void {
    const { room, clock } = this.#parts;
    clock.after(removalWithinMs, () => {
      if (holdOn(room.timeline.facts, 'ban', subject, clock.nowMs()) === undefined) return;
      for (const peer of [...room.locals.ofIdentity(subject)]) room.leave(peer, 'removed');
    });
  }
}
