// Those who are in a room together say a short tone in turns; how long it takes to the others is measured at each of them.

import { muLaw } from '../../../media/mixer/codecs/g711.ts';
import type { ToneVoice } from './voices.ts';

export type Kind = 'phone' | 'browser';

export interface Ends {
  readonly kind: Kind;
  readonly voice: ToneVoice;
}

/** Between two tones: more than a tone and what anybody adds to it. */
const turnMs = 640;
/** A third of a tone's amplitude: far above noise, and reached in a fraction of a millisecond. */
const heardFrom = 4_000;
const samplesPerMs = 8;

export interface TurnResults {
  /** In ms, by who spoke and who heard, as `phone → browser`. */
  readonly delaysMs: Readonly<Record<string, readonly number[]>>;
  /** Tones that somebody did not hear in time. */
  readonly missed: number;
}

export class TurnTaking {
  readonly #ends: Ends[] = [];
  readonly #delaysMs: Record<string, number[]> = {};
  readonly #heardBy = new Set<Ends>();
  #missed = 0;
  #next = 0;
  #speaker: Ends | undefined;
  #saidMs: number | undefined;
  #turnEndsMs = Number.POSITIVE_INFINITY;

  add(end: Ends): void {
    this.#ends.push(end);
  }

  /** Rooms that start at other times do not all speak at once. */
  start(atMs: number): void {
    this.#turnEndsMs = atMs;
  }

  stop(): TurnResults {
    this.#turnEndsMs = Number.POSITIVE_INFINITY;
    return { delaysMs: this.#delaysMs, missed: this.#missed };
  }

  /** Whoever's turn it is begins to speak with its next packet. */
  pass(nowMs: number): void {
    if (nowMs < this.#turnEndsMs) return;
    if (this.#saidMs !== undefined) this.#missed += this.#ends.length - 1 - this.#heardBy.size;
    this.#turnEndsMs = nowMs + turnMs;
    this.#saidMs = undefined;
    this.#heardBy.clear();
    this.#speaker = this.#ends[this.#next % this.#ends.length];
    this.#next += 1;
    this.#speaker?.voice.begin();
  }

  said(end: Ends, nowMs: number): void {
    if (end === this.#speaker) this.#saidMs = nowMs;
  }

  /** `payload` is PCMU: what phones say is heard as it came, and what they hear too. */
  heard(end: Ends, payload: Buffer, nowMs: number): void {
    const { expand } = muLaw;
    if (!this.#speaker || this.#saidMs === undefined || end === this.#speaker || this.#heardBy.has(end)) return;
    const at = payload.findIndex((byte) => Math.abs(expand[byte] ?? 0) > heardFrom);
    if (at < 0) return;
    this.#heardBy.add(end);
    const path = `${this.#speaker.kind} → ${end.kind}`;
    this.#delaysMs[path] ??= [];
    this.#delaysMs[path].push(nowMs - this.#saidMs + at / samplesPerMs);
  }
}
