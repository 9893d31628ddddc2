/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** The option, as in gateway.port; empty where it is not about one. */
  readonly path: string;
  /** Where it was set: `parley.yaml:3`, `PARLEY_GATEWAY_PORT`, `--port`. */
  readonly source: string;
  /** A clause behind the path: `must be …, not …`. */
  readonly problem: string;
}

/** The configuration cannot be used; holds everything that is wrong with it, not the first thing only. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, source, problem }) => {
      const subject = path ? `${path} ${problem}` : problem;
      return `  - ${subject}${source ? `   (${source})` : ''}`;
    });
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super([`The configuration has ${count}:`, ...lines].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
