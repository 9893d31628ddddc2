/** One thing that is wrong with a plan. */
export interface PlanProblem {
  /** As in `trunks[0].outbound.targets`; '' where it is about the file. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** A clause behind the path: `must be …`. */
  readonly problem: string;
}

/** The plan cannot be used; holds all that is wrong with it, in the order of its lines. */
export class PlanError extends Error {
  readonly problems: readonly PlanProblem[];

  /** @param file what the lines are of. */
  constructor(file: string, problems: readonly PlanProblem[]) {
    const sorted = [...problems].sort((one, other) => one.line - other.line);
    const lines = sorted.map(
      ({ path, line, problem }) => `  - ${path ? `${path} ` : ''}${problem}   (${file}:${line})`,
    );
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super([`The dial plan has ${count}:`, ...lines].join('\n'));
    this.name = 'PlanError';
    this.problems = sorted;
  }
}
