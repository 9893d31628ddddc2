import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import type { LogEntry } from '../log/log-entry.ts';
import type { Member } from '../member.ts';
import type { Peer } from '../peer.ts';
import { authorOf } from '../people/attendance.ts';
import { configureEntry, holdEntry, liftEntry, listRestrictions } from '../people/restrictions.ts';
import { wishOf } from '../raised-hands.ts';
import type { HoldKind } from '../room-facts.ts';

interface ModerationParts {
  readonly clock: Clock;
  /** Identities kept out of one room, and identities muted in it. */
  readonly maxHeld: number;
}

/** What holds stands in the room's log, so that nobody comes back by waiting until the room or the server is gone. */
export function createModerationHandlers({ clock, maxHeld }: ModerationParts): AreaHandlers<'moderation', CallContext> {
  const hold = async (by: Peer, kind: HoldKind, identity: string, durationMs: number | undefined): Promise<boolean> => {
    const nowMs = clock.nowMs();
    const untilMs = durationMs === undefined ? undefined : nowMs + durationMs;
    const author = authorOf(by);
    return await append(
      by,
      holdEntry(by.room.timeline.facts, kind, { identity, untilMs }, { author, nowMs, max: maxHeld }),
    );
  };

  const lift = (by: Peer, kind: HoldKind, identity: string): Promise<boolean> => {
    const lifting = { author: authorOf(by), nowMs: clock.nowMs() };
    return append(by, liftEntry(by.room.timeline.facts, kind, identity, lifting));
  };

  /** Its peers are taken out even when the store fails: then they can come back, and the caller is told. */
  const ban = async (by: Peer, identity: string, durationMs: number | undefined, explanation: string) => {
    if (identity === by.identity) throw new AppError('CANNOT_REMOVE_SELF');
    const { room } = by;
    try {
      await hold(by, 'ban', identity, durationMs);
    } finally {
      // Wherever they are.
      room.ties.tell({ removal: { identity, explanation } });
      for (const target of room.locals.ofIdentity(identity)) room.leave(target, 'removed', explanation);
    }
  };

  return {
    async muteProducer({ producerId, muted, lock }, { peer, log }) {
      const elsewhere = peer.room.ties.muteProducer({ producerId, muted, lock });
      await (elsewhere ?? peer.room.media.muteProducer(producerId, { muted, lock }));
      log.info({ room: peer.room.name, producerId, muted, lock }, 'moderator set the mute of a producer');
      return {};
    },

    async removePeer({ peerId, explanation }, { peer, log }) {
      const { room } = peer;
      const { identity } = requireMember(peer, peerId);
      await ban(peer, identity, undefined, explanation);
      log.info({ room: room.name, removedIdentity: identity }, 'moderator removed an identity');
      return { identity };
    },

    async banIdentity({ identity, durationMs, explanation }, { peer, log }) {
      await ban(peer, identity, durationMs || undefined, explanation);
      log.info({ room: peer.room.name, removedIdentity: identity, durationMs }, 'moderator banned an identity');
      return {};
    },

    async allowIdentity({ identity }, { peer, log }) {
      const wasRemoved = await lift(peer, 'ban', identity);
      if (wasRemoved)
        log.info({ room: peer.room.name, allowedIdentity: identity }, 'moderator let an identity in again');
      return { wasRemoved };
    },

    /** Of oneself not even the lifting: a moderator that was muted would not stay so. */
    async muteIdentity({ identity, durationMs }, { peer, log }) {
      if (identity === peer.identity) throw new AppError('CANNOT_MUTE_SELF');
      if (durationMs === 0) await lift(peer, 'mute', identity);
      else await hold(peer, 'mute', identity, durationMs);
      log.info(
        { room: peer.room.name, mutedIdentity: identity, durationMs },
        'moderator set whether somebody may write',
      );
      return {};
    },

    async configureRoom({ settings }, { peer, log }) {
      const changed = await append(peer, configureEntry(peer.room.timeline.facts, settings, authorOf(peer)));
      if (changed) log.info({ room: peer.room.name, settings }, 'moderator set how a room is');
      return {};
    },

    requestUnmute({ peerId }, { peer }) {
      const target = requireMember(peer, peerId);
      wishOf(peer.room, target.id, { unmute: { room: peer.room.name, ...authorOf(peer) } });
      return {};
    },

    setPhoneVolume({ peerId, volumeDb }, { peer }) {
      const target = requireMember(peer, peerId);
      if (target.kind !== 'phone') throw new AppError('BAD_REQUEST', { field: 'peerId', problem: 'is not of a phone' });
      wishOf(peer.room, target.id, { volumeDb });
      return {};
    },

    lowerHand({ peerId }, { peer }) {
      wishOf(peer.room, requireMember(peer, peerId).id, { lowerHand: true });
      return {};
    },

    listRemoved(_request, { peer }) {
      const restrictions = listRestrictions(peer.room.timeline.facts, clock.nowMs());
      const banned = restrictions.filter(({ kind }) => kind === 'banned');
      return { identities: banned.map(({ identity }) => identity), restrictions };
    },
  };
}

/** @throws {AppError} PEER_NOT_FOUND */
function requireMember({ room }: Peer, peerId: string): Member {
  const member = room.roster.get(peerId);
  if (member === undefined) throw new AppError('PEER_NOT_FOUND', { peerId });
  return member;
}

/** Answers whether there was anything to append. */
async function append({ room }: Peer, entry: LogEntry | undefined): Promise<boolean> {
  if (entry === undefined) return false;
  await room.timeline.append(entry);
  return true;
}
