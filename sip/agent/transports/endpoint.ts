import { BlockList, isIPv6 } from 'node:net';
import { formatHostPort } from '../messages/parse-uri.ts';

/** An address of the network, never a name. IPv6 without brackets, IPv4 never in the clothes of IPv6. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export type Protocol = 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS';

/** RFC 3261 section 19.1.2, RFC 7118 section 5.2.1. */
export const defaultPort: Readonly<Record<Protocol, number>> = { UDP: 5060, TCP: 5060, TLS: 5061, WS: 80, WSS: 443 };

export function formatEndpoint({ address, port }: Endpoint): string {
  return formatHostPort({ host: address, port });
}

/**
 * A set of networks, as `10.0.0.0/8`, `2001:db8::/32` or an address alone.
 * @throws {RangeError} that names what is no network.
 */
export class Networks {
  readonly #list = new BlockList();

  constructor(networks: Iterable<string>) {
    for (const network of networks) {
      const [address = '', bits, more] = network.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      const longest = family === 'ipv6' ? 128 : 32;
      const prefix = bits === undefined ? longest : Number(bits);
      try {
        if (more !== undefined || bits === '' || !(prefix >= 0 && prefix <= longest)) throw new RangeError('no prefix');
        this.#list.addSubnet(address, prefix, family);
      } catch (cause) {
        throw new RangeError(`${network} is no network such as 10.0.0.0/8`, { cause });
      }
    }
  }

  has(address: string): boolean {
    return this.#list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }
}
