// Who is in a room, as its log tells it: people, not connections. A short absence is none.

import type { Clock, Timer } from '../../core/clock.ts';
import type { LogEntry } from '../log/log-entry.ts';
import type { LeaveReason, Peer } from '../peer.ts';
import { GuestJoins } from './guest-joins.ts';

/** Joins are written while so many people are in the room; leaves only of those whose join was. */
export const maxAttended = 100;

/** How long those who were there when a process died are waited for: more than their clients need to come back. */
const returnMs = 30_000;

export type Attendee = Pick<Peer, 'identity' | 'name' | 'kind'> & { readonly guestFrom?: string | undefined };

/** Somebody whom the log says is there. */
export type Presumed = Attendee & { readonly stay: string };

interface Person {
  /** Names this stay in the client ids of what is written of it: the same, whichever node writes. */
  readonly stay: string;
  peers: number;
  name: string;
  via: Peer['kind'];
  readonly written: boolean;
  leaving: Timer | undefined;
}

interface PeopleInRoomParts {
  readonly clock: Clock;
  readonly graceMs: number;
  readonly write: (entry: LogEntry) => void;
  /** False: nobody's coming and going is written. */
  readonly attended: boolean;
  /** Somebody who had left is not waited for any more. */
  readonly onGone: () => void;
}

export class PeopleInRoom {
  readonly #parts: PeopleInRoomParts;
  /** At most as many as the room has peers, and `maxAttended` that have left. */
  readonly #people = new Map<string, Person>();
  readonly #guests = new GuestJoins();

  constructor(parts: PeopleInRoomParts) {
    this.#parts = parts;
  }

  /** Those who may come back soon among them. */
  get size(): number {
    return this.#people.size;
  }

  /** The log has their join and no leave, for the process that should have written it died. */
  presume(people: Iterable<Presumed>): void {
    for (const { identity, name, kind: via, stay } of people) {
      const person: Person = { stay, peers: 0, name, via, written: true, leaving: undefined };
      person.leaving = this.#parts.clock.after(returnMs, () => this.#gone(identity, person));
      this.#people.set(identity, person);
    }
  }

  /** Guests whose joins the log has of late. */
  remember(guestJoinsAtMs: readonly number[]): void {
    for (const atMs of guestJoinsAtMs) this.#guests.take(atMs);
  }

  joined({ id, identity, name, kind, guestFrom }: Attendee & Pick<Peer, 'id'>): void {
    const known = this.#people.get(identity);
    if (known !== undefined) {
      known.leaving?.cancel();
      known.leaving = undefined;
      Object.assign(known, { peers: known.peers + 1, name, via: kind });
      return;
    }
    const { attended, clock } = this.#parts;
    const mayBeWritten = attended && this.#people.size < maxAttended;
    const written = mayBeWritten && (guestFrom === undefined || this.#guests.take(clock.monotonicMs()));
    this.#people.set(identity, { stay: id, peers: 1, name, via: kind, written, leaving: undefined });
    if (written) {
      this.#parts.write({
        kind: 'joined',
        author: { identity, name },
        clientId: joinedId(id),
        content: { via: kind },
      });
    }
  }

  left({ identity, name }: Attendee, reason: LeaveReason): void {
    const person = this.#people.get(identity);
    if (person === undefined) return;
    person.name = name;
    person.peers -= 1;
    if (person.peers > 0) return;
    // Who was removed cannot come back.
    if (!person.written || reason === 'removed') this.#gone(identity, person);
    else person.leaving = this.#parts.clock.after(this.#parts.graceMs, () => this.#gone(identity, person));
  }

  close(): void {
    for (const { leaving } of this.#people.values()) leaving?.cancel();
    this.#people.clear();
  }

  #gone(identity: string, { stay, name, via, written }: Person): void {
    this.#people.delete(identity);
    const author = { identity, name };
    if (written) this.#parts.write({ kind: 'left', author, clientId: `left:${stay}`, content: { via } });
    this.#parts.onGone();
  }
}

const joinedPrefix = 'joined:';
const joinedId = (stay: string): string => joinedPrefix + stay;

/** Which stay a record of a join began. */
export function stayOf({ clientId, messageId }: { readonly clientId: string; readonly messageId: string }): string {
  return clientId.startsWith(joinedPrefix) ? clientId.slice(joinedPrefix.length) : messageId;
}
