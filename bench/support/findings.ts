// What a workload leaves behind: a table, and which of the goals it reached.

import type { Table } from './table.ts';

export interface Goal {
  /** Names its entry in reasons.ts. */
  readonly name: string;
  readonly workload: string;
  readonly goal: string;
  readonly measured: string;
  readonly reached: boolean;
}

export interface Findings {
  readonly title: string;
  readonly method: string;
  readonly table: Table;
  readonly goals: readonly Goal[];
  readonly notes: readonly string[];
  /** Every figure, for the JSON file. */
  readonly results: object;
}

export interface Effort {
  readonly rounds: number;
  /** Fewer connections and shorter turns. */
  readonly quick: boolean;
  step(text: string): void;
}

/** The line of each goal that was not reached, with why. */
export function describeMisses(goals: readonly Goal[], reasons: Readonly<Record<string, string>>): string[] {
  return goals
    .filter(({ reached }) => !reached)
    .map(
      ({ name, workload, goal, measured }) =>
        `Not reached, ${workload}: ${goal}. Measured: ${measured}. ${reasons[name] ?? 'Why is not known yet.'}`,
    );
}

export function kilobytes(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}

export function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

export function ms(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(1);
}
