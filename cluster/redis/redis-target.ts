// Where Redis is, as the option `redis.url` says it.

import type { RedisOptions } from 'ioredis';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * `single`: one server. `sentinel`: the master that the sentinels name. `cluster`: any of these servers knows the others.
 * `common`: what each connection needs, as user, password, database and TLS.
 */
export type RedisTarget =
  | { readonly kind: 'single'; readonly address: RedisAddress; readonly common: RedisOptions }
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly RedisAddress[];
      readonly name: string;
      readonly common: RedisOptions;
    }
  | { readonly kind: 'cluster'; readonly seeds: readonly RedisAddress[]; readonly common: RedisOptions };

const form = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^/?#]+)(?:\/([^/?#]*))?$/;

/**
 * `redis://host:port/db`, `rediss://` for TLS, `redis+sentinel://h1,h2/name`, `redis+cluster://h1,h2`, each with
 * `user:password@` before the hosts where there is one. The password is of Redis, and of the sentinels too.
 * @throws {Error} that says what is wrong, without the URL: it may have a password.
 */
export function parseRedisUrl(url: string): RedisTarget {
  const match = form.exec(url);
  if (!match)
    throw new Error('it is no URL as in redis://host:6379, redis+sentinel://h1,h2/name or redis+cluster://h1,h2');
  const [, scheme, mode, login = '', hosts = '', path = ''] = match;
  const isSentinel = mode === 'sentinel';
  const addresses = hosts.split(',').map((text) => parseAddress(text, isSentinel ? 26_379 : 6_379));
  const [address] = addresses;
  if (!address) throw new Error('it names no host');
  const common: RedisOptions = { ...parseLogin(login), ...(scheme === 'rediss' ? { tls: {} } : {}) };
  if (isSentinel) {
    if (path === '') throw new Error('it does not name the master: redis+sentinel://h1,h2/name');
    return { kind: 'sentinel', sentinels: addresses, name: decode(path), common };
  }
  if (mode === 'cluster') {
    if (path !== '' && path !== '0') throw new Error('a Redis Cluster has no other database than 0');
    return { kind: 'cluster', seeds: addresses, common };
  }
  if (addresses.length > 1) throw new Error('it names several hosts: say redis+sentinel:// or redis+cluster://');
  if (!/^\d{0,5}$/.test(path)) throw new Error('what follows the host is the number of a database');
  return { kind: 'single', address, common: path === '' ? common : { ...common, db: Number(path) } };
}

function parseAddress(text: string, defaultPort: number): RedisAddress {
  // An IPv6 address stands in brackets.
  const match = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[2] === undefined ? defaultPort : Number(match[2]);
  if (!match?.[1] || port < 1 || port > 65_535) throw new Error('a host is none: as in redis.example.org:6379');
  return { host: match[1].replace(/^\[|\]$/g, ''), port };
}

function parseLogin(login: string): RedisOptions {
  if (login === '') return {};
  const colon = login.indexOf(':');
  if (colon < 0) return { username: decode(login) };
  const username = decode(login.slice(0, colon));
  return { password: decode(login.slice(colon + 1)), ...(username === '' ? {} : { username }) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('a % in it is not followed by two hexadecimal digits');
  }
}
