// Conversations of two people. Each is a room that only these two may join, and stands in the inbox of both: a log of its
// own that nobody joins, of which only the facts are read.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { RoomId } from '../../core/ids.ts';
import type { DirectInfo } from '../../proto/gen/types.ts';
import type { TellUsers } from '../cluster/user-messages.ts';
import { requireGrant } from '../grants.ts';
import type { LogEntry } from '../log/log-entry.ts';
import type { Timeline } from '../log/timeline.ts';
import type { Timelines } from '../log/timelines.ts';
import type { Session } from '../session.ts';
import { type DirectsReader, readDirects } from './direct-list.ts';
import { dropOldest, inboxKey, listedIn } from './inbox.ts';
import type { MarkWriter } from './mark-writer.ts';
import { directRoomOf, inboxOf, partiesInOrder } from './room-names.ts';

interface DirectsParts {
  readonly timelines: Timelines;
  readonly tellUsers: TellUsers;
  readonly marks: MarkWriter;
  readonly clock: Clock;
}

const defaultLimit = 50;

export class Directs {
  readonly #parts: DirectsParts;

  constructor(parts: DirectsParts) {
    this.#parts = parts;
  }

  /**
   * Opens the room of the caller and somebody else, or finds that it is open. Whatever a failure left undone is done when
   * it is called again.
   * @throws {AppError} BAD_REQUEST, GRANT_MISSING, STORE_UNAVAILABLE and its like, by rejection.
   */
  async open(caller: Session, identity: string): Promise<RoomId> {
    if (identity === caller.identity) throw new AppError('BAD_REQUEST', { field: 'identity', problem: 'is your own' });
    const room = directRoomOf(caller.identity, identity);
    requireGrant(caller.grantsIn(room), 'chat');
    const { timelines } = this.#parts;
    const conversation = await timelines.open(room);
    const isNew = !conversation.facts.has('direct');
    if (isNew) await conversation.append(openedEntry(caller.identity, identity));
    await Promise.all([this.#list(caller.identity, identity, room), this.#list(identity, caller.identity, room)]);
    if (isNew) {
      this.#tell(caller.identity, identity, room);
      this.#tell(identity, caller.identity, room);
    }
    return room;
  }

  /** Those with the newest records first. @throws {AppError} STORE_UNAVAILABLE and its like, by rejection. */
  async list(reader: DirectsReader, limit: number): Promise<DirectInfo[]> {
    const { timelines, marks, clock } = this.#parts;
    const inbox = await timelines.open(inboxOf(reader.identity));
    const listed = listedIn(inbox.facts);
    for (const { room } of listed) marks.settle(room);
    return await readDirects(timelines.roomLog, reader, {
      listed,
      limit: limit || defaultLimit,
      nowMs: clock.nowMs(),
    });
  }

  async #list(owner: string, other: string, room: RoomId): Promise<void> {
    const inbox = await this.#parts.timelines.open(inboxOf(owner));
    if (inbox.facts.has(inboxKey(room))) return;
    const { duplicate } = await inbox.append(this.#listedEntry(inbox, other, room, room));
    // It stood there once, and was dropped for newer ones.
    if (duplicate && !inbox.facts.has(inboxKey(room))) await inbox.append(this.#listedEntry(inbox, other, room, ''));
  }

  #listedEntry({ facts }: Timeline, other: string, room: RoomId, clientId: string): LogEntry {
    const value = JSON.stringify({ identity: other, atMs: this.#parts.clock.nowMs() });
    return {
      kind: 'opened',
      clientId,
      content: { subject: other },
      facts: { ...dropOldest(facts), [inboxKey(room)]: value },
    };
  }

  #tell(to: string, identity: string, room: RoomId): void {
    this.#parts.tellUsers([to], { directOpened: { room, identity } });
  }
}

/** The server's own, so that it is there once when both open it at the same time. */
function openedEntry(one: string, other: string): LogEntry {
  return { kind: 'opened', clientId: 'opened', content: {}, facts: { direct: partiesInOrder(one, other) } };
}
