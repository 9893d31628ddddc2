import { AppError } from '../../core/errors.ts';
import type { HttpRequest } from '../gateway/http-routes.ts';

/** RFC 6750 section 2.1. @throws {AppError} TOKEN_MISSING */
export function bearerTokenOf({ headers }: Pick<HttpRequest, 'headers'>): string {
  const token = /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
  if (token === undefined) throw new AppError('TOKEN_MISSING');
  return token;
}
