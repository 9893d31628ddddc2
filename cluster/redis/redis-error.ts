/**
 * Why a call to Redis failed. `away`: there is no connection, or Redis carried out nothing of it; it may be made again.
 * `unknown`: it was sent and not answered: it may have been carried out, or be carried out later still. `busy`: too many calls
 * are under way; it was not sent. `refused`: Redis answered with an error, whose first word is `code`. `closed`: by us.
 */
export class RedisError extends Error {
  readonly kind: 'away' | 'unknown' | 'busy' | 'refused' | 'closed';
  /** The first word of Redis' answer, as in `OOM` or `MOVED`; empty without an answer. */
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
 * Nothing was carried out, and this connection is of no use now: the server is loading, is no master any more, or does not have
 * the script.
 */
const staleCodes: ReadonlySet<string> = new Set(['NOSCRIPT', 'LOADING', 'READONLY', 'MASTERDOWN']);
/** Nothing was carried out: the key is elsewhere, or nowhere just now. */
const elsewhereCodes: ReadonlySet<string> = new Set(['MOVED', 'ASK', 'TRYAGAIN', 'CLUSTERDOWN', 'NOREPLICAS']);

const hasCode = (error: unknown, codes: ReadonlySet<string>): error is RedisError =>
  error instanceof RedisError && error.kind === 'refused' && codes.has(error.code);

/** Whether the connection that gave this answer should be given up for another one. */
export const isStale = (error: unknown): error is RedisError => hasCode(error, staleCodes);

/** Whether another server, or this one later, is to be asked. */
export const isElsewhere = (error: unknown): error is RedisError => hasCode(error, elsewhereCodes);

/** What ioredis rejects with, as one of ours. An answer of Redis is told by its name; whatever else happens was sent before. */
export function toRedisError(error: unknown): RedisError {
  if (error instanceof RedisError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === 'ReplyError') {
    return new RedisError('refused', message, { code: message.split(' ', 1)[0] ?? '' });
  }
  return new RedisError('unknown', message, { cause: error });
}
