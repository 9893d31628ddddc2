// The scripts of scripts/directory/*.lua. All of them run when the memory of Redis is used up too: otherwise every node would
// be taken for dead just then.

import { readFileSync } from 'node:fs';
import type { Reply } from './redis-connection.ts';
import type { PrepareConnection, RedisLink } from './redis-link.ts';
import { hashOf, toSharded } from './script-text.ts';

const ofNodes = ['beat', 'bury'] as const;
const ofRooms = ['enter', 'leave', 'claim', 'keep', 'sweep', 'people', 'phones'] as const;
type ScriptName = (typeof ofNodes)[number] | (typeof ofRooms)[number];

const fileOf = (name: string): string =>
  readFileSync(new URL(`./scripts/directory/${name}.lua`, import.meta.url), 'utf8');

/** What the scripts share goes behind their first line: that says which language they are in. */
function withShared(source: string, shared: string): string {
  const end = source.indexOf('\n') + 1;
  return source.slice(0, end) + shared + source.slice(end);
}

const shared = fileOf('rooms');
const sources = new Map<ScriptName, string>([
  ...ofNodes.map((name) => [name, fileOf(name)] as const),
  ...ofRooms.map((name) => [name, withShared(fileOf(name), shared)] as const),
]);
const hashes = new Map([...sources].map(([name, source]) => [name, hashOf(source)]));
const shardedHashes = new Map([...sources].map(([name, source]) => [name, hashOf(toSharded(source))]));

/** For each new connection: Redis forgets scripts when it ends, and where it fails over. */
export const loadDirectoryScripts: PrepareConnection = (connection) =>
  Promise.all(
    Array.from(new Set([...sources.values()].flatMap((source) => [source, toSharded(source)])), (source) =>
      connection.call('script', ['load', source]),
    ),
  );

/**
 * Runs a script on keys of one tag: of a room or an identity, or `n`, of all nodes. The key that it names is never there: while a
 * Redis Cluster moves the slot elsewhere, key by key, the script is refused as a whole and fails as `away`. It would take keys
 * that have left for ones that never were.
 * @throws {RedisError} (by rejecting)
 */
export function runDirectoryScript(
  link: RedisLink,
  name: ScriptName,
  { prefix, tag }: { readonly prefix: string; readonly tag: string },
  args: readonly (string | number)[],
): Promise<Reply> {
  const key = `${prefix}:{${tag}}:none`;
  const hash = (link.sharded ? shardedHashes : hashes).get(name) ?? '';
  return link.call(key, 'evalsha', [hash, '1', key, prefix, ...args.map(String)]);
}
