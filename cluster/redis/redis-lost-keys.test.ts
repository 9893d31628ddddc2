import { describe, expect, test } from 'vitest';
import { startRedis } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { ContractRoom } from '../contract/room.contract.ts';
import { StoreError } from '../room-log.ts';
import { roomKey } from './tags.ts';
import { openRedisLog } from './testing/open-redis-log.ts';

const kindOf = (error: unknown) => (error instanceof StoreError ? error.kind : error);

describe.skipIf(!requireOrSkip('redis'))('a Redis that threw away some of the keys of a room', () => {
  // With an eviction policy it does so when it is full. A script that waits for what is not there would stop it for everybody.
  test('says so to whoever reads, searches, trims or writes there, and serves the other rooms', async () => {
    await using redis = await startRedis();
    await using opened = await openRedisLog(redis.url);
    const { log, link } = opened;
    const room = new ContractRoom(log);
    for (const text of ['one', 'two', 'three']) await room.message({ searchText: text });
    for (const list of ['l', 's']) {
      const key = `${roomKey('test', list, room.name)}:0`;
      await link.call(key, 'DEL', [key]);
    }
    const from = (border: { after: number } | { before: number }) =>
      log.read([{ room: room.name, from: border, maxRecords: 10, maxBytes: 10_000 }]).catch(kindOf);
    expect(await from({ after: 0 })).toBe('corrupt');
    expect(await from({ before: 4 })).toBe('corrupt');
    expect(await log.search({ room: room.name, query: 'one', before: 9, limit: 5 }).catch(kindOf)).toBe('corrupt');
    expect(await log.trim(room.name, { beforeMs: 0, keep: 1 }).catch(kindOf)).toBe('corrupt');
    expect(await room.message().catch(kindOf)).toBe('corrupt');
    expect((await new ContractRoom(log).message()).seq).toBe(1);
  });
});
