// Many nodes: what chat costs when it crosses from node to node, against Socket.IO with its Redis adapters.

import { reasons } from './cluster/reasons.ts';
import { largeRoom, smallRooms } from './cluster/workloads/chat.ts';
import { media } from './cluster/workloads/media.ts';
import { recovery } from './cluster/workloads/recovery.ts';
import { store } from './cluster/workloads/store.ts';
import { runWorkloads } from './support/run-workloads.ts';

await runWorkloads({
  name: 'cluster',
  title: 'Many nodes: chat, media and faults',
  method: (rounds) =>
    `Each contestant is two nodes of compiled JavaScript and a Redis of its own without a file, three processes that share one core; clients of both nodes are raw TCP sockets on the other core. Messages are sent at fixed times, whatever comes back, and delays are counted from those times. Contestants take turns in ${rounds} interleaved rounds, figures are medians. Parley keeps each message in the room’s log in Redis, numbers it and acknowledges it; Socket.IO delivers. What is not reached on two cores is said so.`,
  workloads: {
    'small-rooms': smallRooms,
    'large-room': largeRoom,
    media,
    recovery,
    store,
  },
  reasons,
  packages: ['ioredis', 'socket.io', '@socket.io/redis-adapter', '@socket.io/redis-streams-adapter', 'mediasoup'],
});
