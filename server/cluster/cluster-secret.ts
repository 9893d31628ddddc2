import type { Config } from '../config/schema.ts';

/** Everything listens on loopback with `dev`: nodes of one machine need not be told a secret. */
const devSecret = 'known to everybody, for development';

export function clusterSecretOf({ cluster }: Pick<Config, 'cluster'>): string {
  return cluster.secret === '' ? devSecret : cluster.secret;
}
