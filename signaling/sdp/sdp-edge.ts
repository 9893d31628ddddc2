import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Peer } from '../peer.ts';
import { type SdpEnd, type SdpSession, SdpSessions } from './sdp-sessions.ts';

export interface SdpStats {
  /** Now: PeerConnections that send, and that receive by offers of the server. */
  readonly sessions: Readonly<Record<SdpSession['kind'], number>>;
  /** Session descriptions that were refused, since the start. */
  readonly refused: number;
}

/** Everybody's SDP sessions. */
export class SdpEdge {
  readonly clock: Clock;
  readonly log: Logger;
  readonly #ofPeer = new WeakMap<Peer, SdpSessions>();
  readonly #counts = { publish: 0, subscribe: 0 };
  readonly #onUsed: (peer: Peer) => void;
  #refused = 0;

  /** `onUsed`: told of each peer that has SDP sessions, once. */
  constructor({ clock, log, onUsed }: { clock: Clock; log: Logger; onUsed: (peer: Peer) => void }) {
    this.clock = clock;
    this.log = log;
    this.#onUsed = onUsed;
  }

  /** Of a peer of the contract's clients, who is told of what the server ends. */
  of(peer: Peer): SdpSessions {
    const { room } = peer;
    return (
      this.#ofPeer.get(peer) ??
      this.open(peer, ({ id: sessionId }, reason) =>
        room.send(peer, 'sdpClosed', { room: room.name, sessionId, reason }),
      )
    );
  }

  /** Once for a peer. */
  open(peer: Peer, onEnded: (session: SdpSession, reason: SdpEnd) => void): SdpSessions {
    const sessions = new SdpSessions({
      peer,
      onEnded,
      onCounted: (kind, change) => {
        this.#counts[kind] += change;
      },
    });
    this.#ofPeer.set(peer, sessions);
    peer.accompany(sessions);
    this.#onUsed(peer);
    return sessions;
  }

  /** Counts what is refused. */
  async counting<Result>(run: () => Result | Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof AppError && error.reason === 'SDP_REFUSED') this.#refused += 1;
      throw error;
    }
  }

  stats(): SdpStats {
    return { sessions: { ...this.#counts }, refused: this.#refused };
  }
}
