import type { PeerId } from '../core/ids.ts';
import type { TrackSource } from './media.ts';

/** `muted`: by a moderator, its owner may end it. `locked`: only a moderator may. */
export type Mute = 'none' | 'muted' | 'locked';

/**
 * What moderators muted in a room, by peer and source rather than by producer: neither producing again nor a reset of
 * the room's media lifts a mute. A peer has four sources at most, and what it had is forgotten when it leaves.
 */
export class Mutes {
  readonly #ofPeer = new Map<PeerId, Map<TrackSource, Mute>>();

  get(peerId: PeerId, source: TrackSource): Mute {
    return this.#ofPeer.get(peerId)?.get(source) ?? 'none';
  }

  set(peerId: PeerId, source: TrackSource, mute: Mute): void {
    const sources = this.#ofPeer.get(peerId) ?? new Map<TrackSource, Mute>();
    if (mute === 'none') sources.delete(source);
    else sources.set(source, mute);
    if (sources.size === 0) this.#ofPeer.delete(peerId);
    else this.#ofPeer.set(peerId, sources);
  }

  forget(peerId: PeerId): void {
    this.#ofPeer.delete(peerId);
  }
}
