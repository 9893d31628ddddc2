import { afterEach, describe, expect, test } from 'vitest';
import { silentLogger as log } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { openRedisLink, openSubscriber } from './open-redis-link.ts';
import { parseRedisUrl } from './redis-target.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function open(url: string, deadlineMs = 500) {
  const target = parseRedisUrl(url);
  const link = openRedisLink(target, { log });
  const subscriber = openSubscriber(target, { link, log, deadlineMs });
  ends.push(
    () => subscriber.close(),
    () => link.close(),
  );
  await Promise.all([link.whenUp(), subscriber.whenUp()]);
  const happened: string[] = [];
  subscriber.events.on('interrupted', () => happened.push('interrupted'));
  subscriber.events.on('restored', () => happened.push('restored'));
  const publish = (channel: string, message: string) => link.call(channel, 'publish', [channel, message]);
  return { link, subscriber, happened, publish };
}

describe.skipIf(!requireOrSkip('redis'))('who hears channels of Redis', () => {
  test('hears all of them again on another connection, those of which it has many and those that came meanwhile', async () => {
    await using redis = await startRedis();
    const { subscriber, happened, publish, link } = await open(redis.url);
    const heard = new Set<string>();
    const channels = Array.from({ length: 1_500 }, (_, index) => `channel${index}`);
    const leaves = await Promise.all(
      channels.map((channel) => subscriber.subscribe(channel, () => void heard.add(channel))),
    );
    leaves[0]!();
    // Redis does this to a subscriber that is too slow for what it is sent.
    await redis.send('CLIENT KILL TYPE pubsub');
    await eventually(() => !subscriber.isUp, 'the loss is noticed');
    leaves[1]!();
    const subscribeLate = () => subscriber.subscribe('late', () => void heard.add('late')).catch(() => undefined);
    const late = eventually(subscribeLate, 'a subscription meanwhile');
    await eventually(() => happened.length === 2, 'it is restored');
    await late;
    expect(happened).toEqual(['interrupted', 'restored']);
    await Promise.all([...channels, 'late'].map((channel) => publish(channel, 'message')));
    await eventually(() => heard.size === 1_499, 'all that are wanted');
    expect(heard.has('channel0') || heard.has('channel1')).toBe(false);
    // Nobody listens to what was left: Redis does not send it either.
    expect(await link.call('', 'publish', ['channel0', 'message'])).toBe(0);
  });

  test('notices a Redis that stands still, and hears again when it goes on', async () => {
    await using redis = await startRedis();
    const { subscriber, happened, publish } = await open(redis.url);
    const heard: string[] = [];
    await subscriber.subscribe('channel', (message) => heard.push(message.toString()));
    redis.stop();
    await eventually(() => happened.includes('interrupted'), 'it is noticed');
    await expect(subscriber.subscribe('other', () => {})).rejects.toMatchObject({ kind: 'away' });
    redis.cont();
    await eventually(() => happened.includes('restored'), 'it is back');
    await eventually(
      () =>
        publish('channel', 'on')
          .then(() => heard.length > 0)
          .catch(() => false),
      'a message',
    );
  });

  test('keeps what one listener does from the others', async () => {
    await using redis = await startRedis();
    const { subscriber, publish } = await open(redis.url);
    const heard: string[] = [];
    await subscriber.subscribe('channel', () => {
      throw new Error('as a test wants it');
    });
    const leave = await subscriber.subscribe('channel', () => {
      heard.push('left');
      leave();
    });
    await subscriber.subscribe('channel', () => heard.push('stays'));
    await publish('channel', '1');
    await publish('channel', '2');
    await eventually(() => heard.length === 3, 'all');
    expect(heard).toEqual(['left', 'stays', 'stays']);
  });

  test('close() ends what waits, and later calls fail as closed', async () => {
    await using redis = await startRedis();
    const { subscriber } = await open(redis.url);
    redis.stop();
    const waiting = subscriber.subscribe('channel', () => {});
    subscriber.close();
    await expect(waiting).rejects.toMatchObject({ name: 'RedisError' });
    await expect(subscriber.subscribe('channel', () => {})).rejects.toMatchObject({ kind: 'closed' });
    await expect(subscriber.whenUp()).rejects.toMatchObject({ kind: 'closed' });
  });
});
