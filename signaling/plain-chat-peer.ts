import type { Clock } from '../core/clock.ts';
import { type ErrorReason, toAppError } from '../core/errors.ts';
import { EventMessage } from '../core/event-message.ts';
import type { RoomId } from '../core/ids.ts';
import { descriptors } from '../proto/gen/descriptors.ts';
import type { PlainChatMessage } from '../proto/gen/types.ts';
import { readerOf } from '../proto/read-message.ts';
import { CallRates } from './call-rates.ts';
import type { Chat } from './chat.ts';
import type { ClientLink } from './client-link.ts';
import type { PlainChatEndpoint } from './endpoints.ts';
import { requireGrant } from './grants.ts';
import type { LeaveReason, Peer, PeerOwner } from './peer.ts';
import type { PlainChatIdentity } from './plain-chat-identity.ts';
import type { Rooms } from './rooms.ts';
import { TokenTimers } from './token-timers.ts';

interface PlainChatPeerParts {
  readonly link: ClientLink;
  readonly room: RoomId;
  readonly identity: PlainChatIdentity;
  readonly rooms: Rooms;
  readonly chat: Chat;
  readonly clock: Clock;
  /** It has left its room: its connection closed, or is being closed. */
  readonly onLeft: (peer: PlainChatPeer) => void;
}

const readMessage = readerOf('PlainChatMessage');
const { perSecond = Number.POSITIVE_INFINITY, burst = 1 } = descriptors.methods['chat.send'].policy;

/** Somebody who is in one room through a plain chat connection, and has no session to come back to. */
export class PlainChatPeer implements PlainChatEndpoint, PeerOwner {
  readonly #parts: PlainChatPeerParts;
  readonly #peer: Peer;
  readonly #rates: CallRates;
  readonly #timers: TokenTimers;
  /** A guest that has said no name yet. */
  #nameless: boolean;

  /** @throws {AppError} what {@link Rooms.join} throws. */
  constructor(parts: PlainChatPeerParts) {
    const { clock, identity, link, room, rooms } = parts;
    this.#parts = parts;
    this.#rates = new CallRates(clock);
    this.#nameless = identity.nameless;
    this.#timers = new TokenTimers({
      clock,
      // There is no way to bring another token.
      warningMs: 0,
      onExpiring: () => {},
      onExpired: () => this.#expire(),
    });
    this.#peer = rooms.join(room, { ...identity, kind: 'chat', owner: this, link });
    if (identity.expiresAtMs !== undefined) this.#timers.restart(identity.expiresAtMs);
  }

  receive(frame: unknown): void {
    const peer = this.#peer;
    if (peer.left) return;
    try {
      this.#rates.take('chat.send', { perSecond, burst });
      const { content, user } = readMessage(frame, '') as unknown as PlainChatMessage;
      requireGrant(peer.grants, 'chat');
      if (this.#nameless && user.trim() !== '') this.#rename(user.trim());
      this.#parts.chat.post(peer, content);
    } catch (thrown) {
      throw toAppError(thrown);
    }
  }

  closed(): void {
    this.#peer.room.leave(this.#peer, 'left');
  }

  /** Whoever is taken out of the room has nothing else to be connected for. */
  peerLeft(_peer: Peer, reason: LeaveReason): void {
    this.#timers.stop();
    this.#parts.link.close(closeReasons[reason]);
    this.#parts.onLeft(this);
  }

  drain(retryAfterMs: number): void {
    this.#parts.link.send(new EventMessage('sessionClosing', { reason: 'SERVER_DRAINING', retryAfterMs }));
    this.#peer.link = undefined;
    this.#peer.room.leave(this.#peer, 'closed');
  }

  #rename(name: string): void {
    this.#nameless = false;
    this.#peer.describe({ name, metadata: this.#peer.metadata });
    this.#peer.room.announceChange(this.#peer);
  }

  #expire(): void {
    this.#parts.link.send(new EventMessage('sessionClosing', { reason: 'TOKEN_EXPIRED' }));
    this.#peer.room.leave(this.#peer, 'expired');
  }
}

const closeReasons: Readonly<Record<LeaveReason, ErrorReason>> = {
  left: 'SERVER_DRAINING',
  lost: 'SERVER_DRAINING',
  removed: 'IDENTITY_REMOVED',
  expired: 'TOKEN_EXPIRED',
  closed: 'SERVER_DRAINING',
};
