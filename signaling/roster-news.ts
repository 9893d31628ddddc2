// Tells the peers of this node who joined and who left the room: what happens in one turn is told together, at its end.

import { EventMessage } from '../core/event-message.ts';
import type { Defer } from './defer.ts';
import type { Member } from './member.ts';
import type { LeaveReason, Peer } from './peer.ts';
import { maxRosterBytes } from './roster-budget.ts';
import { netChanges, type RosterChange } from './roster-changes.ts';

/** The peers in one roster event are at most as many as the changes that are collected for it. */
export const maxCollectedChanges = 100;

interface RosterNewsParts {
  readonly room: string;
  readonly roster: { readonly size: number };
  readonly locals: { readonly members: readonly Peer[] };
  readonly defer: Defer;
}

export class RosterNews {
  readonly #parts: RosterNewsParts;
  #changes: RosterChange<Member, LeaveReason>[] = [];
  #collectedBytes = 0;
  #flushDue = false;

  constructor(parts: RosterNewsParts) {
    this.#parts = parts;
  }

  /** Changes that are not told yet: all of them are in a snapshot that is taken now. */
  get count(): number {
    return this.#changes.length;
  }

  /** To be called before it is among those who are told. */
  makeSpaceFor({ rosterBytes }: Member): void {
    if (this.#collectedBytes + rosterBytes > maxRosterBytes) this.flush();
  }

  joined(member: Member): void {
    this.#collectedBytes += member.rosterBytes;
    this.#changes.push({ member, leftFor: undefined });
  }

  left(member: Member, reason: LeaveReason): void {
    this.#changes.push({ member, leftFor: reason });
  }

  /** At the end of the turn, or at once when there is much. */
  tellSoon(): void {
    if (this.#changes.length >= maxCollectedChanges) {
      this.flush();
    } else if (!this.#flushDue) {
      this.#flushDue = true;
      this.#parts.defer(() => {
        this.#flushDue = false;
        this.flush();
      });
    }
  }

  /** At once instead of at the end of the turn. */
  flush(): void {
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    this.#collectedBytes = 0;
    const all = this.#toMessages(changes, 0);
    for (const peer of this.#parts.locals.members) {
      const messages = peer.changesSeen === 0 ? all : this.#toMessages(changes, peer.changesSeen);
      peer.changesSeen = 0;
      for (const message of messages) peer.link?.send(message);
    }
  }

  #toMessages(changes: readonly RosterChange<Member, LeaveReason>[], seen: number): EventMessage[] {
    const { joined, left } = netChanges(changes, seen);
    const { room, roster } = this.#parts;
    const about = { room, peerCount: roster.size };
    const messages: EventMessage[] = [];
    if (joined.length > 0) {
      // Without producers: each is told of by an event of its own, which comes after this one.
      messages.push(new EventMessage('peersJoined', { ...about, peers: joined.map((peer) => peer.toInfo([])) }));
    }
    if (left.length > 0) {
      const peers = left.map(({ member, reason }) => ({ peerId: member.id, reason, name: member.name }));
      messages.push(new EventMessage('peersLeft', { ...about, peers }));
    }
    return messages;
  }
}
