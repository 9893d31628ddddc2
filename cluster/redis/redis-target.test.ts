import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';
import { parseRedisUrl } from './redis-target.ts';
import { readMoved, readSlots } from './slot-map.ts';

test('a URL names one server, the sentinels of one, or servers of a cluster', () => {
  expect(parseRedisUrl('redis://cache')).toEqual({
    kind: 'single',
    address: { host: 'cache', port: 6379 },
    common: {},
  });
  expect(parseRedisUrl('rediss://ada:p%40ss@[::1]:7000/3')).toEqual({
    kind: 'single',
    address: { host: '::1', port: 7000 },
    common: { username: 'ada', password: 'p@ss', tls: {}, db: 3 },
  });
  expect(parseRedisUrl('redis+sentinel://:secret@one,two:26380/main')).toEqual({
    kind: 'sentinel',
    name: 'main',
    sentinels: [
      { host: 'one', port: 26379 },
      { host: 'two', port: 26380 },
    ],
    common: { password: 'secret' },
  });
  expect(parseRedisUrl('rediss+cluster://one:1,two:2')).toMatchObject({
    kind: 'cluster',
    seeds: [
      { host: 'one', port: 1 },
      { host: 'two', port: 2 },
    ],
    common: { tls: {} },
  });
});

test('a URL that is none is refused without being repeated: it may have a password', () => {
  const wrong = [
    'http://secret@host',
    'redis://',
    'redis://:secret@one,two',
    'redis+sentinel://:secret@one',
    'redis+cluster://:secret@one/1',
    'redis://:secret@host:70000',
    'redis://:secret@host/db',
    'redis://:%zzsecret@host',
  ];
  for (const url of wrong) {
    expect(() => parseRedisUrl(url), url).toThrow();
    expect(() => parseRedisUrl(url), url).not.toThrow(/secret/);
  }
});

test('the map of slots is read from what a server of the cluster answers, whatever it leaves out', () => {
  const asked = { host: 'asked', port: 1 };
  const map = readSlots(
    [
      [0, 1, ['one', 7001, 'id'], ['replica', 7004]],
      [3, 3, ['', 7002]],
      [4, 4, [null, 7003]],
      [5, 99_999, ['two', 'no port']],
      'nonsense',
    ],
    asked,
  );
  expect(map.slice(0, 6)).toEqual([
    { host: 'one', port: 7001 },
    { host: 'one', port: 7001 },
    undefined,
    { host: 'asked', port: 7002 },
    { host: 'asked', port: 7003 },
    undefined,
  ]);
  expect(map).toHaveLength(16_384);
  expect(readMoved('MOVED 3999 127.0.0.1:6381')).toEqual({ host: '127.0.0.1', port: 6381 });
  expect(readMoved('MOVED somewhere')).toBeUndefined();
});

test('the first try is made at once, later ones within 650 ms', () => {
  expect(backoffMs(0)).toBe(0);
  expect(backoffMs(1, () => 0)).toBe(35);
  expect(backoffMs(1, () => 1)).toBeCloseTo(65);
  expect(backoffMs(1_000, () => 1)).toBeCloseTo(650);
});
