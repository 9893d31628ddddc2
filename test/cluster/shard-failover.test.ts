// A server over a Redis Cluster that loses the master of a shard, and with it what its replica had not got yet.

import { describe, expect, test } from 'vitest';
import { roomKey } from '../../cluster/redis/tags.ts';
import { startReplicatedCluster } from '../../cluster/redis/testing/start-replicated-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { TestSocket } from '../support/rpc-client.ts';
import { startServer } from '../support/start-server.ts';

const room = 'standup';

interface Event {
  readonly method?: string;
  readonly params?: {
    readonly records?: readonly { readonly epoch?: string; readonly message?: { readonly text: string } }[];
    readonly reason?: string;
  };
}

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))(
  'a server whose shard of Redis fails over',
  () => {
    test('tells an honest gap for what the replica lacked, and goes on', async () => {
      await using redis = await startReplicatedCluster(roomKey('parley', 'm', room));
      await using server = await startServer({ redis: { url: redis.url } });
      const socket = await new TestSocket(server.wsUrl, ['parley.v1.json']).opened();
      await socket.call('connect', 'session.connect', { token: server.issueToken({ identity: 'ada' }) });
      expect((await socket.call('join', 'room.join', { room })).error).toBeUndefined();
      let calls = 0;
      const say = (text: string) => socket.call(`say ${calls++}`, 'chat.send', { room, clientId: text, text });
      const told = (event: string) => (socket.received as Event[]).filter(({ method }) => method === event);
      const texts = () =>
        told('logRecords').flatMap(({ params }) =>
          (params?.records ?? []).flatMap(({ message }) => message?.text ?? []),
        );

      expect((await say('kept')).error).toBeUndefined();
      await redis.copied();
      redis.replica.stop();
      await redis.master.send('CLIENT KILL TYPE replica');
      expect((await say('lost')).error).toBeUndefined();
      await eventually(() => texts().includes('lost'), 'it is told');
      await redis.master.kill();
      redis.replica.cont();
      await eventually(() => told('logGap').some(({ params }) => params?.reason === 'epoch'), 'a gap is told', 60_000);
      await eventually(async () => (await say('again')).error === undefined, 'it takes messages again', 60_000, 200);
      await eventually(() => texts().at(-1) === 'again', 'they are told');
      const { result, error } = await socket.call('read', 'log.read', { room, limit: 20 });
      expect(error).toBeUndefined();
      expect(JSON.stringify(result)).toContain('kept');
      expect(JSON.stringify(result)).not.toContain('lost');
    }, 180_000);
  },
);
