// What happens to calls because people come into rooms and go, with their browsers, phones and nodes.

import type { Life } from '../../cluster/directory.ts';
import type { LeaveReason } from '../peer.ts';
import type { PhoneEnd } from '../phones/phone-desk.ts';
import type { CallRegistry } from './call-registry.ts';
import type { EndReason } from './leg.ts';

/** How whoever was in a call's room left that, and phones the server. `failed`: it answered, and could not come in. */
export type LegLeft = LeaveReason | PhoneEnd | 'failed';

export const endReasonOf: Readonly<Record<LegLeft, EndReason>> = {
  left: 'hung-up',
  lost: 'lost',
  'no-media': 'no-media',
  'media-lost': 'media-lost',
  removed: 'removed',
  expired: 'lost',
  closed: 'cut-off',
  failed: 'failed',
};

export class CallPresence {
  readonly #registry: CallRegistry;

  constructor(registry: CallRegistry) {
    this.#registry = registry;
  }

  /** Somebody came into a room, at this node or another `life`: it may be who answered. */
  peerJoined(
    room: string,
    peer: { readonly id: string; readonly identity: string; readonly kind: string },
    { sessionId, life }: { readonly sessionId?: string | undefined; readonly life?: Life | undefined },
  ): void {
    if (peer.kind !== 'client') return;
    for (const call of this.#registry.in(room)) {
      const leg = call.legs.find(
        ({ identity, via, isAnswered, peerId }) =>
          identity === peer.identity && via === 'client' && isAnswered && !peerId,
      );
      if (leg === undefined) continue;
      leg.sessionId = sessionId ?? leg.sessionId;
      leg.life = life;
      call.joined(leg, peer.id);
    }
  }

  /** Somebody left a room for good, on any node. */
  peerLeft(room: string, peerId: string, reason: LeaveReason): void {
    for (const call of this.#registry.in(room)) {
      const leg = call.legs.find((one) => one.peerId === peerId && !one.isOver);
      if (leg === undefined) {
        call.roomChanged();
        continue;
      }
      if (leg.via === 'client' && reason === 'left') {
        call.stepsOut(leg);
        continue;
      }
      leg.peerId = '';
      leg.phone = undefined;
      call.end(leg, endReasonOf[reason]);
    }
  }

  /** Somebody has come with a browser, or is back with it: what rings, rings there too. */
  sessionCame({ id, identity }: { readonly id: string; readonly identity: string }): void {
    for (const call of this.#registry.of(identity)) {
      const leg = call.legOf(identity);
      if (leg?.isAwaited) call.browserCame(leg, id);
    }
  }

  /** Nobody is behind it any more: a call that it had not come to ends. */
  sessionEnded({ id, identity }: { readonly id: string; readonly identity: string }): void {
    for (const call of this.#registry.of(identity)) {
      const leg = call.legs.find((one) => one.sessionId === id && one.isAnswered && one.peerId === '');
      if (leg !== undefined) call.end(leg, 'lost');
    }
  }

  /** Phones there are gone; browsers may come back by another node. */
  nodeDied(life: Life): void {
    for (const call of this.#registry.all()) {
      for (const leg of call.legs.filter((one) => one.isAnswered && one.life === life)) {
        leg.life = undefined;
        leg.phone = undefined;
        if (leg.via === 'phone') call.end(leg, 'node-lost');
        else call.cutOff(leg);
      }
    }
  }
}
