import type { Clock, Timer } from '../../core/clock.ts';
import type { Prompts } from '../prompts/prompts.ts';
import type { PromptName } from '../prompts/words.ts';
import { matchPin } from './match-pin.ts';
import type { MenuLeg } from './menu-leg.ts';
import type { PinGroup, PinLockout } from './pin-lockout.ts';

export interface PinPromptParts {
  readonly clock: Clock;
  readonly prompts: Prompts;
  /** One for all calls of this node. */
  readonly lockout: PinLockout;
}

export interface PinPromptOptions<Choice extends { readonly pin: string }> {
  readonly leg: MenuLeg;
  /** Where the PINs lead. Of equal PINs the first counts; an empty one is never right. */
  readonly choices: readonly Choice[];
  /** Who guesses, for the lock-out: the number behind a trunk, or the address of a guest. */
  readonly source: string;
  /** With whom; undefined: the source is known for sure. */
  readonly group?: PinGroup | undefined;
}

/** What came of it. Everything but the right PIN has been said to the caller. */
export type PinOutcome<Choice> =
  | { readonly kind: 'right'; readonly choice: Choice }
  /** The last attempt was wrong. */
  | { readonly kind: 'wrong' }
  /** This source has guessed too often, now or before. */
  | { readonly kind: 'locked' }
  /** Nothing was entered, though it was asked for often enough. */
  | { readonly kind: 'silent' }
  /** It was closed, or its leg was. */
  | { readonly kind: 'gone' };

const maxAttempts = 3;
/** Times that it is asked for in vain. */
const maxSilences = 3;
/** From the end of the prompt to the first digit. */
const firstDigitMs = 8_000;
/** From a digit to the next. Whoever does not press the hash key has entered it all then. */
const nextDigitMs = 5_000;
/** What is longer is as wrong as any other. */
const maxDigits = 32;
/** However it goes, a line is not held longer. */
const maxMs = 120_000;
/** What a phone is not told within this it is not told at all. */
const maxLastWordsMs = 15_000;

/**
 * Asks a caller for a PIN, before or after the call is answered. What is entered stands in no log and no event, and digits
 * during a prompt count: they stop it.
 */
export class PinPrompt<Choice extends { readonly pin: string }> {
  /** Never rejects. */
  readonly outcome: Promise<PinOutcome<Choice>>;
  readonly #parts: PinPromptParts;
  readonly #options: PinPromptOptions<Choice>;
  readonly #unsubscribe: (() => void)[];
  readonly #limit: Timer;
  #tell: (outcome: PinOutcome<Choice>) => void = () => {};
  #wait: Timer | undefined;
  #entered = '';
  #attempts = 0;
  #silences = 0;
  /** What was played is over for an answer that comes later. */
  #turn = 0;
  #isOver = false;

  constructor(parts: PinPromptParts, options: PinPromptOptions<Choice>) {
    this.#parts = parts;
    this.#options = options;
    this.outcome = new Promise((resolve) => {
      this.#tell = resolve;
    });
    const { events } = options.leg;
    this.#unsubscribe = [
      events.on('digit', ({ digit }) => this.#digit(digit)),
      events.on('closed', () => this.close()),
    ];
    this.#limit = parts.clock.after(maxMs, () => this.#end({ kind: 'silent' }, ['goodbye']));
    if (this.#isLocked) this.#lock();
    else this.#ask([]);
  }

  /** The call is over. Idempotent. */
  close(): void {
    this.#stop();
    this.#tell({ kind: 'gone' });
  }

  get #isLocked(): boolean {
    return this.#parts.lockout.isLocked(this.#options.source);
  }

  #ask(before: readonly PromptName[]): void {
    this.#turn += 1;
    const turn = this.#turn;
    this.#entered = '';
    this.#wait?.cancel();
    const spoken = () => {
      if (turn === this.#turn && this.#entered === '' && !this.#isOver) this.#waitFor(firstDigitMs);
    };
    this.#options.leg.play(this.#sounds([...before, 'pin-enter']), { bargeIn: true }).then(spoken, spoken);
  }

  #digit(digit: string): void {
    if (this.#isOver) return;
    if (digit === '#') this.#enter();
    else if (digit === '*') {
      // Mistyped: once more from the beginning.
      this.#entered = '';
      this.#waitFor(firstDigitMs);
    } else if (/^\d$/.test(digit)) {
      // One more than may be, so that a long one is never right.
      this.#entered = (this.#entered + digit).slice(0, maxDigits + 1);
      this.#waitFor(nextDigitMs);
    }
  }

  #waitFor(ms: number): void {
    this.#wait?.cancel();
    this.#wait = this.#parts.clock.after(ms, () => this.#enter());
  }

  #enter(): void {
    const entered = this.#entered;
    if (entered === '') this.#nothing();
    else this.#judge(entered);
  }

  #judge(entered: string): void {
    const { source, group, choices } = this.#options;
    const choice = entered.length > maxDigits ? undefined : matchPin(entered, choices);
    const verdict = this.#parts.lockout.judge({ source, group, choices, choice });
    if (verdict === 'locked') this.#lock();
    else if (choice === undefined) this.#wrong();
    else this.#end({ kind: 'right', choice }, []);
  }

  #nothing(): void {
    this.#silences += 1;
    if (this.#silences < maxSilences) this.#ask(['pin-nothing']);
    else this.#end({ kind: 'silent' }, ['pin-nothing', 'goodbye']);
  }

  #wrong(): void {
    this.#attempts += 1;
    if (this.#isLocked) this.#lock();
    else if (this.#attempts < maxAttempts) this.#ask(['pin-wrong']);
    else this.#end({ kind: 'wrong' }, ['pin-wrong', 'goodbye']);
  }

  #lock(): void {
    this.#end({ kind: 'locked' }, ['pin-locked', 'goodbye']);
  }

  #end(outcome: PinOutcome<Choice>, lastWords: readonly PromptName[]): void {
    this.#stop();
    if (lastWords.length === 0) {
      this.#tell(outcome);
      return;
    }
    const spoken = () => {
      this.#wait?.cancel();
      this.#tell(outcome);
    };
    this.#wait = this.#parts.clock.after(maxLastWordsMs, spoken);
    this.#options.leg.play(this.#parts.prompts.lastWords(lastWords)).then(spoken, spoken);
  }

  #stop(): void {
    if (!this.#isOver) this.#options.leg.stopPlaying();
    this.#isOver = true;
    this.#entered = '';
    this.#wait?.cancel();
    this.#limit.cancel();
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
  }

  #sounds(names: readonly PromptName[]) {
    return names.map((name) => this.#parts.prompts.sound(name));
  }
}
