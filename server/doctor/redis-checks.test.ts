import { describe, expect, test } from 'vitest';
import type { RedisReport } from '../../cluster/redis/inspect-redis.ts';
import { startRedis, startRedisCluster } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { createConfig } from '../config.ts';
import { checkRedis, judgeRedis } from './redis-checks.ts';

const check = async (url: string) => await checkRedis(createConfig({ dev: true, redis: { url } }));
const verdicts = (findings: readonly { subject: string; verdict: string }[]) =>
  findings.map(({ subject, verdict }) => `${subject}: ${verdict}`);

const good: RedisReport = {
  version: '7.0.15',
  role: 'master',
  usedBytes: 1,
  maxBytes: 100_000_000,
  evictionPolicy: 'noeviction',
  appendOnly: 'always',
  cannotPersist: false,
  medianMs: 0.2,
  worstMs: 1,
};

describe.skipIf(!requireOrSkip('redis'))('what is found at a real Redis', () => {
  test('one that is as it should be is fine in all respects', async () => {
    await using redis = await startRedis({ aof: 'always', maxmemory: '100mb' });
    const findings = await check(redis.url);
    expect(verdicts(findings)).toEqual(['Redis: fine', 'Redis memory: fine', 'Redis files: fine']);
    expect(findings[0]?.text).toMatch(/^version \d+\.\d+\.\d+, answers in/);
  });

  test('one without limit and without files is warned of', async () => {
    await using redis = await startRedis();
    expect(verdicts(await check(redis.url))).toEqual(['Redis: fine', 'Redis memory: warning', 'Redis files: warning']);
  });

  test('one that drops keys when it is full is broken, and one that is stopped, gone or refuses the password too', async () => {
    const settings = { maxmemory: '50mb', options: ['maxmemory-policy allkeys-lru', 'requirepass x'] };
    await using redis = await startRedis(settings);
    await using stopped = await startRedis(settings);
    await using gone = await startRedis(settings);
    const urlOf = ({ url }: { readonly url: string }) => url.replace('//', '//:x@');
    stopped.stop();
    await gone.kill();
    const found = await Promise.all([check(redis.url), check(urlOf(redis)), check(urlOf(stopped)), check(urlOf(gone))]);
    const [refused = [], dropping = [], silent = [], away = []] = found;
    expect(refused[0]).toMatchObject({ verdict: 'broken', text: expect.stringContaining('NOAUTH') });
    expect(verdicts(dropping)).toContain('Redis memory: broken');
    expect(silent[0]).toMatchObject({ verdict: 'broken', text: expect.stringMatching(/answer/) });
    expect(away[0]).toMatchObject({ verdict: 'broken', text: expect.stringContaining('ECONNREFUSED') });
  });

  test('of a cluster each master is looked at', async () => {
    await using redis = await startRedisCluster(3, { maxmemory: '50mb', aof: 'everysec' });
    const found = verdicts(await check(redis.url));
    expect(found).toHaveLength(9);
    expect(new Set(found)).toEqual(new Set(['Redis: fine', 'Redis memory: fine', 'Redis files: fine']));
  });
});

test('an old one, a replica, one that is far away and one that cannot write are told', () => {
  expect(judgeRedis({ ...good, version: '6.2.7' })).toMatchObject([{ verdict: 'broken', text: 'version 6.2.7' }]);
  expect(judgeRedis({ ...good, version: '' })).toMatchObject([{ verdict: 'broken' }]);
  expect(judgeRedis({ ...good, role: 'slave' })).toMatchObject([{ verdict: 'broken' }]);
  expect(judgeRedis({ ...good, medianMs: 20 })[0]).toMatchObject({ verdict: 'warning' });
  expect(judgeRedis({ ...good, usedBytes: 90_000_000 })[1]).toMatchObject({
    verdict: 'warning',
    text: '90 % of 95 MB are used',
  });
  expect(judgeRedis({ ...good, cannotPersist: true })[2]).toMatchObject({ verdict: 'broken' });
});

test('without redis.url there is nothing to look at', async () => {
  expect(await check('')).toEqual([]);
});
