/** What the server refused, or why the connection ended. `reason` is one of docs/errors.md, or of the SDK's own. */
export class ParleyError extends Error {
  readonly reason: string;
  readonly details: Readonly<Record<string, string>>;
  readonly retryAfterMs: number | undefined;

  constructor(
    reason: string,
    message: string,
    options: { details?: Readonly<Record<string, string>>; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ParleyError';
    this.reason = reason;
    this.details = options.details ?? {};
    this.retryAfterMs = options.retryAfterMs;
  }
}
