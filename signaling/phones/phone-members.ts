// All phones that are in rooms by this node.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { CallRecords } from '../calls/call-records.ts';
import type { LegNews } from '../calls/leg-news.ts';
import { withGrants } from '../grants.ts';
import type { Peer } from '../peer.ts';
import type { LoadedRoom, Rooms } from '../rooms.ts';
import type { PhoneDesk, PhoneJoin } from './phone-desk.ts';
import { PhoneMember } from './phone-member.ts';

interface PhoneMembersParts {
  readonly rooms: Rooms;
  readonly legs: LegNews;
  readonly records: Pick<CallRecords, 'visitBegan' | 'visited'>;
  readonly clock: Clock;
  /** @throws {AppError} SERVER_DRAINING */
  readonly requireOpen: () => void;
  /** The last one has left. */
  readonly onEmpty: () => void;
  readonly log: Logger;
}

/** Their media is what they cost; that is admitted elsewhere. */
const maxPhones = 10_000;

export const phoneGrants = withGrants(new Set(), ['join', 'publish:audio', 'subscribe']);

export class PhoneMembers implements PhoneDesk {
  readonly #parts: PhoneMembersParts;
  readonly #members = new Set<PhoneMember>();
  #entering = 0;

  constructor(parts: PhoneMembersParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#members.size;
  }

  async join(join: PhoneJoin): Promise<PhoneMember> {
    // A call that was answered goes on while the server drains; nobody else comes in.
    if (join.callId === undefined) this.#parts.requireOpen();
    if (this.#members.size + this.#entering >= maxPhones) {
      throw new AppError('CALL_LIMIT', { limit: maxPhones, what: 'phones on this server' });
    }
    this.#entering += 1;
    try {
      const { legs, records, clock, log, rooms, onEmpty } = this.#parts;
      return await PhoneMember.join(join, {
        // Whoever is rung is rung where the phone is registered.
        load: ({ room, identity, callId, grants = phoneGrants }) =>
          rooms.load(room, identity, { grants, evenDraining: callId !== undefined }),
        enter: (member, wish, loaded) => this.#enter(member, wish, loaded),
        legs,
        records,
        clock,
        log,
        onLeft: (member) => {
          this.#members.delete(member);
          if (this.#members.size === 0) onEmpty();
        },
      });
    } finally {
      this.#entering -= 1;
    }
  }

  #enter(member: PhoneMember, join: PhoneJoin, loaded: LoadedRoom): Peer {
    const { room, identity, name, grants = phoneGrants } = join;
    const { rooms } = this.#parts;
    if (rooms.isEncrypted(room)) throw new AppError('E2EE_REFUSES', { what: 'phones' });
    const description = { kind: 'phone', identity, name, metadata: '' } as const;
    const candidate = { owner: member, ...description, grants, link: undefined, phone: member.state };
    const peer = rooms.join(room, candidate, loaded);
    this.#members.add(member);
    return peer;
  }
}
