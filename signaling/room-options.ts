import type { RoomOptions as WishedOptions } from '../proto/gen/types.ts';
import type { SignalingOptions } from './signaling-options.ts';

/** How a room is while it is open. */
export interface RoomOptions {
  readonly maxPeers: number;
  /** How long the room stays open with nobody in it. */
  readonly idleTimeoutMs: number;
  /** Whether two people who are alone may send to each other without the server. */
  readonly direct: 'never' | 'auto';
  /** Tracks are end-to-end encrypted: no others are taken, and nothing reads them. */
  readonly e2ee: boolean;
}

const noWishes: WishedOptions = { direct: '', e2ee: false };

/** What is not wished is as configured. */
export function toRoomOptions(configured: SignalingOptions['rooms'], wished: WishedOptions = noWishes): RoomOptions {
  return {
    maxPeers: wished.maxPeers ?? configured.maxPeers,
    idleTimeoutMs: wished.idleTimeoutMs ?? configured.idleTimeoutMs,
    direct: wished.direct || configured.direct,
    e2ee: configured.e2ee === 'always' || (configured.e2ee !== 'never' && wished.e2ee),
  };
}
