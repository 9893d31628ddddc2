import type { Life } from '../../cluster/directory.ts';
import { EventMessage } from '../../core/event-message.ts';
import type { Room } from '../room.ts';
import type { ClusterContext } from './cluster-context.ts';
import { patienceMs } from './moves.ts';

/** All are asked to go within this time. */
const gatherWithinMs = 5_000;

/** Members of a pinned room follow its owner: one after the other, and as far as they are in no other room here. */
export function gather(room: Room, owner: Life, { placement, moveStaggerMs, log }: ClusterContext): void {
  const movable = room.locals.members.filter((peer) => peer.owner.canMove);
  const withinMs = Math.min(movable.length * moveStaggerMs, gatherWithinMs);
  for (const peer of movable) {
    const url = placement.urlOf(owner);
    if (url === undefined) return;
    const retryAfterMs = Math.round(Math.random() * withinMs);
    peer.link?.send(new EventMessage('moveRequested', { url, retryAfterMs, deadlineMs: patienceMs }));
  }
  if (movable.length > 0)
    log.info({ room: room.name, owner, asked: movable.length }, 'a pinned room gathers elsewhere');
}
