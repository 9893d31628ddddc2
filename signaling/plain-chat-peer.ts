import type { Clock } from '../core/clock.ts';
import type { Deadlines, Due } from '../core/deadlines.ts';
import { AppError, type ErrorReason, toAppError } from '../core/errors.ts';
import { EventMessage } from '../core/event-message.ts';
import type { RoomId } from '../core/ids.ts';
import { limitGroup } from '../core/ip-address.ts';
import { descriptors } from '../proto/gen/descriptors.ts';
import type { LogRecord, PlainChatMessage, Receipt } from '../proto/gen/types.ts';
import { readerOf } from '../proto/read-message.ts';
import { type CallRate, CallRates } from './call-rates.ts';
import type { Chat } from './chat.ts';
import type { ClientLink } from './client-link.ts';
import type { PlainChatEndpoint, PlainChatHistory } from './endpoints.ts';
import { requireGrant } from './grants.ts';
import { readMessages } from './log/log-pages.ts';
import type { LeaveReason, Peer, PeerOwner } from './peer.ts';
import type { PlainChatIdentity } from './plain-chat-identity.ts';
import type { LoadedRoom, Rooms } from './rooms.ts';

/** The same for all of them. */
export interface PlainChatParts {
  readonly rooms: Rooms;
  readonly chat: Chat;
  readonly clock: Clock;
  /** When their tokens expire. There is no way to bring another, so there is no warning. */
  readonly expiries: Deadlines<PlainChatPeer>;
  /** It has left its room: its connection closed, or is being closed. */
  readonly onLeft: (peer: PlainChatPeer) => void;
}

interface PlainChatCandidate {
  readonly link: ClientLink;
  readonly room: RoomId;
  readonly loaded: LoadedRoom;
  readonly identity: PlainChatIdentity;
}

const readMessage = readerOf('PlainChatMessage');
const sendRate = rateOf('chat.send');
const readRate = rateOf('log.read');

/** Somebody who is in one room through a plain chat connection, and has no session to come back to. */
export class PlainChatPeer implements PlainChatEndpoint, PeerOwner, Due {
  dueTick = 0;
  readonly #parts: PlainChatParts;
  readonly #link: ClientLink;
  readonly #peer: Peer;
  readonly #rates: CallRates;
  /** A guest that has said no name yet. */
  #nameless: boolean;

  /** @throws {AppError} what {@link Rooms.join} throws. */
  constructor(parts: PlainChatParts, { link, room, loaded, identity }: PlainChatCandidate) {
    const { clock, expiries, rooms } = parts;
    this.#parts = parts;
    this.#link = link;
    this.#rates = new CallRates(clock);
    this.#nameless = identity.nameless;
    const guestFrom = identity.isGuest ? limitGroup(link.remoteAddress) : undefined;
    this.#peer = rooms.join(room, { ...identity, guestFrom, kind: 'chat', owner: this, link }, loaded);
    if (identity.expiresAtMs !== undefined) expiries.set(this, identity.expiresAtMs - clock.nowMs());
  }

  /** Asynchronous only to fail by rejection: what is called goes to the log in this turn. */
  async receive(frame: unknown): Promise<PlainChatHistory | LogRecord | undefined> {
    const peer = this.#peer;
    if (peer.left) return undefined;
    try {
      const message = readMessage(frame, '') as unknown as PlainChatMessage;
      if (message.type === 'history') return await this.#readHistory(message);
      const { duplicate, seq } = await this.#post(message);
      // Nobody is told of it again, so its author would wait for it in vain.
      return duplicate ? await this.#readMessage(seq) : undefined;
    } catch (thrown) {
      throw toAppError(thrown);
    }
  }

  closed(): void {
    this.#peer.room.leave(this.#peer, 'left');
  }

  /** Whoever is taken out of the room has nothing else to be connected for. */
  peerLeft(_peer: Peer, reason: LeaveReason): void {
    this.#parts.expiries.clear(this);
    this.#link.close(closeReasons[reason]);
    this.#parts.onLeft(this);
  }

  drain(retryAfterMs: number): void {
    this.#link.send(new EventMessage('sessionClosing', { reason: 'SERVER_DRAINING', retryAfterMs }));
    this.#peer.link = undefined;
    this.#peer.room.leave(this.#peer, 'closed');
  }

  #post({ content, user, clientId }: PlainChatMessage): Promise<Receipt> {
    this.#rates.take('chat.send', sendRate);
    requireGrant(this.#peer.grants, 'chat');
    if (content === '') throw new AppError('BAD_REQUEST', { field: 'content', problem: 'must not be empty' });
    if (this.#nameless && user.trim() !== '') this.#rename(user.trim());
    return this.#parts.chat.send(this.#peer, { clientId, text: content, mentions: [] });
  }

  #readHistory({ limit, beforeSeq }: PlainChatMessage): Promise<PlainChatHistory> {
    this.#rates.take('log.read', readRate);
    requireGrant(this.#peer.grants, 'history');
    return readMessages(this.#peer.room.timeline, { limit, beforeSeq });
  }

  /** Its own, so it needs no grant. Undefined when it was deleted or forgotten. */
  async #readMessage(seq: number): Promise<LogRecord | undefined> {
    const { messages } = await readMessages(this.#peer.room.timeline, { limit: 1, beforeSeq: seq + 1 });
    return messages.find((record) => record.seq === seq);
  }

  #rename(name: string): void {
    this.#nameless = false;
    this.#peer.describe({ name, metadata: this.#peer.metadata });
    this.#peer.room.announceChange(this.#peer);
  }

  expire(): void {
    this.#link.send(new EventMessage('sessionClosing', { reason: 'TOKEN_EXPIRED' }));
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

/** What a client of the other edge may do as often. */
function rateOf(method: 'chat.send' | 'log.read'): CallRate {
  const { perSecond = Number.POSITIVE_INFINITY, burst = 1 } = descriptors.methods[method].policy;
  return { perSecond, burst };
}
