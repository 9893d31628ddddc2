import type { Clock, Timer } from '../../core/clock.ts';
import type { PeerId } from '../../core/ids.ts';
import type { HeardVoice } from '../room-voices.ts';

/** Engines say twice a second whom they hear, each router of a room for itself; a busy one says it late. */
const keptMs = 900;
const maxSpeakers = 8;

interface Heard {
  readonly peerId: PeerId;
  readonly levelDbov: number;
  readonly atMs: number;
}

/** Whose microphones are heard now, by what the engine's routers say. */
export class HeardSpeakers {
  readonly #clock: Clock;
  readonly #onChanged: (peerIds: readonly PeerId[]) => void;
  /** By producer. */
  readonly #heard = new Map<string, Heard>();
  #told: readonly PeerId[] = [];
  #expiry: Timer | undefined;

  constructor({ clock, onChanged }: { clock: Clock; onChanged: (peerIds: readonly PeerId[]) => void }) {
    this.#clock = clock;
    this.#onChanged = onChanged;
  }

  isHeard(producerId: string): boolean {
    return this.#heard.has(producerId);
  }

  hear(voices: readonly HeardVoice[]): void {
    const atMs = this.#clock.monotonicMs();
    for (const { producerId, peerId, source, levelDbov } of voices) {
      if (source === 'microphone') this.#heard.set(producerId, { peerId, levelDbov, atMs });
    }
    this.#tell();
  }

  /** Closed, or muted. */
  forget(producerId: string): void {
    if (this.#heard.delete(producerId)) this.#tell();
  }

  close(): void {
    this.#expiry?.cancel();
    this.#heard.clear();
  }

  #tell(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [producerId, { atMs }] of this.#heard) if (nowMs - atMs >= keptMs) this.#heard.delete(producerId);
    this.#expiry?.cancel();
    const oldestMs = Math.min(...[...this.#heard.values()].map(({ atMs }) => atMs));
    // Whoever falls silent last in a room is not told of by anybody.
    this.#expiry = this.#heard.size > 0 ? this.#clock.after(oldestMs + keptMs - nowMs, () => this.#tell()) : undefined;

    const loudest = [...this.#heard.values()].sort((one, other) => other.levelDbov - one.levelDbov);
    const peerIds = [...new Set(loudest.map(({ peerId }) => peerId))].slice(0, maxSpeakers);
    const before = new Set(this.#told);
    if (peerIds.length === before.size && peerIds.every((peerId) => before.has(peerId))) return;
    this.#told = peerIds;
    this.#onChanged(peerIds);
  }
}
