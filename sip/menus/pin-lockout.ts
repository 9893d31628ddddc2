import type { Clock } from '../../core/clock.ts';
import { GuessLimit } from './guess-limit.ts';
import { KnownCallers } from './known-callers.ts';

/** Three calls and one attempt at once, then one in six minutes: some 240 a day, of the 10,000 that a PIN of four digits may be. */
const ofSource = { perSecond: 1 / 360, burst: 10 } as const;
/** Of all sources of a group together, which a caller chooses who writes any number as its own. */
const groupBurst = 50;
/** A group may be wrong so often each day that one of a hundred days finds a PIN … */
const foundPerDay = 0.01;
/** … and no less often than one source. */
const leastPerSecond = ofSource.perSecond;
const daySeconds = 86_400;
/** The log is told of a group again after this at the earliest. */
const toldEveryMs = 600_000;

/** Callers whose sources are theirs to choose: those of one trunk (guests: '') that one rule asks. */
export interface PinGroup {
  readonly trunk: string;
  readonly rule: string;
}

export interface PinGuess {
  readonly source: string;
  /** Undefined: the source is known for sure. */
  readonly group: PinGroup | undefined;
  /** All that would be right. */
  readonly choices: readonly { readonly pin: string }[];
  /** The one that was entered; undefined: it is wrong. */
  readonly choice: { readonly pin: string } | undefined;
}

export interface PinStats {
  readonly right: number;
  readonly wrong: number;
  /** Not looked at: too many were wrong before. */
  readonly locked: number;
  /** Groups that are locked now. */
  readonly lockedGroups: number;
}

/**
 * Who guessed PINs too often, over all calls of this node: by source, and by group. A right PIN does not clear anybody: guessers may
 * have one of their own. While a group is locked, only those come in who had the same PIN from the same number before.
 */
export class PinLockout {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #locked: (group: PinGroup) => void;
  readonly #sources: GuessLimit;
  readonly #groups: GuessLimit;
  readonly #callers: KnownCallers;
  /** When the log was told of them. */
  readonly #told = new Map<string, number>();
  readonly #counts = { right: 0, wrong: 0, locked: 0 };

  /** @param locked a group begins to be locked. */
  constructor(clock: Pick<Clock, 'monotonicMs'>, locked: (group: PinGroup) => void = () => {}) {
    this.#clock = clock;
    this.#locked = locked;
    this.#sources = new GuessLimit(clock);
    this.#groups = new GuessLimit(clock);
    this.#callers = new KnownCallers(clock);
  }

  get stats(): PinStats {
    return { ...this.#counts, lockedGroups: this.#groups.reached };
  }

  get sources(): number {
    return this.#sources.size;
  }

  /** For now nothing that it enters is looked at. */
  isLocked(source: string): boolean {
    return this.#sources.isReached(source);
  }

  /** `locked` says nothing of the PIN. */
  judge(guess: PinGuess): 'right' | 'wrong' | 'locked' {
    const verdict = this.#judge(guess);
    this.#counts[verdict] += 1;
    return verdict;
  }

  /** A source alone. */
  wrong(source: string): void {
    this.#sources.wrong(source, ofSource);
  }

  #judge({ source, group, choices, choice }: PinGuess): 'right' | 'wrong' | 'locked' {
    if (this.isLocked(source)) return 'locked';
    if (group === undefined) {
      if (choice === undefined) this.wrong(source);
      return choice === undefined ? 'wrong' : 'right';
    }
    const name = keyOf(group);
    const caller = `${name} ${source}`;
    if (this.#groups.isReached(name)) {
      if (choice !== undefined && this.#callers.has(caller, choice.pin)) return 'right';
      // Whoever writes a number that is known here has as few guesses as anybody, whether this one is right or not.
      if (this.#callers.hasSource(caller)) this.wrong(source);
      return 'locked';
    }
    if (choice !== undefined) {
      this.#callers.right(caller, choice.pin);
      return 'right';
    }
    this.wrong(source);
    this.#groups.wrong(name, { perSecond: perSecondOf(choices), burst: groupBurst });
    if (this.#groups.isReached(name)) this.#tell(name, group);
    return 'wrong';
  }

  #tell(name: string, group: PinGroup): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [told, atMs] of this.#told) if (nowMs - atMs >= toldEveryMs) this.#told.delete(told);
    if (this.#told.has(name)) return;
    this.#told.set(name, nowMs);
    this.#locked(group);
  }
}

function keyOf({ trunk, rule }: PinGroup): string {
  return JSON.stringify([trunk, rule]);
}

/** Long PINs bear many guesses, and their callers are hardly ever locked out. */
function perSecondOf(choices: PinGuess['choices']): number {
  const chance = choices.reduce((sum, { pin }) => sum + 10 ** -pin.length, 0);
  return Math.max(leastPerSecond, foundPerDay / Math.max(chance, 1e-9) / daySeconds);
}
