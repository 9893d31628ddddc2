import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { AppError } from '../../core/errors.ts';
import type { HttpHandler, HttpRequest } from '../gateway/http-routes.ts';
import { createIsTrustedProxy } from '../gateway/trusted-proxies.ts';

/** What proxies add; each of them is enough to tell one. */
const forwardingHeaders = ['x-forwarded-for', 'forwarded', 'x-real-ip'];

export interface MetricsAccess {
  readonly allowedAddresses: readonly string[];
  /** Empty: nobody gets in by a token. */
  readonly token: string;
  /** Whom the gateway believes who stands behind them. */
  readonly trustedProxies: readonly string[];
}

/** `GET /metrics` for those who may read it; for all others there is nothing at this address. */
export function createMetricsHandler(
  render: () => Promise<{ readonly contentType: string; readonly text: string }>,
  access: MetricsAccess,
): HttpHandler {
  const allowed = new BlockList();
  for (const entry of access.allowedAddresses) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    allowed.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family);
  }

  const isTrustedProxy = createIsTrustedProxy(access.trustedProxies);
  // Behind a proxy on this machine the whole internet has the address 127.0.0.1: an address counts only where it is the
  // client's own for certain.
  const isOfProxy = ({ headers, remoteAddress, peerAddress }: HttpRequest): boolean => {
    const isForwarded = forwardingHeaders.some((name) => headers[name] !== undefined);
    // A trusted proxy that stands for its client has not said, in a way that can be used, who that is.
    return isTrustedProxy(remoteAddress) || (isForwarded && !isTrustedProxy(peerAddress));
  };
  const comesFromAllowedAddress = (request: HttpRequest): boolean => {
    const { remoteAddress } = request;
    if (isIP(remoteAddress) === 0 || isOfProxy(request)) return false;
    return allowed.check(remoteAddress, isIP(remoteAddress) === 4 ? 'ipv4' : 'ipv6');
  };
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
