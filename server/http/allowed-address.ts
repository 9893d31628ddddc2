import { BlockList, isIP } from 'node:net';
import type { HttpRequest } from '../gateway/http-routes.ts';
import { createIsTrustedProxy } from '../gateway/trusted-proxies.ts';

/** What proxies add; each of them is enough to tell one. */
const forwardingHeaders = ['x-forwarded-for', 'forwarded', 'x-real-ip'];

export interface AllowedAddresses {
  /** Addresses, and networks as in 10.0.0.0/8. */
  readonly allowedAddresses: readonly string[];
  /** Whom the gateway believes who stands behind them. */
  readonly trustedProxies: readonly string[];
}

/** Whether a request is of one of these addresses for certain. */
export function createAddressCheck({
  allowedAddresses,
  trustedProxies,
}: AllowedAddresses): (request: HttpRequest) => boolean {
  const allowed = new BlockList();
  for (const entry of allowedAddresses) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    allowed.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family);
  }
  const isTrustedProxy = createIsTrustedProxy(trustedProxies);
  // Behind a proxy on this machine the whole internet has the address 127.0.0.1: an address counts only where it is the
  // client's own for certain.
  const isOfProxy = ({ headers, remoteAddress, peerAddress }: HttpRequest): boolean => {
    const isForwarded = forwardingHeaders.some((name) => headers[name] !== undefined);
    // A trusted proxy that stands for its client has not said, in a way that can be used, who that is.
    return isTrustedProxy(remoteAddress) || (isForwarded && !isTrustedProxy(peerAddress));
  };
  return (request) => {
    const { remoteAddress } = request;
    if (isIP(remoteAddress) === 0 || isOfProxy(request)) return false;
    return allowed.check(remoteAddress, isIP(remoteAddress) === 4 ? 'ipv4' : 'ipv6');
  };
}
