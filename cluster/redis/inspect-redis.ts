// A look at Redis, for `parley doctor`: nothing is left behind.

import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { openConnection } from './open-connection.ts';
import { openRedisLink } from './open-redis-link.ts';
import type { RedisLink } from './redis-link.ts';
import { parseRedisUrl } from './redis-target.ts';

/** One Redis that takes writes. Empty texts: it does not tell. */
export interface RedisReport {
  readonly version: string;
  readonly role: string;
  readonly usedBytes: number;
  /** 0: no limit. */
  readonly maxBytes: number;
  readonly evictionPolicy: string;
  readonly appendOnly: 'no' | 'everysec' | 'always' | '';
  /** Whether its last attempt to write its files failed. */
  readonly cannotPersist: boolean;
  /** From a call to its answer, milliseconds: the middle of 20, and the longest of them. */
  readonly medianMs: number;
  readonly worstMs: number;
}

const upMs = 5_000;
const pings = 20;

/** Of each master. @throws {Error} that says why it cannot be reached, without the URL. */
export async function inspectRedis(url: string): Promise<readonly RedisReport[]> {
  const target = parseRedisUrl(url);
  const link = openRedisLink(target, { log: silentLogger });
  try {
    if (!(await isUpWithin(link, upMs))) {
      // A link goes on to try: one connection says what is wrong.
      (await openConnection(target, {})).close();
      throw new Error('not all of its servers are reached');
    }
    return await Promise.all(link.masters.map(inspectOne));
  } finally {
    await link.close();
  }
}

async function isUpWithin(link: RedisLink, ms: number): Promise<boolean> {
  let cancel = () => {};
  const late = new Promise<boolean>((resolve) => {
    const timer = systemClock.after(ms, () => resolve(false));
    cancel = () => timer.cancel();
  });
  const up = link.whenUp().then(
    () => true,
    () => false,
  );
  const isUp = await Promise.race([up, late]);
  cancel();
  return isUp;
}

async function inspectOne(master: Pick<RedisLink, 'call'>): Promise<RedisReport> {
  const info = String(await master.call('', 'info', []));
  const field = (name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? '';
  const times: number[] = [];
  for (let ping = 0; ping < pings; ping++) {
    const startMs = performance.now();
    await master.call('', 'ping', []);
    times.push(performance.now() - startMs);
  }
  times.sort((one, other) => one - other);
  return {
    version: field('redis_version'),
    role: field('role'),
    usedBytes: Number(field('used_memory')),
    maxBytes: Number(field('maxmemory')),
    evictionPolicy: field('maxmemory_policy'),
    appendOnly: field('aof_enabled') === '0' ? 'no' : await readFsync(master),
    cannotPersist: field('aof_last_write_status') === 'err' || field('rdb_last_bgsave_status') === 'err',
    medianMs: times[pings / 2] ?? 0,
    worstMs: times.at(-1) ?? 0,
  };
}

async function readFsync(master: Pick<RedisLink, 'call'>): Promise<RedisReport['appendOnly']> {
  try {
    const reply = await master.call('', 'config', ['get', 'appendfsync']);
    const value = Array.isArray(reply) ? String(reply[1]) : '';
    return value === 'always' ? 'always' : 'everysec';
  } catch {
    // Managed ones refuse CONFIG.
    return '';
  }
}
