/**
 * Why a call to Redis failed. `away`: there is no connection, or Redis carried out nothing of it; it may be made again.
 * `unknown`: it was sent and not answered: it may have been carried out, or be carried out later still. `busy`: too many calls
 * are under way; it was not sent. `refused`: Redis answered with an error, whose first word is `code`. `closed`: by us.
 */
export class RedisError extends Error {
  readonly kind: 'away' | 'unknown' | 'busy' | 'refused' | 'closed';
  /** Of what was refused, as in `OOM` or `WRONGTYPE`; otherwise empty. */
  readonly code: string;

  constructor(
    kind: RedisError['kind'],
    message: string,
    { code = '', cause }: { code?: string; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = 'RedisError';
    this.kind = kind;
    this.code = code;
  }
}

/**
 * Errors that say that nothing was carried out and that this connection is of no use now: it is loading, no master any more,
 * not the one of the key, or does not have the script.
 */
const staleCodes: ReadonlySet<string> = new Set([
  'NOSCRIPT',
  'LOADING',
  'READONLY',
  'MASTERDOWN',
  'NOREPLICAS',
  'MOVED',
  'ASK',
  'TRYAGAIN',
  'CLUSTERDOWN',
]);

/** Whether the connection that gave this answer should be given up for another one. */
export const isStale = (error: unknown): error is RedisError =>
  error instanceof RedisError && error.kind === 'refused' && staleCodes.has(error.code);

/** What ioredis rejects with, as one of ours. An answer of Redis is told by its name; whatever else happens was sent before. */
export function toRedisError(error: unknown): RedisError {
  if (error instanceof RedisError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === 'ReplyError') {
    return new RedisError('refused', message, { code: message.split(' ', 1)[0] ?? '' });
  }
  return new RedisError('unknown', message, { cause: error });
}
