import { describe, expect, test } from 'vitest';
import { createConfig, loadConfig } from '../config.ts';
import { ConfigError } from './config-error.ts';
import type { PartialConfig } from './schema.ts';

const secret = 's'.repeat(32);
const url = 'redis://127.0.0.1:6379';

function problemsOf(options: PartialConfig): readonly string[] {
  try {
    createConfig(options);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
}

describe('a cluster', () => {
  test('needs a Redis and a secret, and nothing else', () => {
    expect(problemsOf({ redis: { url }, cluster: { secret } })).toEqual([]);
    expect(problemsOf({ redis: { url }, dev: true })).toEqual([]);
    expect(problemsOf({ redis: { url } })).toEqual([expect.stringContaining('cluster.secret must have at least 32')]);
    expect(problemsOf({ redis: { url }, dev: true, cluster: { secret: 'short' } })).toHaveLength(1);
  });

  test('keeps the logs in Redis: a store engine that is named stops the start', () => {
    const store = { engine: 'sqlite' } as const;
    expect(problemsOf({ redis: { url }, cluster: { secret }, store })).toEqual([
      expect.stringContaining('store.engine must not be set with redis.url'),
    ]);
    expect(problemsOf({ store })).toEqual([]);
  });

  test('encrypts calls between nodes wholly or not at all', () => {
    const cluster = { secret, tlsCertFile: 'a.pem' };
    expect(problemsOf({ redis: { url }, cluster })).toEqual([expect.stringContaining('cluster.tlsCertFile')]);
    const whole = { ...cluster, tlsKeyFile: 'b.pem', tlsCaFile: 'c.pem' };
    expect(problemsOf({ redis: { url }, cluster: whole })).toEqual([]);
  });

  test('lets a beat be lost without a death', () => {
    expect(problemsOf({ redis: { url }, cluster: { secret, beatMs: 4_000 } })).toEqual([
      expect.stringContaining('cluster.leaseMs must be at least three times cluster.beatMs (4000)'),
    ]);
  });

  test('has pipe ports from a first to a last one', () => {
    const node = { pipePortMin: 50_000 };
    expect(problemsOf({ redis: { url }, cluster: { secret }, node })).toEqual([
      expect.stringContaining('node.pipePortMax must be at least node.pipePortMin (50000)'),
    ]);
  });

  test('without redis.url nothing of it is looked at', () => {
    expect(problemsOf({ cluster: { secret: 'short', beatMs: 9_000 } })).toEqual([]);
  });
});

describe('redis.url', () => {
  test.each([
    'redis://redis.example.org',
    'rediss://ann:secret@redis.example.org:6380/2',
    'redis+sentinel://one:26379,two:26379/main',
    'redis+cluster://[::1]:7000,10.0.0.2:7001',
  ])('takes %s', (good) => {
    expect(createConfig({ dev: true, redis: { url: good } }).redis.url).toBe(good);
  });

  test.each(['redis.example.org:6379', 'http://redis', 'redis://', 'redis://a b'])('refuses %s', (bad) => {
    expect(problemsOf({ dev: true, redis: { url: bad } })).toEqual([
      expect.stringContaining('redis.url must be a URL'),
    ]);
  });

  test('is never repeated: a password may stand in it', () => {
    const env = { PARLEY_REDIS_URL: 'http://:hunter2@redis' };
    expect(() => loadConfig({ env })).toThrow(/redis\.url must be a URL(?!.*hunter2)/s);
  });
});

describe('what names a node', () => {
  test.each([
    ['name', 'two words'],
    ['name', '-one'],
    ['publicUrl', '*'],
    ['publicUrl', 'node1.example.org'],
    ['pipeAnnounced', 'node1.example.org'],
  ])('node.%s is not %s', (option, value) => {
    expect(problemsOf({ node: { [option]: value } })).toEqual([expect.stringContaining(`node.${option} must be`)]);
  });
});
