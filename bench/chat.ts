// Chat that loses nothing, against Socket.IO, ws and uWebSockets.js: what it costs, what it holds, what it keeps.

import { reasons } from './chat/reasons.ts';
import { acknowledgements } from './chat/workloads/acks.ts';
import { codecs, largeRoom, smallRooms } from './chat/workloads/fan-out.ts';
import { idleMemory } from './chat/workloads/idle-memory.ts';
import { recoveryGap } from './chat/workloads/recovery-gap.ts';
import { stalledReader } from './chat/workloads/stalled-reader.ts';
import { storeAlone } from './chat/workloads/store.ts';
import { reconnectStorm } from './chat/workloads/storm.ts';
import { runWorkloads } from './support/run-workloads.ts';

await runWorkloads({
  name: 'chat',
  title: 'Chat: a durable log, against Socket.IO, ws and uWebSockets.js',
  method: (rounds) =>
    `Each server is a process of compiled JavaScript with all its threads on one core, that of Parley’s store included, and its clients are raw TCP sockets on the other core; CPU seconds are those of all threads of the server. Messages are sent at fixed times, whatever comes back, and delays are counted from those times; servers take turns in ${rounds} interleaved rounds, figures are medians where nothing else is said. Parley is the whole server: gateway, sessions, grants, limits, the room’s log, numbers and acknowledgements. The others get the same texts from the same clients at the same times, deliver them and keep nothing, number nothing and acknowledge nothing. Socket.IO is tuned as its documentation says: WebSocket only, no compression, the request of the upgrade let go of. Nobody pings.`,
  workloads: {
    idle: idleMemory,
    'large-room': largeRoom,
    'small-rooms': smallRooms,
    store: storeAlone,
    acks: acknowledgements,
    storm: reconnectStorm,
    stalled: stalledReader,
    gap: recoveryGap,
    codecs,
  },
  reasons,
  packages: ['uWebSockets.js', 'ws', 'socket.io', 'better-sqlite3'],
});
