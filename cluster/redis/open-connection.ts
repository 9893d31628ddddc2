import type { RedisOptions } from 'ioredis';
import { type ConnectionOptions, RedisConnection } from './redis-connection.ts';
import { RedisError } from './redis-error.ts';
import type { RedisAddress, RedisTarget } from './redis-target.ts';

export type OpenOptions = Omit<ConnectionOptions, 'redis'> & {
  /** As CLIENT LIST shows it. */
  readonly connectionName?: string;
  /** Where a server is reached that the others name, as through a NAT. */
  readonly via?: (address: RedisAddress) => RedisAddress;
};

/**
 * Opens a connection to where writes go; of a cluster, to the given one of its servers.
 * @throws {RedisError} `away`.
 */
export async function openConnection(
  target: RedisTarget,
  { connectionName, via = (it) => it, ...options }: OpenOptions,
  address?: RedisAddress,
): Promise<RedisConnection> {
  const redis: RedisOptions = { ...target.common, ...(connectionName === undefined ? {} : { connectionName }) };
  if (target.kind !== 'sentinel') {
    const { host, port } = via(address ?? (target.kind === 'single' ? target.address : firstOf(target.seeds)));
    return RedisConnection.open({ ...options, redis: { ...redis, host, port } });
  }
  const { tls, ...plain } = redis;
  const { username, password } = target.common;
  const connection = await RedisConnection.open({
    ...options,
    redis: {
      ...plain,
      sentinels: [...target.sentinels],
      name: target.name,
      role: 'master',
      // All sentinels once: who tries again is the link.
      sentinelRetryStrategy: () => null,
      sentinelCommandTimeout: options.connectTimeoutMs ?? 1_000,
      ...(username ? { sentinelUsername: username } : {}),
      ...(password ? { sentinelPassword: password } : {}),
      ...(tls ? { tls, sentinelTLS: tls, enableTLSForSentinelMode: true } : {}),
    },
  });
  // A sentinel that was cut off names the old one.
  const role = await connection.call('ROLE', []).catch(() => null);
  if (Array.isArray(role) && role[0] === 'master') return connection;
  connection.close();
  throw new RedisError('away', 'the sentinels named a server that is no master');
}

function firstOf(seeds: readonly RedisAddress[]): RedisAddress {
  const [seed] = seeds;
  if (!seed) throw new RedisError('away', 'the cluster has no server');
  return seed;
}

/** Those of a link's options that its connections take. */
export function connectionOptions({ clock, deadlineMs, connectionName, via }: OpenOptions): OpenOptions {
  return {
    ...(clock ? { clock } : {}),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(connectionName === undefined ? {} : { connectionName }),
    ...(via ? { via } : {}),
  };
}
