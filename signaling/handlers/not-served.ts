import { AppError } from '../../core/errors.ts';
import type { MethodName } from '../../proto/gen/types.ts';

/** The handler of a method that the contract names and this server does not have. */
export function notServed(method: MethodName): () => never {
  return () => {
    throw new AppError('UNKNOWN_METHOD', { method });
  };
}
