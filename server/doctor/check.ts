import type { Config } from '../config/schema.ts';

/** What one look at the machine found. */
export interface Finding {
  /** `warning`: it runs, and may not do what is wanted. */
  readonly verdict: 'fine' | 'warning' | 'broken';
  /** What was looked at, in a word or two. */
  readonly subject: string;
  /** What was found, in a clause. */
  readonly text: string;
  /** Which option to change, or which command to run. */
  readonly mend?: string;
}

/** Looks at one thing, and leaves nothing behind. Does not throw. */
export type Check = (config: Config) => Promise<readonly Finding[]> | readonly Finding[];

export const fine = (subject: string, text: string): Finding => ({ verdict: 'fine', subject, text });

export function broken(subject: string, text: string, mend: string): Finding {
  return { verdict: 'broken', subject, text, mend };
}

export function warning(subject: string, text: string, mend: string): Finding {
  return { verdict: 'warning', subject, text, mend };
}

export function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
