// What an append that Redis has answered survives, as Redis says of itself: what clients are told must be true.

import type { Durability } from '../room-log.ts';
import { RedisError } from './redis-error.ts';
import type { RedisLink } from './redis-link.ts';
import type { RedisTarget } from './redis-target.ts';

type Master = Pick<RedisLink, 'call'>;

/**
 * `disk`: each answer waits until it is on the disk, and no replica may take over, which has what it has got so far. `memory`:
 * anything else. With `everysec` Redis answers before it has written where the disk is busy; with 7.0.15 one of 12 kills lost
 * 8,304 answered writes. `process`: it does not tell, as managed ones do not. The process of a node is another one: its end loses
 * nothing.
 * @throws {RedisError} (by rejecting) when it cannot be asked.
 */
export async function readDurability(link: RedisLink, kind: RedisTarget['kind']): Promise<Durability> {
  const found = await Promise.all(link.masters.map((master) => ofMaster(master, kind)));
  if (found.length === 0 || found.includes('memory')) return 'memory';
  return found.includes('process') ? 'process' : 'disk';
}

async function ofMaster(master: Master, kind: RedisTarget['kind']): Promise<Durability> {
  if (kind !== 'single' && (await mayBeReplaced(master))) return 'memory';
  try {
    const [isKept, isAlways, isSkipped] = [
      (await readOption(master, 'appendonly')) === 'yes',
      (await readOption(master, 'appendfsync')) === 'always',
      // While the file is written anew it would not wait for the disk.
      (await readOption(master, 'no-appendfsync-on-rewrite')) === 'yes',
    ];
    return isKept && isAlways && !isSkipped ? 'disk' : 'memory';
  } catch (error) {
    if (error instanceof RedisError && error.kind === 'refused') return 'process';
    throw error;
  }
}

/** Sentinels and clusters make a replica the master, whatever it lacks. */
async function mayBeReplaced(master: Master): Promise<boolean> {
  const info = String(await master.call('', 'info', ['replication']));
  return !/^connected_slaves:0\r?$/m.test(info);
}

async function readOption(master: Master, name: string): Promise<string> {
  const reply = await master.call('', 'config', ['get', name]);
  return Array.isArray(reply) ? String(reply[1]) : '';
}
