// Who came and went, and when there was a call: what the server writes into the log of a room by itself. It outlives the
// room on this node until nobody is waited for, so that a room that closes and opens again is the same evening.

import { type Clock, toMonotonicMs } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { RoomMedia } from '../../media/media.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import type { RoomTies } from '../cluster/room-ties.ts';
import type { LogEntry } from '../log/log-entry.ts';
import type { Timeline } from '../log/timeline.ts';
import type { LeaveReason, Peer } from '../peer.ts';
import { isGuest } from '../plain-chat-identity.ts';
import { ongoingCall } from '../room-facts.ts';
import { CallWatch, callPrefix } from './call-watch.ts';
import { OwnedWrites } from './owned-writes.ts';
import { type Attendee, PeopleInRoom, type Presumed, stayOf } from './people-in-room.ts';
import { isDirect } from './room-names.ts';
import { ServerAppends } from './server-appends.ts';

interface AttendanceParts {
  readonly timeline: Timeline;
  readonly presenceGraceMs: number;
  readonly callEndGraceMs: number;
  /** False: nothing is written. */
  readonly attendance: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  /** Other nodes have the room open, and know who is there. */
  readonly others: boolean;
  /** Nobody is there or waited for, no call goes on, and all of it is written. */
  readonly onQuiet: () => void;
}

/** A room that is open on this node. */
export interface AttendedRoom {
  readonly roster: { get(peerId: string): Pick<Peer, 'identity' | 'name'> | undefined };
  readonly media: Pick<RoomMedia, 'events'>;
}

export class Attendance {
  readonly #appends: ServerAppends;
  readonly #people: PeopleInRoom;
  readonly #call: CallWatch;
  readonly #writes: OwnedWrites;
  /** While the room is open on this node. */
  #ties: Pick<RoomTies, 'term'> | undefined;

  constructor(parts: AttendanceParts) {
    const { timeline, clock, log, onQuiet } = parts;
    const onMaybeQuiet = () => {
      if (this.quiet) onQuiet();
    };
    this.#appends = new ServerAppends({
      timeline,
      clock,
      log,
      // Where nobody has the room open there is no owner; the same twice is once.
      fence: () => this.#ties?.term || undefined,
      leaveToOwner: (entry) => this.#writes.leave(entry),
      onIdle: onMaybeQuiet,
    });
    this.#writes = new OwnedWrites({ clock, write: (entry) => this.#appends.add(entry) });
    const write: (entry: LogEntry) => void = parts.attendance ? (entry) => this.#writes.add(entry) : () => {};
    this.#people = new PeopleInRoom({
      clock,
      graceMs: parts.presenceGraceMs,
      write,
      // Of two people each is told of the other by messages alone.
      attended: !isDirect(timeline.room),
      onGone: onMaybeQuiet,
    });
    this.#call = new CallWatch({ clock, graceMs: parts.callEndGraceMs, write, onEnded: onMaybeQuiet });
    if (parts.attendance) this.#takeOver(timeline, parts);
  }

  get quiet(): boolean {
    return this.#people.size === 0 && !this.#call.goesOn && this.#appends.idle;
  }

  /** Follows the media of a room that has opened. */
  follow({ roster, media }: AttendedRoom): void {
    // Media may speak of a peer that has just left.
    media.events.on('producerAdded', ({ peerId, producer }) => {
      const peer = roster.get(peerId);
      if (peer !== undefined) this.#call.trackAdded(peerId, producer.producerId, authorOf(peer));
    });
    media.events.on('producerClosed', ({ peerId, producerId }) => this.#call.trackClosed(peerId, producerId));
    // Those that go on come back as new ones.
    media.events.on('reset', ({ producers }) => {
      for (const { peerId, producerId } of producers) this.#call.trackClosed(peerId, producerId);
    });
  }

  /** What another process left open. It is known of the newest records alone who was there. */
  #takeOver({ facts, ring }: Timeline, { clock, others }: AttendanceParts): void {
    const { records } = ring.after(ring.base.seq, everything);
    const call = ongoingCall(facts);
    if (call !== undefined && others) this.#call.written(call.with);
    else if (call !== undefined) this.#call.endAbandoned(call, records.at(-1)?.atMs ?? call.startedAtMs);
    const there = new Map<string, Presumed>();
    const guestJoinsAtMs: number[] = [];
    for (const record of records) {
      const { kind, identity, name, via, atMs } = record;
      const stay = stayOf(record);
      if (kind === 'joined')
        there.set(identity, { identity, name, kind: via === 'chat' || via === 'phone' ? via : 'client', stay });
      else if (kind === 'left') there.delete(identity);
      if (kind === 'joined' && isGuest(identity)) guestJoinsAtMs.push(toMonotonicMs(clock, atMs));
    }
    if (!others) this.#people.presume(there.values());
    this.#people.remember(guestJoinsAtMs);
  }

  /** The room is open on this node, from now on or no more. */
  setOpen(ties: Pick<RoomTies, 'term' | 'isOwner'> | undefined): void {
    this.#ties = ties;
    if (ties !== undefined) this.setOwner(ties.isOwner);
  }

  /** The owner wrote this, on another node. */
  written(record: LogRecord): void {
    this.#writes.written(record);
    if (record.kind === 'callStarted') this.#call.written(record.clientId.slice(callPrefix.length));
    else if (record.kind === 'callEnded') this.#call.written(undefined);
  }

  /** One node writes for all that have the room open. */
  setOwner(isOwner: boolean): void {
    this.#writes.setOwner(isOwner);
  }

  /** Here or on another node. */
  joined(peer: Attendee & Pick<Peer, 'id'>): void {
    this.#people.joined(peer);
  }

  left(peer: Attendee & Pick<Peer, 'id'>, reason: LeaveReason): void {
    this.#call.peerLeft(peer.id);
    this.#people.left(peer, reason);
  }

  close(): void {
    this.#people.close();
    this.#call.close();
    this.#appends.close();
  }
}

const everything = { maxRecords: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };

export const authorOf = ({ identity, name }: Pick<Peer, 'identity' | 'name'>) => ({ identity, name });
