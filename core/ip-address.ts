import { isIP, SocketAddress } from 'node:net';

const mappedPrefix = '::ffff:';

/**
 * The one way to write an address (RFC 5952), so that equal addresses are equal texts; IPv4 addresses in IPv6's clothes
 * (RFC 4291 section 2.5.5.2) as IPv4. Undefined when the text is no address, or one with a zone.
 */
export function parseAddress(text: string): string | undefined {
  const family = isIP(text);
  if (family === 4) return text;
  if (family === 0 || text.includes('%')) return undefined;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  const inner = address.slice(mappedPrefix.length);
  return address.startsWith(mappedPrefix) && isIP(inner) === 4 ? inner : address;
}

/**
 * Whom limits per address count as one: an IPv4 address, or the /64 of an IPv6 address, for one customer has all of it and
 * could come from a new address each time.
 */
export function limitGroup(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const all = [...left, ...new Array<string>(Math.max(8 - left.length - right.length, 0)).fill('0'), ...right];
  return `${all.slice(0, 4).join(':')}::/64`;
}

function groups(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
