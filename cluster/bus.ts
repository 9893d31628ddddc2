// Port: what nodes tell each other and nobody keeps. Frames are opaque bytes.

import type { Listening } from '../core/events.ts';
import type { Life } from './directory.ts';

/** `nodes`: every node. `node`: one of them. `room`: whoever is in the room. */
export type Channel =
  | { readonly to: 'nodes' }
  | { readonly to: 'node'; readonly life: Life }
  | { readonly to: 'room'; readonly room: string };

/** A larger frame is not published. */
export const maxFrameBytes = 256 * 1024;

export interface BusEvents {
  /** Frames may be lost from here on. */
  interrupted: Record<never, never>;
  /** All subscriptions hold again: what was missed is to be asked for. */
  restored: Record<never, never>;
}

export interface Bus {
  /**
   * At most once, in order for each sender and channel.
   * @throws {StoreError} by rejection: `away` or `busy` when it is known to be lost; `unknown` when it may be heard, now or later,
   * but never behind a later one of the same sender: it is not to be published again; `corrupt` for a frame that is too large.
   */
  publish(channel: Channel, frame: Uint8Array): Promise<void>;
  /**
   * Resolves when the subscription holds, with what ends it. Frames of one's own come too.
   * @throws {StoreError} `away` or `busy`, by rejection.
   */
  subscribe(channel: Channel, listener: (frame: Uint8Array) => void): Promise<() => void>;
  readonly events: Listening<BusEvents>;
  close(): Promise<void>;
}
