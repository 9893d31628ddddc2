import { isIP } from 'node:net';

export interface HostPort {
  /** A name or an address; an IPv6 address without its brackets. */
  readonly host: string;
  readonly port?: number;
}

const name = /^[a-z\d_]([a-z\d_-]*[a-z\d_])?(\.[a-z\d_]([a-z\d_-]*[a-z\d_])?)*\.?$/i;

/** `host`, `host:5060`, `[2001:db8::1]:5060`; white space round the colon is let pass (RFC 3261 section 25.1, COLON). */
export function parseHostPort(text: string): HostPort | undefined {
  const found = /^(?:\[([\da-f:.]+)\]|([^[\]:\s]+))(?:\s*:\s*(\d{1,5}))?$/i.exec(text);
  if (found === null) return undefined;
  const [, address, host = address, port] = found;
  if (host === undefined) return undefined;
  const known =
    address !== undefined ? isIP(address) === 6 : isIP(host) === 4 || (name.test(host) && !looksLikeIPv4(host));
  if (!known) return undefined;
  if (port === undefined) return { host };
  const number = Number(port);
  return number >= 1 && number <= 65_535 ? { host, port: number } : undefined;
}

/** `300.1.2.3`, `1.2.3`: nobody's name, and resolvers read them in ways that surprise. */
function looksLikeIPv4(host: string): boolean {
  return /^[\d.]+$/.test(host);
}
