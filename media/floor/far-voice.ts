import type { RemoteTrack } from '../nodes/remote-track.ts';
import type { Voice } from './choose-floor.ts';
import { quietestDbov } from './voice-meter.ts';

/** Its node says it more often than that while it is heard. */
const keptMs = 200;

/** A microphone of another node, by what that node says of it. */
export class FarVoice {
  readonly id: string;
  readonly track: RemoteTrack;
  /** Undefined: it does not have the floor. */
  onFloorSinceMs: number | undefined;
  /** Its level cannot be read there: it is always forwarded, and has none of the places. */
  isExempt = false;
  #levelDbov = quietestDbov;
  #saidAtMs = Number.NEGATIVE_INFINITY;
  #lastHeardAtMs = Number.NEGATIVE_INFINITY;

  constructor(track: RemoteTrack) {
    this.id = track.info.producerId;
    this.track = track;
  }

  get isOpen(): boolean {
    return !this.track.gone && !this.track.info.paused;
  }

  hear(levelDbov: number, lastHeardAtMs: number, nowMs: number): void {
    this.#levelDbov = levelDbov;
    this.#saidAtMs = nowMs;
    this.#lastHeardAtMs = Math.max(this.#lastHeardAtMs, lastHeardAtMs);
  }

  at(nowMs: number): Voice {
    return {
      id: this.id,
      levelDbov: nowMs - this.#saidAtMs > keptMs ? quietestDbov : this.#levelDbov,
      lastHeardAtMs: this.#lastHeardAtMs,
      onFloorSinceMs: this.onFloorSinceMs,
    };
  }
}
