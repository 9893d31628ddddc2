// What a session may do in a room that it is about to join, by its token and by the calls that it has a leg of.

import type { RoomId } from '../../core/ids.ts';
import type { Grants } from '../grants.ts';
import type { Timelines } from '../log/timelines.ts';
import type { Session } from '../session.ts';
import { grantsOfParty, isCallRoom } from './party-grants.ts';

export class Invitations {
  readonly #timelines: Timelines;

  constructor(timelines: Timelines) {
    this.#timelines = timelines;
  }

  /**
   * The log is looked into where the token alone does not let in: of rooms of calls, and of those that are in use here, so that
   * nobody has the server fetch whatever they name.
   * @throws {AppError} STORE_UNAVAILABLE and its like, by rejection.
   */
  async grantsIn(room: RoomId, session: Session): Promise<Grants> {
    const granted = session.grantsIn(room);
    if (granted.has('join')) return granted;
    const timeline = isCallRoom(room) ? await this.#timelines.open(room) : this.#timelines.find(room);
    return timeline === undefined ? granted : grantsOfParty(granted, timeline.facts, session.identity);
  }
}
