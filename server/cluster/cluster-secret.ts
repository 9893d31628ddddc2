import type { Config } from '../config/schema.ts';

/** Everything listens on loopback with `dev`: nodes of one machine need not be told a secret. */
const devSecret = 'known to everybody, for development';

export function clusterSecretOf({ cluster }: Pick<Config, 'cluster'>): string {
  return cluster.secret === '' ? devSecret : cluster.secret;
}

const leastBytes = 32;

/** What operators sign requests to this machine with; undefined where there is none, or one that could be guessed. */
export function operatorSecretOf({ cluster }: Pick<Config, 'cluster'>): string | undefined {
  return Buffer.byteLength(cluster.secret) >= leastBytes ? cluster.secret : undefined;
}
