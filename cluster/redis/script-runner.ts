// The scripts of scripts/*.lua: each runs in Redis as a whole, with nothing else in between.

import { readFileSync } from 'node:fs';
import type { Reply } from './redis-connection.ts';
import type { PrepareConnection, RedisLink } from './redis-link.ts';
import { hashOf, toSharded } from './script-text.ts';

const names = ['append', 'open', 'read', 'search', 'count', 'trim', 'bump', 'mark', 'marks', 'secret'] as const;
export type ScriptName = (typeof names)[number];

const fileOf = (name: string): string => readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8');

/** What the scripts share goes behind the first line: that says in which language they are, and what they may do. */
function sourceOf(name: ScriptName, common: string): string {
  const own = fileOf(name);
  const end = own.indexOf('\n') + 1;
  return own.slice(0, end) + common + own.slice(end);
}

const common = fileOf('common');
const sources = names.map((name) => sourceOf(name, common));
const sharded = sources.map(toSharded);
const hashesOf = (texts: readonly string[]) =>
  Object.fromEntries(names.map((name, at) => [name, hashOf(texts[at] ?? '')])) as Readonly<Record<ScriptName, string>>;
const hashes = { plain: hashesOf(sources), sharded: hashesOf(sharded) };

/** For each new connection: Redis forgets scripts when it ends, and where it fails over. */
export const loadScripts: PrepareConnection = (connection) =>
  Promise.all(Array.from(new Set([...sources, ...sharded]), (source) => connection.call('SCRIPT', ['LOAD', source])));

/**
 * Runs a script where `key` is. It may touch all keys with the same hash tag: Redis asks for those of one script to be in one
 * slot, and not to be named beforehand. It is never sent twice: a script that Redis does not have fails as `away`.
 * @throws {RedisError} (by rejecting)
 */
export function runScript(link: RedisLink, name: ScriptName, key: string, args: readonly string[]): Promise<Reply> {
  const hash = hashes[link.sharded ? 'sharded' : 'plain'][name];
  return link.call(key, 'EVALSHA', [hash, '1', key, ...args]);
}
