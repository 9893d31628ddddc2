import type { Unsubscribe } from '../api.ts';

export interface DataOptions {
  /** Empty by default. At most 64 bytes. */
  readonly topic?: string;
  /** Peer ids; everybody else by default. At most 64. */
  readonly to?: readonly string[];
  /** In order and without loss, the default; otherwise late ones are dropped. */
  readonly reliable?: boolean;
}

export interface RoomDataEvents {
  message: { readonly from: string; readonly topic: string; readonly payload: Uint8Array };
}

/** Small messages of the application to others who are there now, over the media path. Nothing keeps them. */
export interface RoomData {
  on<Name extends keyof RoomDataEvents>(name: Name, listener: (event: RoomDataEvents[Name]) => void): Unsubscribe;
  /**
   * False when too much is waiting to be sent: it was not taken.
   * @throws {ParleyError} MEDIA_UNSUPPORTED where there are no data channels; DATA_REFUSED for what is too large or too much;
   * E2EE_REFUSES in an end-to-end encrypted room.
   */
  send(payload: Uint8Array, options?: DataOptions): boolean;
}
