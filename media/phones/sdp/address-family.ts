import { isIPv4 } from 'node:net';

/**
 * Why packets cannot go to an address; undefined: they can, or none are to. A socket on one address has the family of that,
 * as has one on all of IPv4; one on all of IPv6 has both.
 */
export function whyUnreached(ip: string | undefined, listenIp: string | undefined): string | undefined {
  if (ip === undefined || listenIp === undefined || listenIp === '::' || isIPv4(ip) === isIPv4(listenIp))
    return undefined;
  return `its address (c=) is of ${isIPv4(ip) ? 'IPv4' : 'IPv6'}, which the socket for phones here does not reach`;
}
