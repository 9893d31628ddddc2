// What one option means for another.

import { isIP } from 'node:net';
import { maxRosterBytes } from '../../signaling/roster-budget.ts';
import type { Config } from './schema.ts';

/** Mostly what the room's router can receive and send. */
const bytesOfSnapshotBesidesRoster = 8 * 1024;

/** Of the log, in one answer or event: so much may come on top of what is nearly too much to be pushed to. */
const pageBytes = 256 * 1024;

export interface RuleBreach {
  readonly path: string;
  readonly problem: string;
}

/** 127.0.0.0/8, ::1 and the name that stands for them (RFC 6761 section 6.3): nobody else on the network reaches these. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Everything that does not fit together in options that are each valid alone. `isSet`: somebody gave it a value. */
export function findRuleBreaches(config: Config, isSet: (path: string) => boolean): readonly RuleBreach[] {
  const { gateway, media, sessions, turn } = config;
  const breaches: RuleBreach[] = [];
  const must = (holds: boolean, path: string, problem: string): void => {
    if (!holds) breaches.push({ path, problem });
  };

  must(
    !config.dev || isLoopback(gateway.host),
    'gateway.host',
    `must be a loopback address as in 127.0.0.1 while dev is on: it gives tokens to anybody. Not ${JSON.stringify(gateway.host)}`,
  );
  must(
    !gateway.tls.certFile || gateway.tls.keyFile !== '',
    'gateway.tls.keyFile',
    'is needed with gateway.tls.certFile',
  );
  must(
    !gateway.tls.keyFile || gateway.tls.certFile !== '',
    'gateway.tls.certFile',
    'is needed with gateway.tls.keyFile',
  );
  must(
    gateway.pullBytes > gateway.ephemeralDropBytes,
    'gateway.pullBytes',
    `must be more than gateway.ephemeralDropBytes (${gateway.ephemeralDropBytes}), which is where pulling ends`,
  );
  must(
    gateway.slowConsumerBytes >= gateway.pullBytes + pageBytes,
    'gateway.slowConsumerBytes',
    `must be at least gateway.pullBytes and a page of the log: ${gateway.pullBytes + pageBytes}`,
  );
  const largestAnswerBytes = maxRosterBytes + sessions.maxRooms * bytesOfSnapshotBesidesRoster;
  must(
    gateway.slowConsumerBytes >= largestAnswerBytes,
    'gateway.slowConsumerBytes',
    `must be at least ${largestAnswerBytes}: so large is what a client in sessions.maxRooms (${sessions.maxRooms}) rooms comes back to`,
  );
  must(
    media.port === 0 || media.port + Math.max(media.workers, 1) - 1 <= 65_535,
    'media.port',
    `must leave a port for each of the ${media.workers} workers: at most ${65_536 - media.workers}`,
  );
  must(
    media.audioLoadLimit >= media.videoLoadLimit,
    'media.audioLoadLimit',
    `must be at least media.videoLoadLimit (${media.videoLoadLimit}): video is refused before sound`,
  );
  const hasRelay = turn.urls.some((url) => url.startsWith('turn'));
  must(!hasRelay || turn.secret !== '', 'turn.secret', 'is needed with a TURN server in turn.urls');
  must(!turn.alwaysRelay || hasRelay, 'turn.urls', 'must have a TURN server with turn.alwaysRelay');
  for (const [index, { protocol, certFile, keyFile }] of config.sip.listen.entries()) {
    const isSecure = protocol === 'TLS' || protocol === 'WSS';
    must(
      !isSecure || (certFile !== '' && keyFile !== ''),
      `sip.listen[${index}]`,
      `needs certFile and keyFile for ${protocol}`,
    );
  }
  const { drachtio } = config.sip;
  must(
    !config.sip.enabled || config.sip.drachtio.host !== '' || config.sip.listen.length > 0,
    'sip.listen',
    'is empty',
  );
  must(
    config.sip.drachtio.host === '' || config.sip.drachtio.secret !== '',
    'sip.drachtio.secret',
    'is needed with sip.drachtio.host',
  );
  const { portMin, portMax } = config.sip.media;
  must(portMax > portMin, 'sip.media.portMax', 'must be above sip.media.portMin: each phone has two ports');
  must(!drachtio.tls || drachtio.host !== '', 'sip.drachtio.host', 'is needed with sip.drachtio.tls');
  must(drachtio.caFile === '' || drachtio.tls, 'sip.drachtio.tls', 'is needed with sip.drachtio.caFile');
  return [...breaches, ...(config.redis.url === '' ? [] : findClusterBreaches(config, isSet))];
}

function findClusterBreaches(config: Config, isSet: (path: string) => boolean): readonly RuleBreach[] {
  const { cluster, dev, node } = config;
  const breaches: RuleBreach[] = [];
  const must = (holds: boolean, path: string, problem: string): void => {
    if (!holds) breaches.push({ path, problem });
  };

  must(!isSet('store.engine'), 'store.engine', 'must not be set with redis.url: the logs of rooms are in Redis then');
  must(
    cluster.secret === '' ? dev : Buffer.byteLength(cluster.secret) >= 32,
    'cluster.secret',
    'must have at least 32 bytes with redis.url. Make one with: openssl rand -base64 48',
  );
  const tlsFiles = [cluster.tlsCertFile, cluster.tlsKeyFile, cluster.tlsCaFile].filter((file) => file !== '');
  must(
    tlsFiles.length === 0 || tlsFiles.length === 3,
    'cluster.tlsCertFile',
    'must be set with cluster.tlsKeyFile and cluster.tlsCaFile, or none of them',
  );
  must(
    cluster.leaseMs >= 3 * cluster.beatMs,
    'cluster.leaseMs',
    `must be at least three times cluster.beatMs (${cluster.beatMs}): a beat may be lost`,
  );
  must(
    node.pipePortMax >= node.pipePortMin,
    'node.pipePortMax',
    `must be at least node.pipePortMin (${node.pipePortMin})`,
  );
  const { placement, pinnedRooms, regionalRooms } = cluster;
  const somePinned = placement === 'pinned' || pinnedRooms.length > 0;
  const someRegional = placement === 'regional' || regionalRooms.length > 0;
  must(
    node.publicUrl !== '' || !(somePinned || someRegional),
    'node.publicUrl',
    'is needed with rooms that are pinned or regional: it is where other nodes send their members',
  );
  must(node.region !== '' || !someRegional, 'node.region', 'is needed with regional rooms');
  return breaches;
}

type TokenKey = Config['identity']['keys'][number];

/** Everything that is wrong with keys that are each complete; undefined stands for those that are not. */
export function findKeyBreaches(keys: readonly (TokenKey | undefined)[]): readonly RuleBreach[] {
  const breaches: RuleBreach[] = [];
  const kids = new Set<string>();
  for (const [index, key] of keys.entries()) {
    if (!key) continue;
    const complain = (problem: string) => breaches.push({ path: `identity.keys[${index}]`, problem });
    if (kids.has(key.kid)) complain(`has the kid ${JSON.stringify(key.kid)} of another key: each needs its own`);
    kids.add(key.kid);
    if (key.algorithm === 'HS256') {
      if ((key.secret === '') === (key.file === '')) complain('needs either secret or file');
      else if (key.secret !== '' && Buffer.byteLength(key.secret) < 32) {
        complain('has a secret of less than 32 bytes. Make one with: openssl rand -base64 48');
      }
    } else if (key.file === '' || key.secret !== '') {
      complain(`needs file, a PEM file with the public key, and no secret: ${key.algorithm} has none`);
    }
  }
  return breaches;
}
