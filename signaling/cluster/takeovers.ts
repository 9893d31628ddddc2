// Goes on with a session that another node had: that one died, or the client cannot reach it any more.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { type PeerId, parseRoomId, type RoomId } from '../../core/ids.ts';
import type { ResumeRequest } from '../../proto/gen/types.ts';
import type { LoadedRoom, Rooms } from '../rooms.ts';
import type { Session } from '../session.ts';
import type { Claims } from '../token-verifier.ts';
import type { ClusterCounts } from './cluster-counts.ts';
import type { ClusterRooms } from './cluster-rooms.ts';
import { hasTicket, sessionHashOf } from './tickets.ts';

/** Rooms of one session that are brought back; the client joins further ones by itself. */
const maxRooms = 50;
/** The call has 10 seconds in all; a room that takes longer is joined by the client. */
const loadWithinMs = 8_000;

interface TakeoversParts {
  readonly cluster: ClusterRooms;
  readonly secret: string;
  readonly rooms: Rooms;
  readonly counts: ClusterCounts['takeovers'];
  readonly clock: Clock;
}

/** A room that the session was in, ready to go on in. */
export interface LoadedTakeover {
  readonly name: RoomId;
  readonly peerId: string;
  readonly loaded: LoadedRoom;
}

export class Takeovers {
  readonly #parts: TakeoversParts;

  constructor(parts: TakeoversParts) {
    this.#parts = parts;
  }

  /** @throws {AppError} RESUME_REFUSED; STORE_UNAVAILABLE when none of the rooms can be had now. By rejection. */
  async load({ sessionId, secret, rooms }: ResumeRequest, { identity }: Claims): Promise<LoadedTakeover[]> {
    if (!hasTicket(this.#parts.secret, secret, { id: sessionId, identity })) throw new AppError('RESUME_REFUSED');
    const outcomes = await Promise.allSettled(
      rooms.slice(0, maxRooms).map(({ room, peerId }) => this.#loadRoom(room, peerId, identity)),
    );
    const loaded = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? (outcome.value ?? []) : []));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (loaded.length === 0 && failed !== undefined) throw failed.reason;
    return loaded;
  }

  /** In the turn of the answer. What cannot be gone on in is left out: its client joins anew, or hears why not. */
  goOn(session: Session, takeovers: readonly LoadedTakeover[]): void {
    const sessionHash = sessionHashOf(session.id);
    for (const { name, peerId, loaded } of takeovers) {
      const { cluster, counts } = this.#parts;
      const standing = cluster.find(name, peerId);
      if (standing === undefined || standing.entry.sessionHash !== sessionHash) {
        counts.unknown += 1;
        continue;
      }
      const { peer, generation } = standing.entry;
      if (peer.identity !== session.identity) continue;
      const goesOn = { id: peerId as PeerId, generation: generation + 1, joinedAtMs: peer.joinedAtMs };
      try {
        session.join(name, loaded, undefined, { goesOn });
        counts[cluster.isDead(standing.life) ? 'dead' : 'alive'] += 1;
      } catch (thrown) {
        if (!(thrown instanceof AppError)) throw thrown;
      }
    }
  }

  async #loadRoom(room: string, peerId: string, identity: string): Promise<LoadedTakeover | undefined> {
    const name = parseRoomId(room);
    if (name === undefined) return undefined;
    const loading = this.#parts.rooms.load(name, identity);
    const late = new Promise<undefined>((resolve) => {
      const timer = this.#parts.clock.after(loadWithinMs, () => resolve(undefined));
      loading.then(timer.cancel, timer.cancel);
    });
    const loaded = await Promise.race([loading, late]);
    return loaded && { name, peerId, loaded };
  }
}
