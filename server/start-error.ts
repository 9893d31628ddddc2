/** Why the server does not start: the step, the reason, and what mends it. Printed as it is, without a stack. */
export class StartError extends Error {
  readonly step: string;
  readonly mend: string;

  constructor(step: string, reason: string, options: { mend: string; cause?: unknown }) {
    super(reason, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StartError';
    this.step = step;
    this.mend = options.mend;
  }
}
