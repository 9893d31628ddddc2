// What the dead left behind: in Redis, by a walk over its keys, and on the nodes, by what they count.

import { readMetrics } from '../support/read-metrics.ts';
import type { ServerProcess } from '../support/server-process.ts';

interface Redis {
  /** One command whose words have no spaces. Answers with what Redis said, as it said it. */
  send(command: string): Promise<string>;
}

const prefix = 'parley';

/** Lists of short texts without line breaks, in the protocol of Redis. */
async function ask(redis: Redis, command: string): Promise<string[]> {
  const answer = await redis.send(command);
  if (answer.startsWith('-')) throw new Error(`${command}: ${answer}`);
  return answer.split('\r\n').filter((line) => line !== '' && !/^[*$]-?\d+$/.test(line));
}

/** In words, what is there of lives that do not live, or should be there and is not. */
export async function findRemains(redis: Redis, nodeCount: number): Promise<string[]> {
  const found: string[] = [];
  const lives = new Set(await ask(redis, `ZRANGE ${prefix}:{n}:nodes 0 -1`));
  if (lives.size !== nodeCount) found.push(`leases of ${[...lives].join()}`);
  const unswept = await ask(redis, `ZRANGE ${prefix}:{n}:unswept 0 -1`);
  if (unswept.length > 0) found.push(`not cleared up after: ${unswept.join()}`);
  for (const name of ['info', 'beats']) {
    const dead = (await ask(redis, `HKEYS ${prefix}:{n}:${name}`)).filter((life) => !lives.has(life));
    if (dead.length > 0) found.push(`${name} of the dead ${dead.join()}`);
  }
  for (const key of await ask(redis, `KEYS ${prefix}:*`)) {
    const [, kind, name = ''] = /^[^{]*\{\d+\}:([a-z]+):(.*)$/.exec(key) ?? [];
    if (kind === 'o') {
      const fields = await ask(redis, `HGETALL ${key}`);
      const owner = fields[fields.indexOf('owner') + 1] ?? '';
      const within = fields.filter((field) => field.startsWith('n:')).map((field) => field.slice(2));
      for (const life of [owner, ...within]) if (!lives.has(life)) found.push(`room ${name} has the dead ${life}`);
    } else if (kind === 'nr' || kind === 'nu') {
      if (!lives.has(name)) found.push(`${key} of a dead life`);
    } else if (kind === 'u') {
      for (const life of await ask(redis, `SMEMBERS ${key}`))
        if (!lives.has(life)) found.push(`${name} has sessions on the dead ${life}`);
    }
  }
  return found;
}

/** Sums over all nodes, by the name of the metric without its prefix. */
export async function sumMetrics(
  nodes: readonly Pick<ServerProcess, 'url'>[],
  names: readonly string[],
): Promise<Record<string, number>> {
  const sums = Object.fromEntries(names.map((name) => [name, 0]));
  for (const { url } of nodes) {
    for (const line of (await readMetrics(url)).split('\n')) {
      const [, name, value] = /^parley_(\S+) (\S+)$/.exec(line) ?? [];
      if (name !== undefined && name in sums) sums[name] = (sums[name] ?? 0) + Number(value);
    }
  }
  return sums;
}

/** What the living use, and no more. */
export async function findLeaks(
  nodes: readonly Pick<ServerProcess, 'url'>[],
  { people, speakers }: { readonly people: number; readonly speakers: number },
): Promise<string[]> {
  const transportsOf = (node: Pick<ServerProcess, 'url'>) => sumMetrics([node], ['media_transports']);
  const transports = await Promise.all(nodes.map(transportsOf));
  const nodesWithSpeakers = transports.filter((each) => each['media_transports'] !== 0).length;
  const expected: Readonly<Record<string, number>> = {
    cluster_nodes: nodes.length ** 2,
    'sessions{state="connected"}': people,
    'sessions{state="away"}': 0,
    // One to send and one to receive.
    media_transports: 2 * speakers,
    // Each node has all voices of the call, its own and those of the other nodes.
    media_producers: speakers * nodesWithSpeakers,
    media_consumers: speakers * (speakers - 1),
    // Both ends of the pipe of two nodes, and each voice to each other node once.
    media_node_pipes: nodesWithSpeakers * (nodesWithSpeakers - 1),
    'media_node_tracks{direction="sent"}': speakers * (nodesWithSpeakers - 1),
    'media_node_tracks{direction="received"}': speakers * (nodesWithSpeakers - 1),
  };
  const sums = await sumMetrics(nodes, Object.keys(expected));
  return Object.entries(expected)
    .filter(([name, value]) => sums[name] !== value)
    .map(([name, value]) => `${name}: ${sums[name]}, not ${value}`);
}
