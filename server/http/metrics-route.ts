import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../core/errors.ts';
import type { HttpHandler, HttpRequest } from '../gateway/http-routes.ts';
import { type AllowedAddresses, createAddressCheck } from './allowed-address.ts';

export interface MetricsAccess extends AllowedAddresses {
  /** Empty: nobody gets in by a token. */
  readonly token: string;
}

/** `GET /metrics` for those who may read it; for all others there is nothing at this address. */
export function createMetricsHandler(
  render: () => Promise<{ readonly contentType: string; readonly text: string }>,
  access: MetricsAccess,
): HttpHandler {
  const comesFromAllowedAddress = createAddressCheck(access);
  const bringsToken = ({ headers }: HttpRequest): boolean =>
    access.token !== '' && isSame(headers['authorization'] ?? '', `Bearer ${access.token}`);

  return async (request) => {
    if (!comesFromAllowedAddress(request) && !bringsToken(request)) throw new AppError('ROUTE_NOT_FOUND');
    const { contentType, text } = await render();
    return { status: 200, headers: { 'content-type': contentType, 'cache-control': 'no-store' }, body: text };
  };
}

/** In a time that tells nothing of how much is right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
