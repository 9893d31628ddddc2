import { AppError } from '../../core/errors.ts';
import type { MuteProducer } from '../../proto/gen/node-types.ts';
import type { Room } from '../room.ts';
import type { RoomControl } from './room-control.ts';

/**
 * Mutes a track of this node. A lock is the owner's to set and to lift: it holds for all nodes.
 * @throws {AppError} by rejection: PRODUCER_NOT_FOUND, and what {@link RoomControl.change} throws: the track is mute then.
 */
export async function muteAndLock(
  room: Room | undefined,
  { producerId, muted, lock }: MuteProducer,
  control: Pick<RoomControl, 'locks' | 'change'>,
): Promise<void> {
  if (room === undefined) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
  // It may be closed meanwhile.
  const of = room.media.lockableOf(producerId);
  await room.media.muteProducer(producerId, { muted, lock });
  if (of === undefined) return;
  const isLocked = control.locks.some(({ owner, locks }) => owner === of.owner && locks.includes(of.lock));
  const locked = muted && lock;
  if (locked || isLocked) await control.change({ setLock: { ...of, locked } });
}
