// Who is in a room, in the order of joining.

import { Multimap } from '../core/multimap.ts';

export interface RosterMember {
  readonly id: string;
  readonly identity: string;
  /** Grows from peer to peer, from 1; the room never uses one twice. */
  readonly joinIndex: number;
}

export interface RosterPage<Member> {
  readonly members: Member[];
  /** The join index behind which the next page starts; undefined when this page is the last. */
  readonly nextAfter: number | undefined;
}

interface PageRequest<Member> {
  readonly after: number;
  readonly takes: (member: Member) => boolean;
  readonly except: Member;
}

export class Roster<Member extends RosterMember> {
  readonly #members: Member[] = [];
  readonly #byId = new Map<string, Member>();
  readonly #byIdentity = new Multimap<string, Member>();

  /** In the order of joining. The same array always: not to be walked while members are added or removed. */
  get members(): readonly Member[] {
    return this.#members;
  }

  get size(): number {
    return this.#members.length;
  }

  /** The member's join index must be above all others. */
  add(member: Member): void {
    this.#members.push(member);
    this.#byId.set(member.id, member);
    this.#byIdentity.add(member.identity, member);
  }

  remove(member: Member): void {
    if (!this.#byId.delete(member.id)) return;
    this.#members.splice(this.#firstBehind(member.joinIndex) - 1, 1);
    this.#byIdentity.delete(member.identity, member);
  }

  get(id: string): Member | undefined {
    return this.#byId.get(id);
  }

  /** In the order of joining. */
  ofIdentity(identity: string): Member[] {
    return this.#byIdentity.get(identity);
  }

  /**
   * The members behind a join index, without `except`, up to the first that `takes` answers false for: with that one the next
   * page begins, and it may be the first of this one.
   */
  page({ after, takes, except }: PageRequest<Member>): RosterPage<Member> {
    const members: Member[] = [];
    for (let index = this.#firstBehind(after); index < this.#members.length; index++) {
      const member = this.#members[index];
      if (member === undefined || member === except) continue;
      if (!takes(member)) return { members, nextAfter: members.at(-1)?.joinIndex ?? after };
      members.push(member);
    }
    return { members, nextAfter: undefined };
  }

  #firstBehind(joinIndex: number): number {
    let low = 0;
    let high = this.#members.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#members[middle]?.joinIndex ?? 0) <= joinIndex) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
