// The SIP account of the softphone: what a link to it may carry, and what this tab remembers.

export interface Account {
  /** Of the agent's WebSocket, as in `wss://sip.example.org:7443`. */
  readonly server: string;
  readonly user: string;
  readonly password: string;
  /** Of the addresses that are called. */
  readonly domain: string;
  readonly name: string;
}

/**
 * `/softphone#server=wss://…&user=…`: never the password, for links are kept in histories. Without a server the usual port on
 * the machine that the page came from.
 */
export function accountOf(location: Pick<Location, 'hash' | 'hostname' | 'protocol'>): Account {
  const given = new URLSearchParams(location.hash.replace(/^#/, ''));
  const usual = location.protocol === 'https:' ? `wss://${location.hostname}:7443` : `ws://${location.hostname}:5066`;
  const server = given.get('server') ?? usual;
  return {
    server,
    user: given.get('user') ?? '',
    password: '',
    domain: given.get('domain') ?? (hostOf(server) || location.hostname),
    name: given.get('name') ?? '',
  };
}

/** What is wrong with it, by field; empty: nothing. */
export function problemsOf({ server, user, domain }: Account): Partial<Record<keyof Account, string>> {
  return {
    ...(!/^wss?:\/\/[^/?#]+/.test(server) && { server: 'An address as in wss://sip.example.org:7443.' }),
    ...((user === '' || /[\s<>"@:]/.test(user)) && { user: 'The name of your phone, as in ann or 1000.' }),
    ...((domain === '' || /[\s<>"@/]/.test(domain)) && { domain: 'A name or an address, as in example.org.' }),
  };
}

function hostOf(server: string): string {
  return URL.canParse(server) ? new URL(server).hostname : '';
}
