// The SDP sessions of one peer, told of what happens around them.

import { AppError } from '../../core/errors.ts';
import type { SdpClosed } from '../../proto/gen/types.ts';
import type { Peer, PeerCompanion } from '../peer.ts';
import type { PublishSession } from './publish-session.ts';
import type { SubscribeSession } from './subscribe-session.ts';

export type SdpSession = PublishSession | SubscribeSession;
export type SdpEnd = SdpClosed['reason'];

interface SdpSessionsParts {
  readonly peer: Peer;
  /** The server ended one. */
  readonly onEnded: (session: SdpSession, reason: SdpEnd) => void;
  /** There is one more, or one less. */
  readonly onCounted: (kind: SdpSession['kind'], change: 1 | -1) => void;
}

export class SdpSessions implements PeerCompanion {
  readonly #parts: SdpSessionsParts;
  /** Bounded by the transports that a peer may have: each session is one. */
  readonly #byId = new Map<string, SdpSession>();
  readonly #unsubscribe: readonly (() => void)[];

  constructor(parts: SdpSessionsParts) {
    this.#parts = parts;
    const { peer } = parts;
    const { events } = peer.room.media;
    const tellChange = ({ peerId }: { readonly peerId: string }) => {
      if (peerId !== peer.id) this.#changed();
    };
    this.#unsubscribe = [
      events.on('producerAdded', tellChange),
      events.on('producerClosed', ({ peerId, producerId }) => {
        if (peerId !== peer.id) this.#changed();
        else for (const session of this.#of('publish')) session.producerClosed(producerId);
      }),
      events.on('consumerClosed', ({ peerId, consumerId }) => {
        if (peerId !== peer.id) return;
        for (const session of this.#of('subscribe')) session.consumerClosed(consumerId);
      }),
      events.on('transportClosed', ({ peerId, transportId }) => {
        const session = this.#byId.get(transportId);
        if (peerId === peer.id && session !== undefined) this.end(session, 'transport');
      }),
      events.on('reset', ({ peerIds }) => {
        if (peerIds.includes(peer.id)) for (const session of [...this.#byId.values()]) this.end(session, 'reset');
        // What others had came to an end without a word.
        else this.#changed();
      }),
    ];
  }

  /** @throws {AppError} NOT_IN_ROOM when the peer left while the session was opened; it is closed then. */
  add(session: SdpSession): void {
    const { peer, onCounted } = this.#parts;
    if (peer.left) {
      session.close();
      throw new AppError('NOT_IN_ROOM', { room: peer.room.name });
    }
    this.#byId.set(session.id, session);
    onCounted(session.kind, 1);
    // It was told of nothing while it was opened.
    if (session.kind === 'subscribe') session.roomChanged();
  }

  /** @throws {AppError} SDP_SESSION_NOT_FOUND */
  require<Kind extends SdpSession['kind']>(sessionId: string, kind: Kind): Extract<SdpSession, { kind: Kind }> {
    const session = this.#byId.get(sessionId);
    if (session === undefined || !isOf(session, kind)) throw new AppError('SDP_SESSION_NOT_FOUND', { sessionId });
    return session;
  }

  /** @throws {AppError} SDP_SESSION_NOT_FOUND */
  requireAny(sessionId: string): SdpSession {
    const session = this.#byId.get(sessionId);
    if (session === undefined) throw new AppError('SDP_SESSION_NOT_FOUND', { sessionId });
    return session;
  }

  close(session: SdpSession): void {
    if (this.#byId.delete(session.id)) this.#parts.onCounted(session.kind, -1);
    session.close();
  }

  end(session: SdpSession, reason: SdpEnd): void {
    this.close(session);
    this.#parts.onEnded(session, reason);
  }

  left(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const session of [...this.#byId.values()]) this.close(session);
  }

  reviewed(): void {
    const { grants } = this.#parts.peer;
    for (const session of [...this.#byId.values()]) {
      // What may send no data any more must not have the way for it, which goes with its transport (data-transports.ts).
      const grant = session.kind === 'publish' ? 'publish:data' : 'subscribe';
      if (session.hasData && !grants.has(grant)) this.end(session, 'transport');
    }
    this.#changed();
  }

  #changed(): void {
    for (const session of this.#of('subscribe')) session.roomChanged();
  }

  #of<Kind extends SdpSession['kind']>(kind: Kind): Extract<SdpSession, { kind: Kind }>[] {
    return [...this.#byId.values()].filter((session): session is Extract<SdpSession, { kind: Kind }> =>
      isOf(session, kind),
    );
  }
}

function isOf<Kind extends SdpSession['kind']>(
  session: SdpSession,
  kind: Kind,
): session is Extract<SdpSession, { kind: Kind }> {
  return session.kind === kind;
}
