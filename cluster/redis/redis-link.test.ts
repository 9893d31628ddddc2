import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startTcpRelay } from '../../test/support/tcp-relay.ts';
import { MasterLink } from './master-link.ts';
import { openConnection } from './open-connection.ts';
import { RedisError } from './redis-error.ts';
import { parseRedisUrl } from './redis-target.ts';

const links: MasterLink[] = [];
afterEach(async () => {
  for (const link of links.splice(0)) await link.close();
});

function linkTo(url: string, deadlineMs = 500): MasterLink {
  const target = parseRedisUrl(url);
  const link = new MasterLink(() => openConnection(target, { deadlineMs }), { log: silentLogger });
  links.push(link);
  return link;
}

const kindOf = (error: unknown) => (error instanceof RedisError ? error.kind : error);

describe.skipIf(!requireOrSkip('redis'))('the link to Redis', () => {
  test('a call before there is a connection fails as away, and later ones are answered', async () => {
    await using redis = await startRedis();
    const link = linkTo(redis.url);
    await expect(link.call('k', 'get', ['k'])).rejects.toMatchObject({ kind: 'away' });
    await link.whenUp();
    expect(await link.call('k', 'set', ['k', 'naïve'])).toBe('OK');
    expect(await link.call('k', 'get', ['k'])).toBe('naïve');
    expect(await link.call('k', 'get', ['k'], { buffers: true })).toEqual(Buffer.from('naïve'));
  });

  test('what Redis refuses is refused with its code, and the connection stays', async () => {
    await using redis = await startRedis();
    const link = linkTo(redis.url);
    await link.whenUp();
    await link.call('k', 'set', ['k', 'text']);
    await expect(link.call('k', 'incr', ['k'])).rejects.toMatchObject({ kind: 'refused', code: 'ERR' });
    await expect(link.call('k', 'hget', ['k', 'f'])).rejects.toMatchObject({ kind: 'refused', code: 'WRONGTYPE' });
    expect(link.state).toBe('up');
  });

  test('SIGKILL fails what is under way as unknown, and a Redis that is started again is found', async () => {
    await using redis = await startRedis({ aof: 'always' });
    const link = linkTo(redis.url);
    await link.whenUp();
    await link.call('k', 'set', ['k', '1']);
    redis.stop();
    const pending = link.call('k', 'get', ['k']).catch(kindOf);
    await redis.kill();
    expect(await pending).toBe('unknown');
    await eventually(() => link.state === 'away', 'the loss is noticed');
    await expect(link.call('k', 'get', ['k'])).rejects.toMatchObject({ kind: 'away' });
    await redis.restart();
    await link.whenUp();
    expect(await link.call('k', 'get', ['k'])).toBe('1');
  });

  test('a Redis that is stopped answers nothing: all calls fail within the deadline, and what was sent is carried out when it wakes', async () => {
    await using redis = await startRedis();
    const link = linkTo(redis.url, 300);
    await link.whenUp();
    redis.stop();
    const calls = Array.from({ length: 50 }, () => link.call('n', 'incr', ['n']).catch(kindOf));
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['unknown']));
    expect(link.state).toBe('away');
    redis.cont();
    await link.whenUp();
    // Of a connection that is closed by then.
    expect(await link.call('n', 'get', ['n'])).toBe('50');
  });

  test('NOSCRIPT fails the call and those behind it as away, and they can be made on the next connection', async () => {
    await using redis = await startRedis();
    const target = parseRedisUrl(redis.url);
    const shas: string[] = [];
    const link = new MasterLink(() => openConnection(target, {}), {
      log: silentLogger,
      prepare: [
        async (connection) => {
          shas.push(String(await connection.call('script', ['load', "return redis.call('incr', KEYS[1])"])));
        },
      ],
    });
    links.push(link);
    await link.whenUp();
    const [sha = ''] = shas;
    expect(await link.call('n', 'evalsha', [sha, '1', 'n'])).toBe(1);
    await link.call('n', 'script', ['flush']);
    const failed = await Promise.all([1, 2, 3].map(() => link.call('n', 'evalsha', [sha, '1', 'n']).catch(kindOf)));
    expect(failed).toEqual(['away', 'away', 'away']);
    await link.whenUp();
    expect(shas).toHaveLength(2);
    expect(await link.call('n', 'evalsha', [sha, '1', 'n'])).toBe(2);
  });

  test('calls of one turn are carried out in their order, however large', async () => {
    await using redis = await startRedis();
    const link = linkTo(redis.url, 5_000);
    await link.whenUp();
    const large = 'x'.repeat(1_000_000);
    const calls = Array.from({ length: 60 }, (_, index) =>
      link.call('l', 'rpush', ['l', `${index}${index % 10 === 0 ? large : ''}`]),
    );
    expect(await Promise.all(calls)).toEqual(calls.map((_, index) => index + 1));
  });

  test('more calls than may be under way are refused as busy', async () => {
    await using redis = await startRedis();
    const link = linkTo(redis.url, 300);
    await link.whenUp();
    redis.stop();
    const kinds = await Promise.all(Array.from({ length: 5_000 }, () => link.call('k', 'ping', []).catch(kindOf)));
    expect(kinds.filter((kind) => kind === 'busy')).toHaveLength(5_000 - 4_096);
  });

  test('a cut connection is made again, without one more than before', async () => {
    await using redis = await startRedis();
    await using relay = await startTcpRelay(redis.url);
    const link = linkTo(relay.url.replace('http:', 'redis:'));
    const direct = linkTo(redis.url);
    await Promise.all([link.whenUp(), direct.whenUp()]);
    for (let round = 0; round < 5; round++) {
      relay.cut();
      await eventually(() => link.state === 'away', 'the cut is noticed');
      relay.mend();
      await link.whenUp();
    }
    const clients = async () =>
      String(await direct.call('', 'client', ['list']))
        .trim()
        .split('\n').length;
    await eventually(async () => (await clients()) === 2, 'the old connections are gone');
  });

  test('a wrong password is told in the reason, and close() ends the tries', async () => {
    await using redis = await startRedis({ options: ['requirepass right'] });
    const link = linkTo(redis.url.replace('//', '//:wrong@'));
    await expect(openConnection(parseRedisUrl(redis.url.replace('//', '//:wrong@')), {})).rejects.toMatchObject({
      kind: 'away',
      message: expect.stringContaining('WRONGPASS'),
    });
    const waiting = link.whenUp();
    await Promise.all([expect(waiting).rejects.toMatchObject({ kind: 'closed' }), link.close()]);
    const right = linkTo(redis.url.replace('//', '//:right@'));
    await right.whenUp();
  });

  test('close() carries out what was called before, and what comes later fails as closed', async () => {
    await using redis = await startRedis();
    const link = linkTo(redis.url);
    await link.whenUp();
    const last = link.call('k', 'set', ['k', '1']);
    await link.close();
    expect(await last).toBe('OK');
    await expect(link.call('k', 'get', ['k'])).rejects.toMatchObject({ kind: 'closed' });
  });

  test('what answers with something else, or not at all, is away, and nothing waits for ever', async () => {
    for (const answer of ['HTTP/1.1 400 Bad Request\r\n\r\n', '\u0000\u0001garbage', '']) {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket.on('error', () => {}));
        socket.on('data', () => socket.write(answer));
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const opening = openConnection(parseRedisUrl(url), { deadlineMs: 200, connectTimeoutMs: 200 });
      await expect(opening).rejects.toMatchObject({ kind: 'away' });
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  test('answers that break off in the middle fail the call, and the next connection is whole', async () => {
    await using redis = await startRedis();
    await using relay = await startTcpRelay(redis.url);
    const link = linkTo(relay.url.replace('http:', 'redis:'));
    await link.whenUp();
    await link.call('k', 'set', ['k', 'x'.repeat(20_000_000)]);
    const large = link.call('k', 'get', ['k']).catch(kindOf);
    relay.cut();
    expect(await large).toBe('unknown');
    relay.mend();
    await link.whenUp();
    expect(await link.call('k', 'strlen', ['k'])).toBe(20_000_000);
  });
});
