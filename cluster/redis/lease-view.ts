// Which lives there are, as the beats of this node are told: who came, who died, and whom it is to bury.

import type { Emitter } from '../../core/events.ts';
import type { LeaseEvents, Life, NodeInfo } from '../directory.ts';
import { type BeatAnswer, readInfo } from './beat-answer.ts';

/** `seen`: the lease that ran out; empty: it has none; `*`: whatever it has, it was dead before. */
export interface Burial {
  readonly life: Life;
  readonly seen: string;
}

/** Lives that are known to be dead; the oldest are forgotten. */
const maxDead = 10_000;
/** Those beyond are met again. */
const maxStrangers = 1_000;

export class LeaseView {
  readonly others = new Map<Life, NodeInfo>();
  readonly #events: Pick<Emitter<LeaseEvents>, 'emit'>;
  readonly #leaseMs: number;
  readonly #texts = new Map<Life, string>();
  readonly #missingSinceMs = new Map<Life, number>();
  /** Since when. */
  readonly #dead = new Map<Life, number>();
  /** Somewhere in a room, and with no lease yet. */
  readonly #strangers = new Set<Life>();
  #wasRead = false;
  #nowMs = 0;

  constructor(events: Pick<Emitter<LeaseEvents>, 'emit'>, leaseMs: number) {
    this.#events = events;
    this.#leaseMs = leaseMs;
  }

  /** Emits what changed. @returns whom to bury, if this node may. */
  read(own: Life, answer: BeatAnswer, nowMs: number): readonly Burial[] {
    this.#nowMs = nowMs;
    for (const life of answer.dead) {
      // Who died before this node began is no news.
      if (this.#wasRead) this.heardOfDeath(life);
      else this.remember(life);
    }
    this.#wasRead = true;
    const burials: Burial[] = [];
    const listed = new Set<Life>([own]);
    for (const { life, expires, info } of answer.lives) {
      listed.add(life);
      if (life === own) continue;
      const hasLease = Number(expires) >= answer.nowMs;
      if (this.#dead.has(life)) burials.push({ life, seen: '*' });
      else if (!hasLease) burials.push({ life, seen: expires });
      if (!this.#dead.has(life)) this.#see(life, info, hasLease);
    }
    for (const life of new Set([...this.others.keys(), ...this.#strangers])) {
      if (listed.has(life)) this.#missingSinceMs.delete(life);
      else if (this.#isMissing(life, nowMs)) burials.push({ life, seen: '' });
    }
    for (const life of this.#strangers) {
      // It was cleared away, and is in a room again: something that it had sent came after that.
      if (this.#dead.has(life)) burials.push({ life, seen: '*' });
      if (this.#dead.has(life) || listed.has(life)) this.#strangers.delete(life);
    }
    return burials;
  }

  isDead(life: Life): boolean {
    return this.#dead.has(life);
  }

  /** One that is in a room. The dead are for a while, until they are cleared away. */
  met(life: Life): void {
    const deadSinceMs = this.#dead.get(life);
    const isBeingCleared = deadSinceMs !== undefined && this.#nowMs - deadSinceMs < 3 * this.#leaseMs;
    if (this.others.has(life) || isBeingCleared || this.#strangers.size >= maxStrangers) return;
    this.#strangers.add(life);
  }

  heardOfDeath(life: Life): void {
    if (this.#dead.has(life)) return;
    this.remember(life);
    this.#strangers.delete(life);
    this.others.delete(life);
    this.#texts.delete(life);
    this.#missingSinceMs.delete(life);
    this.#events.emit('died', { life });
  }

  /** It is dead, and nobody is to be told. */
  remember(life: Life): void {
    this.#dead.set(life, this.#nowMs);
    const [oldest] = this.#dead.keys();
    if (this.#dead.size > maxDead && oldest !== undefined) this.#dead.delete(oldest);
  }

  #see(life: Life, text: string, hasLease: boolean): void {
    const isKnown = this.others.has(life);
    if ((!isKnown && !hasLease) || this.#texts.get(life) === text) return;
    const info = readInfo(text);
    if (!info) return;
    this.#texts.set(life, text);
    this.others.set(life, info);
    this.#events.emit(isKnown ? 'changed' : 'came', { life, info });
  }

  /** After a reset everybody is, until the next beat; who is for a whole lease went with what was lost. */
  #isMissing(life: Life, nowMs: number): boolean {
    const sinceMs = this.#missingSinceMs.get(life) ?? nowMs;
    this.#missingSinceMs.set(life, sinceMs);
    return nowMs - sinceMs >= this.#leaseMs;
  }
}
