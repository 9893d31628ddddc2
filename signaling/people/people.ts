// People and rooms: who is where, how far they have read, who may talk to whom. One for the node; what belongs to one open
// room is in its RoomPeople.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { RoomId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import type { TellUsers } from '../cluster/user-messages.ts';
import type { Timeline } from '../log/timeline.ts';
import type { Timelines } from '../log/timelines.ts';
import type { Member } from '../member.ts';
import type { LeaveReason, Peer } from '../peer.ts';
import type { Room } from '../room.ts';
import type { RoomRules } from '../room-rules.ts';
import type { SignalingOptions } from '../signaling-options.ts';
import { Attendance } from './attendance.ts';
import { Directs } from './directs.ts';
import { requireMayEnter, requireRoomForPeople } from './entry-rules.ts';
import { MarkWriter } from './mark-writer.ts';
import { RoomPeople } from './room-people.ts';
import { SlowTurns } from './slow-turns.ts';

interface PeopleParts {
  readonly timelines: Timelines;
  readonly options: Pick<SignalingOptions['chat'], 'attendance' | 'presenceGraceMs' | 'callEndGraceMs'>;
  /** Wherever they are. */
  readonly tellUsers: TellUsers;
  readonly clock: Clock;
  readonly log: Logger;
}

export class People implements RoomRules {
  readonly directs: Directs;
  readonly #parts: PeopleParts;
  readonly #marks: MarkWriter;
  readonly #guestTurns = new SlowTurns();
  readonly #open = new Map<RoomId, RoomPeople>();
  /** Of open rooms, and of those that closed while somebody may still come back. */
  readonly #attendances = new Map<RoomId, Attendance>();

  constructor(parts: PeopleParts) {
    const { timelines, clock, log } = parts;
    this.#parts = parts;
    this.#marks = new MarkWriter({ roomLog: timelines.roomLog, clock, log });
    this.directs = new Directs({ ...parts, marks: this.#marks });
  }

  /** @throws {AppError} NOT_IN_ROOM when the peer's room has closed. */
  inRoomOf({ room }: Peer): RoomPeople {
    const people = this.#open.get(room.name);
    if (people === undefined) throw new AppError('NOT_IN_ROOM', { room: room.name });
    return people;
  }

  beforeLoad(room: string): void {
    requireRoomForPeople(room);
    this.#marks.settle(room);
  }

  beforeJoin({ room, facts }: Pick<Timeline, 'room' | 'facts'>, identity: string): void {
    requireMayEnter(room, facts, identity, this.#parts.clock.nowMs());
  }

  beforeSend(peer: Peer, clientId: string): void {
    this.inRoomOf(peer).writing.requireMaySend(peer, clientId);
  }

  beforeChange(peer: Peer): void {
    this.inRoomOf(peer).writing.requireNotMuted(peer);
  }

  opened(room: Room): void {
    const { tellUsers, clock } = this.#parts;
    const attendance = this.#attendanceOf(room);
    attendance.setOpen(room.ties);
    const guestTurns = this.#guestTurns;
    this.#open.set(room.name, new RoomPeople({ room, attendance, writer: this.#marks, tellUsers, guestTurns, clock }));
  }

  joined(peer: Peer): void {
    this.#open.get(peer.room.name)?.joined(peer);
  }

  left(peer: Peer, reason: LeaveReason): void {
    this.#open.get(peer.room.name)?.left(peer, reason);
  }

  memberJoined({ name }: Room, member: Member): void {
    this.#open.get(name)?.memberJoined(member);
  }

  memberLeft({ name }: Room, member: Member, reason: LeaveReason): void {
    this.#open.get(name)?.memberLeft(member, reason);
  }

  ownerChanged({ name, ties }: Room): void {
    this.#attendances.get(name)?.setOwner(ties.isOwner);
  }

  closed({ name }: Room): void {
    this.#open.get(name)?.close();
    this.#open.delete(name);
    this.#attendances.get(name)?.setOpen(undefined);
    this.#forgetIfQuiet(name);
  }

  appended({ room }: Timeline, records: readonly LogRecord[], elsewhere: ReadonlySet<LogRecord>): void {
    this.#open.get(room)?.recorded(records, elsewhere);
  }

  /** Nothing more is written of who comes and goes: the server ends, not the evening. */
  close(): void {
    for (const attendance of this.#attendances.values()) attendance.close();
    this.#attendances.clear();
    this.#marks.close();
  }

  #attendanceOf({ timeline, ties }: Room): Attendance {
    const { room } = timeline;
    const known = this.#attendances.get(room);
    if (known !== undefined) return known;
    const { options, clock, log } = this.#parts;
    const { attendance: isWritten = true, presenceGraceMs, callEndGraceMs } = options;
    const onQuiet = () => this.#forgetIfQuiet(room);
    const attendance = new Attendance({
      timeline,
      attendance: isWritten,
      presenceGraceMs,
      callEndGraceMs,
      clock,
      log,
      others: ties.others,
      onQuiet,
    });
    this.#attendances.set(room, attendance);
    return attendance;
  }

  #forgetIfQuiet(room: RoomId): void {
    if (!this.#open.has(room) && this.#attendances.get(room)?.quiet) this.#attendances.delete(room);
  }
}
