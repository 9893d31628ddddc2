import { ClusterLink } from './cluster-link.ts';
import { MasterLink } from './master-link.ts';
import { connectionOptions, openConnection } from './open-connection.ts';
import type { LinkOptions, RedisLink } from './redis-link.ts';
import type { RedisAddress, RedisTarget } from './redis-target.ts';
import { ShardedSubscriber } from './sharded-subscriber.ts';
import { type Channels, Subscriber } from './subscriber.ts';

/** Connects at once, and again for as long as it is not closed. */
export function openRedisLink(target: RedisTarget, options: LinkOptions): RedisLink {
  const open = (address?: RedisAddress) => openConnection(target, connectionOptions(options), address);
  return target.kind === 'cluster' ? new ClusterLink(open, target.seeds, options) : new MasterLink(open, options);
}

/** Hears the channels that are published to over `link`. Connects at once, and again for as long as it is not closed. */
export function openChannels(
  target: RedisTarget,
  { link, ...options }: Omit<LinkOptions, 'prepare'> & { readonly link: RedisLink },
): Channels {
  if (!link.sharded) return openSubscriber(target, { link, ...options });
  const open = (address?: RedisAddress) => openConnection(target, connectionOptions(options), address);
  if (link instanceof ClusterLink) return new ShardedSubscriber(link, open, options);
  return new Subscriber(() => open(), { ...options, sharded: true });
}

/**
 * Connects at once, and again for as long as it is not closed; in a cluster to another of its masters each time, as `link` knows
 * them.
 */
export function openSubscriber(
  target: RedisTarget,
  { link, ...options }: Omit<LinkOptions, 'prepare'> & { readonly link: RedisLink },
): Subscriber {
  let turn = Math.floor(Math.random() * 1_024);
  const open = () => {
    const masters = link instanceof ClusterLink ? link.addresses : [];
    const addresses = target.kind === 'cluster' && masters.length === 0 ? target.seeds : masters;
    return openConnection(target, connectionOptions(options), addresses[turn++ % addresses.length]);
  };
  return new Subscriber(open, options);
}
