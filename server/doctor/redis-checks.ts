import { inspectRedis, type RedisReport } from '../../cluster/redis/inspect-redis.ts';
import { broken, type Check, type Finding, fine, toMessage, warning } from './check.ts';

const subject = 'Redis';
/** Scripts name their own abilities from here on. */
const minVersion = 7;
/** Each message waits for it once. */
const comfortableMs = 5;
const fullFrom = 0.8;

/** What the nodes of a cluster share; nothing where there is one node. */
export const checkRedis: Check = async ({ redis }) => {
  if (redis.url === '') return [];
  try {
    return (await inspectRedis(redis.url)).flatMap(judgeRedis);
  } catch (error) {
    return [broken(subject, `not reached: ${toMessage(error)}`, 'redis.url (PARLEY_REDIS_URL), or start that Redis')];
  }
};

export function judgeRedis(report: RedisReport): readonly Finding[] {
  const { version, role, medianMs, worstMs } = report;
  if (!(Number.parseInt(version, 10) >= minVersion)) {
    return [broken(subject, `version ${version || 'unknown'}`, `Redis ${minVersion}.0 or later`)];
  }
  if (role !== 'master') {
    return [
      broken(subject, `a replica, which takes no writes`, 'redis.url must lead to the master, or to its sentinels'),
    ];
  }
  const times = `answers in ${medianMs.toFixed(1)} ms, ${worstMs.toFixed(1)} ms at worst`;
  const found = `version ${version}, ${times}`;
  const speed =
    medianMs <= comfortableMs
      ? fine(subject, found)
      : warning(subject, found, 'a Redis that is nearer: each message waits for it once');
  return [speed, ...judgeMemory(report), ...judgeFiles(report)];
}

function judgeMemory({ maxBytes, usedBytes, evictionPolicy }: RedisReport): readonly Finding[] {
  const about = 'Redis memory';
  if (maxBytes === 0) {
    return [warning(about, 'has no limit: the machine ends Redis when there is none left', 'maxmemory in redis.conf')];
  }
  if (evictionPolicy !== 'noeviction') {
    const text = `maxmemory-policy is ${evictionPolicy || 'unknown'}: messages would vanish when it is full`;
    return [broken(about, text, 'maxmemory-policy noeviction in redis.conf')];
  }
  const part = usedBytes / maxBytes;
  const text = `${Math.round(part * 100)} % of ${Math.round(maxBytes / 1024 / 1024)} MB are used`;
  if (part < fullFrom) return [fine(about, text)];
  return [warning(about, text, 'more maxmemory, or chat.retentionMs and chat.retentionRecords to keep less')];
}

function judgeFiles({ appendOnly, cannotPersist }: RedisReport): readonly Finding[] {
  const about = 'Redis files';
  if (cannotPersist) {
    return [broken(about, 'it could not write them the last time', 'its log says why; often the disk is full')];
  }
  switch (appendOnly) {
    case 'always':
      return [fine(about, 'each message is on its disk when it is acknowledged')];
    case 'everysec':
      return [fine(about, 'written each second: up to two seconds of messages are lost when Redis is killed')];
    case 'no':
      return [warning(about, 'none: all messages are lost when Redis ends', 'appendonly yes in redis.conf')];
    default:
      return [fine(about, 'it does not tell how it keeps them')];
  }
}
