import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { HostPort } from '../messages/parse-host-port.ts';
import { type Endpoint, Networks } from './endpoint.ts';
import type { Listen } from './listen.ts';

/** What this side calls itself towards another one: the sent-by of its Vias, the host of its Contacts. */
export class OwnAddress {
  readonly #advertised: readonly {
    readonly networks: Networks | undefined;
    readonly address: string;
    readonly port: number;
  }[];
  readonly #bound: Endpoint;

  /** `bound`: with the port that is listened on. */
  constructor(bound: Endpoint, advertise: Listen['advertise'] = []) {
    this.#bound = bound;
    this.#advertised = advertise.map(({ address, port = bound.port, towards }) => ({
      address,
      port,
      networks: towards === undefined ? undefined : new Networks(towards),
    }));
  }

  towards(remote: string, local?: string): HostPort {
    const advertised = this.#advertised.find(({ networks }) => networks === undefined || networks.has(remote));
    if (advertised !== undefined) return { host: advertised.address, port: advertised.port };
    const { address, port } = this.#bound;
    const any = address === '0.0.0.0' || address === '::';
    return { host: any ? (local ?? addressTowards(remote)) : address, port };
  }
}

interface Interface {
  readonly address: string;
  readonly family: string;
  readonly internal: boolean;
  readonly network: Networks | undefined;
}

/** Interfaces come and go seldom, and to ask the system for them costs more than all else that is done for a datagram. */
const holdsMs = 1_000;
let known: { readonly own: readonly Interface[]; readonly untilMs: number } = { own: [], untilMs: 0 };

function interfaces(): readonly Interface[] {
  const nowMs = performance.now();
  if (nowMs >= known.untilMs) {
    const own = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .map(({ address, family, internal, cidr }) => {
        return { address, family, internal, network: cidr === null ? undefined : new Networks([cidr]) };
      });
    known = { own, untilMs: nowMs + holdsMs };
  }
  return known.own;
}

/** Of this host's addresses the one in the same network, or the first that others can reach. */
function addressTowards(remote: string): string {
  const family = isIPv6(remote) ? 'IPv6' : 'IPv4';
  const fitting = interfaces().filter((address) => address.family === family);
  const near = fitting.find(({ network }) => network?.has(remote));
  const far = fitting.find(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return (near ?? far)?.address ?? (family === 'IPv6' ? '::1' : '127.0.0.1');
}
