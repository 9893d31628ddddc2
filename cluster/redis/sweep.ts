// Takes a dead life out of all rooms, and away from all people.

import type { Life } from '../directory.ts';
import { runDirectoryScript } from './directory-scripts.ts';
import type { RedisLink } from './redis-link.ts';
import { nodesKey, partitions, tagOfPartition } from './tags.ts';

/** Rooms, and people, that one call takes it from: below a millisecond of Redis. */
const atOnce = 64;
const tagsAtOnce = 32;

/** @throws {RedisError} (by rejecting); then it can be done again. */
export async function sweep(link: RedisLink, prefix: string, dead: Life): Promise<void> {
  for (let first = 0; first < partitions; first += tagsAtOnce) {
    const some = Array.from({ length: Math.min(tagsAtOnce, partitions - first) }, (_, at) =>
      tagOfPartition(first + at),
    );
    await Promise.all(some.map((tag) => sweepTag(link, prefix, { tag, dead })));
  }
}

/** There is nothing left of it; before that, the next node that beats finds it to be done. */
export async function forgetUnswept(link: RedisLink, prefix: string, dead: Life): Promise<void> {
  const key = nodesKey(prefix, 'unswept');
  await link.call(key, 'zrem', [key, dead]);
}

async function sweepTag(link: RedisLink, prefix: string, { tag, dead }: { tag: string; dead: Life }): Promise<void> {
  while ((await runDirectoryScript(link, 'sweep', { prefix, tag }, [tag, dead, atOnce])) === 1) {}
}
