import type { TapTarget } from './engine.ts';
import type { RoomTap } from './media.ts';
import type { Stage } from './stage.ts';
import { mediaUnavailable } from './unavailable.ts';

/** @throws {AppError} MEDIA_UNAVAILABLE: there are no taps of rooms yet. */
export function openRoomTap(_stage: () => Stage, _target: TapTarget): RoomTap {
  throw mediaUnavailable();
}
