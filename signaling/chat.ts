import type { Clock } from '../core/clock.ts';
import { createMessageId } from '../core/ids.ts';
import type { ChatMessage } from '../proto/gen/types.ts';
import type { Peer } from './peer.ts';

/** Live messages between the peers of a room, whichever edge they came in by. */
export class Chat {
  readonly #clock: Clock;
  #postedCount = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Messages taken since the start, not their copies. */
  get postedCount(): number {
    return this.#postedCount;
  }

  /** Tells everyone in the peer's room, the peer included. */
  post(peer: Peer, text: string): ChatMessage {
    this.#postedCount += 1;
    const message = {
      messageId: createMessageId(),
      peerId: peer.id,
      identity: peer.identity,
      name: peer.name,
      text,
      sentAtMs: this.#clock.nowMs(),
    };
    peer.room.broadcast('chatMessage', { room: peer.room.name, message });
    return message;
  }
}
