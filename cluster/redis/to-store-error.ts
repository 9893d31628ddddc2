import { StoreError } from '../room-log.ts';
import { RedisError } from './redis-error.ts';

/** What failed in Redis, as the ports say it. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof RedisError) return new StoreError(kindOf(error), `Redis: ${error.message}`, { cause: error });
  return new StoreError('corrupt', 'Redis holds what was not written by us.', { cause: error });
}

function kindOf(error: RedisError): StoreError['kind'] {
  if (error.kind !== 'refused') return error.kind;
  // MISCONF: it cannot write its files, mostly because the disk is full, and takes no more until it can.
  if (error.code === 'OOM' || error.code === 'MISCONF') return 'full';
  return error.code === 'BUSY' ? 'busy' : 'corrupt';
}
