// What makes one server of many nodes. With redis.url empty nothing of it is used.

import { isIP } from 'node:net';
import { integer, isHost, isOrigin, listOf, oneOf, section, share, text, textThat, yesOrNo } from './option.ts';

export const redisSection = section(
  'The Redis (7.0 or later) that the nodes of a cluster share: the logs of rooms, and who is where. Empty: one node by itself.',
  {
    url: textThat(isRedisUrl, {
      default: '',
      secret: true,
      expects: 'a URL as in redis://host:6379, redis+sentinel://h1,h2/name or redis+cluster://h1,h2, or nothing',
      about:
        'Where it is: redis:// (rediss:// for TLS), redis+sentinel:// with the name of the master, or redis+cluster://; user:password@ before the hosts. The logs of rooms are there then, and store.engine must not be set.',
    }),
    prefix: textThat((value) => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(value), {
      default: 'parley',
      expects: 'up to 64 letters, digits, dots, dashes and underscores',
      about: 'What all keys and channels begin with: several clusters can share a Redis.',
    }),
    durability: oneOf(['auto', 'memory', 'process', 'disk'] as const, {
      default: 'auto',
      about:
        'What an acknowledged message is said to survive. auto: disk where Redis waits for its append-only file (appendfsync always) and no replica may take over, otherwise memory; where it does not tell: process.',
    }),
    shardedPubSub: yesOrNo({
      default: false,
      about:
        'Publishes at the server that has the room alone, and hears each of them over a connection of its own: for a Redis Cluster whose servers would otherwise all carry what is published. The same on all nodes: those that differ do not hear each other.',
    }),
    holdMs: integer({
      default: 2_000,
      min: 0,
      max: 10_000,
      unit: 'ms',
      about:
        'How long what is sent waits while Redis cannot be reached, before it is refused with STORE_UNAVAILABLE. 0: not at all.',
    }),
  },
);

export const nodeSection = section('This node of a cluster, and how the others reach it.', {
  name: textThat((value) => /^([A-Za-z0-9][A-Za-z0-9.-]{0,62})?$/.test(value), {
    default: '',
    expects: 'up to 63 letters, digits, dots and dashes, or nothing',
    about: 'What it is called in logs and metrics. Empty: the name of the host.',
  }),
  region: textThat((value) => /^[A-Za-z0-9._-]{0,32}$/.test(value), {
    default: '',
    expects: 'up to 32 letters, digits, dots, dashes and underscores',
    about: 'Where it stands, as in eu-west. Members of regional rooms are on nodes of one region (docs/cluster.md).',
  }),
  publicUrl: textThat((value) => value === '' || (value !== '*' && isOrigin(value)), {
    default: '',
    expects: 'an origin as in https://node1.example.org, or nothing',
    about:
      'Where clients reach this very node, past the balancer. Empty: they do not; nobody is sent here for a room then, and what is on this node alone (sessions of WHIP and WHEP) is found only by a balancer that keeps a client on its node.',
  }),
  rpcHost: textThat(isHost, {
    default: '0.0.0.0',
    devDefault: '127.0.0.1',
    expects: 'an address or a host name',
    about: 'The address to listen on for other nodes.',
  }),
  rpcPort: integer({
    default: 0,
    min: 0,
    max: 65_535,
    about: 'The TCP port for other nodes. 0 takes a free one.',
  }),
  rpcAnnounced: textThat((value) => value === '' || isHost(value), {
    default: '',
    expects: 'an address or a host name, or nothing',
    about:
      'What other nodes are told to call. Empty: node.rpcHost, or the address found on this machine when that is 0.0.0.0 or ::.',
  }),
  pipeListenIp: textThat((value) => isIP(value) !== 0, {
    default: '0.0.0.0',
    devDefault: '127.0.0.1',
    expects: 'an IP address',
    about: 'The address that media of other nodes is received on.',
  }),
  pipeAnnounced: textThat((value) => value === '' || isIP(value) !== 0, {
    default: '',
    expects: 'an IP address, or nothing',
    about:
      'What other nodes are told to send media to. Empty: node.pipeListenIp, or the address found on this machine when that is 0.0.0.0 or ::. Behind a NAT the ports must be the same on both sides.',
  }),
  pipePortMin: integer({
    default: 41_000,
    min: 1,
    max: 65_535,
    about: 'The first UDP port of media between nodes. Open these to the other nodes, and to nobody else.',
  }),
  pipePortMax: integer({
    default: 41_999,
    min: 1,
    max: 65_535,
    about: 'The last one. Each room uses one for each other node that it is on.',
  }),
});

const roomPatterns = {
  expects: 'names of rooms, or how they begin with * behind',
  check: (value: string) => /^[A-Za-z0-9_.:@-]*\*?$/.test(value) && value !== '' && value.length <= 128,
};

export const clusterSection = section('How the nodes of a cluster deal with each other.', {
  secret: text({
    default: '',
    secret: true,
    about:
      'What nodes sign their calls with, and seal the keys of media under: the same on all of them, at least 32 bytes. Needed with redis.url; with `dev` it may be left out. Make one with: openssl rand -base64 48',
  }),
  tlsCertFile: text({
    default: '',
    about: 'PEM file with this node’s certificate for calls between nodes. Empty: they are signed, not encrypted.',
  }),
  tlsKeyFile: text({ default: '', about: 'PEM file with the private key of the certificate.' }),
  tlsCaFile: text({
    default: '',
    about: 'PEM file with the authority that signed the certificates of all nodes: others are not talked to.',
  }),
  leaseMs: integer({
    default: 10_000,
    min: 3_000,
    max: 120_000,
    unit: 'ms',
    about: 'How long a node that says nothing counts as living. After that its peers are away, and leave in one batch.',
  }),
  beatMs: integer({
    default: 2_000,
    min: 200,
    max: 30_000,
    unit: 'ms',
    about: 'How often a node says that it lives.',
  }),
  rpcTimeoutMs: integer({
    default: 1_000,
    min: 100,
    max: 30_000,
    unit: 'ms',
    about: 'Calls from node to node that take longer fail with NODE_UNREACHABLE.',
  }),
  placement: oneOf(['spread', 'pinned', 'regional'] as const, {
    default: 'spread',
    about:
      'Which nodes the members of a room are on, unless the two lists say otherwise. spread: each on the node that it reached. pinned: all on the first. regional: on nodes of the region of the first. Newcomers are sent on to node.publicUrl (docs/cluster.md).',
  }),
  pinnedRooms: listOf({
    ...roomPatterns,
    default: [],
    about: 'Rooms that are pinned, whatever cluster.placement says.',
  }),
  regionalRooms: listOf({
    ...roomPatterns,
    default: [],
    about: 'Rooms that are regional, whatever cluster.placement says. One that is in both lists is pinned.',
  }),
  fullAt: share({
    default: 0.85,
    min: 0.1,
    about:
      'How much of its media workers, or of the thread that all the rest runs on, a node may have in use before newcomers are sent to another one that has much less.',
  }),
});

/** Its parts are read by whoever connects: here it is only that it is one. */
function isRedisUrl(value: string): boolean {
  return value === '' || /^rediss?(\+(sentinel|cluster))?:\/\/[^\s/]+(\/[^\s/]*)?$/.test(value);
}
