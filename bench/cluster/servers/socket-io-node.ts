// A node of Socket.IO that meets the others in Redis: by its Redis adapter, or by its Redis Streams adapter, with the options
// that they have by themselves.

import { createAdapter as createPubSubAdapter } from '@socket.io/redis-adapter';
import { createAdapter as createStreamsAdapter } from '@socket.io/redis-streams-adapter';
import { Redis } from 'ioredis';
import { serve } from '../../chat/servers/serve.ts';
import { createSocketIo, letGoOfRequests, listenOnHttp } from '../../chat/servers/socket-io.ts';

serve(async ({ variant, redisUrl = '' }) => {
  const redis = new Redis(redisUrl);
  const second = redis.duplicate();
  const adapter = variant === 'streams' ? createStreamsAdapter(redis) : createPubSubAdapter(redis, second);
  const io = createSocketIo({ adapter });
  const { port, close } = await listenOnHttp(io);
  letGoOfRequests(io);
  return {
    port,
    close() {
      close();
      redis.disconnect();
      second.disconnect();
    },
  };
});
