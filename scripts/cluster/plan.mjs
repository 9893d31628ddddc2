// @ts-check
import { join } from 'node:path';

/**
 * One process of a cluster on this machine.
 *
 * @typedef {object} Planned
 * @property {string} name in messages and of its folder and its log
 * @property {string} command
 * @property {string[]} args
 * @property {Record<string, string>} env
 * @property {string} files its folder
 * @property {Record<string, string>} contents what is written into the folder before it starts, for its user alone
 * @property {number} port where it answers once it is up
 */

/**
 * @typedef {object} Wishes
 * @property {number} nodes
 * @property {number} port of the first node; each other one has the next
 * @property {number} redisPort
 * @property {string} folder where all of them keep what they keep
 * @property {string[]} parley the command that is `parley`
 * @property {string} redisServer path of the program
 * @property {string | undefined} turnServer path of the program, where there is one
 * @property {number} turnPort
 * @property {{ cluster: string, turn: string, tokens: string }} secrets
 */

/**
 * What runs, in the order of starting: Redis with an append-only file, coturn where it is installed, and the nodes.
 *
 * @param {Wishes} wishes
 * @returns {{ redis: Planned, relay: Planned | undefined, nodes: Planned[] }}
 */
export function planCluster(wishes) {
  return {
    redis: planRedis(wishes),
    relay: wishes.turnServer === undefined ? undefined : planRelay(wishes, wishes.turnServer),
    nodes: Array.from({ length: wishes.nodes }, (_, place) => planNode(wishes, place)),
  };
}

/** @param {Wishes} wishes @returns {Planned} */
function planRedis({ folder, redisPort, redisServer }) {
  const files = join(folder, 'redis');
  const lines = [
    'bind 127.0.0.1',
    `port ${redisPort}`,
    `dir "${files}"`,
    'save ""',
    'appendonly yes',
    'appendfsync everysec',
    'maxmemory-policy noeviction',
  ];
  const contents = { 'redis.conf': `${lines.join('\n')}\n` };
  const command = redisServer;
  return { name: 'redis', command, args: [join(files, 'redis.conf')], env: {}, files, contents, port: redisPort };
}

/** @param {Wishes} wishes @param {string} command @returns {Planned} */
function planRelay({ folder, turnPort, secrets }, command) {
  const files = join(folder, 'coturn');
  const lines = [
    'listening-ip=127.0.0.1',
    'relay-ip=127.0.0.1',
    `listening-port=${turnPort}`,
    'allow-loopback-peers',
    'realm=parley.local',
    'use-auth-secret',
    `static-auth-secret=${secrets.turn}`,
    'no-tls',
    'no-dtls',
    'no-cli',
    'log-file=stdout',
    `pidfile=${join(files, 'turnserver.pid')}`,
    `userdb=${join(files, 'turndb')}`,
  ];
  const contents = { 'turnserver.conf': `${lines.join('\n')}\n` };
  const args = ['-c', join(files, 'turnserver.conf')];
  return { name: 'coturn', command, args, env: {}, files, contents, port: turnPort };
}

/** @param {Wishes} wishes @param {number} place @returns {Planned} */
function planNode({ folder, port: firstPort, redisPort, turnServer, turnPort, secrets, parley }, place) {
  const name = `node-${place + 1}`;
  const files = join(folder, name);
  const port = firstPort + place;
  const [command = '', ...before] = parley;
  /** @type {Record<string, string>} */
  const env = {
    PARLEY_DATA_DIR: files,
    PARLEY_REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    PARLEY_NODE_NAME: name,
    PARLEY_NODE_PUBLIC_URL: `http://127.0.0.1:${port}`,
    PARLEY_CLUSTER_SECRET: secrets.cluster,
    // All of them are on one machine: free ports, and one worker each.
    PARLEY_MEDIA_PORT: '0',
    PARLEY_MEDIA_WORKERS: '1',
    PARLEY_LOG_FORMAT: 'json',
  };
  if (turnServer !== undefined) {
    env['PARLEY_TURN_URLS'] = `turn:127.0.0.1:${turnPort}?transport=udp,turn:127.0.0.1:${turnPort}?transport=tcp`;
    env['PARLEY_TURN_SECRET'] = secrets.turn;
  }
  // Who got a token from one of them is let in by all.
  const contents = { 'dev-secret': secrets.tokens };
  const args = [...before, 'serve', '--dev', '--port', String(port)];
  return { name, command, args, env, files, contents, port };
}
