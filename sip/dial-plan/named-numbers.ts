import { normalise } from './numbers.ts';
import type { Pattern } from './pattern.ts';
import type { PlanData } from './plan-data.ts';

/** What rules that dial out write down themselves, as `*97` or a name: nobody else chooses it. */
export class NamedNumbers {
  readonly #numbers = new Set<string>();
  readonly #patterns: readonly Pattern[];

  constructor({ rules, numbers }: Pick<PlanData, 'rules' | 'numbers'>) {
    const patterns: Pattern[] = [];
    for (const { when, to } of rules) {
      if (to.kind !== 'number') continue;
      if (!to.number.includes('{')) this.#numbers.add(normalise(to.number, numbers));
      if (to.number !== '{called}') continue;
      for (const called of when.called) this.#numbers.add(called);
      // With an end of any length the caller writes what it likes.
      patterns.push(...when.calledPattern.filter(({ text }) => !/[.!]$/.test(text)));
    }
    this.#patterns = patterns;
  }

  has(number: string): boolean {
    return this.#numbers.has(number) || this.#patterns.some((pattern) => pattern.match(number) !== undefined);
  }
}
