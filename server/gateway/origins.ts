import { isLoopback } from '../config/rules.ts';
import type { GatewayOptions } from './gateway-options.ts';

/** Whether a page may open a WebSocket here. `host` is the request's Host header. */
export type IsOriginAllowed = (origin: string | undefined, host: string | undefined) => boolean;

/**
 * Browsers name the page's origin on every upgrade (RFC 6454, RFC 6455 section 10.2); other clients name none and are not
 * held by this. A page that came from this very host may always connect. Where only this machine is listened to, that
 * host has a name of this machine: another name that leads here is a page elsewhere that had its name rebound.
 */
export function createOriginCheck({
  allowedOrigins,
  host: listenHost,
}: Pick<GatewayOptions, 'allowedOrigins' | 'host'>): IsOriginAllowed {
  const localOnly = isLoopback(listenHost);
  const allowed = new Set(allowedOrigins.map((origin) => origin.toLowerCase()));
  if (allowed.has('*')) return () => true;
  return (origin, host) => {
    if (origin === undefined) return true;
    if (allowed.has(origin.toLowerCase())) return true;
    return isSameHost(origin, host) && (!localOnly || isLoopback(new URL(origin).hostname.replace(/^\[|\]$/g, '')));
  };
}

/** The scheme is not compared: a proxy may have taken TLS off. It decides which port the Host header leaves out. */
function isSameHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  const here = `${page.protocol}//${host}`;
  return page.host !== '' && URL.canParse(here) && new URL(here).host === page.host;
}
