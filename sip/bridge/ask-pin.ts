import type { PhoneLeg } from '../../media/phones/phone-media.ts';
import type { PinRoom } from '../dial-plan/decision.ts';

export interface PinQuestion {
  readonly leg: PhoneLeg;
  readonly choices: readonly PinRoom[];
  /** Whose failures are counted together. */
  readonly source: string;
  /** Those who choose their source themselves, and are counted together as well; undefined: it is known for sure. */
  readonly group: { readonly trunk: string; readonly rule: string } | undefined;
}

/** Asks for a PIN by the phone itself. */
export interface AskPin {
  ask(question: PinQuestion): {
    /** Never rejects. What came of it was spoken. `gone`: the caller hung up. */
    readonly outcome: Promise<
      { readonly kind: 'right'; readonly choice: PinRoom } | { readonly kind: 'wrong' | 'locked' | 'silent' | 'gone' }
    >;
    /** The caller is gone. */
    close(): void;
  };
  /** Too many wrong ones came from there. */
  isLocked(source: string): boolean;
}
