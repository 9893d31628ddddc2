// The whole of what a chat message meets in Parley: gateway with its policies, sessions, grants, validation, the room's log
// and its acknowledgement. Media is in memory: no packet is part of this.

import { setTimeout as delay } from 'node:timers/promises';
import { createMemoryRoomLog } from '../../../cluster/memory/memory-room-log.ts';
import type { RoomLog } from '../../../cluster/room-log.ts';
import { openSqliteRoomLog } from '../../../cluster/sqlite/sqlite-room-log.ts';
import { systemClock } from '../../../core/clock.ts';
import { silentLogger } from '../../../core/log.ts';
import { createMedia } from '../../../media/create-media.ts';
import { createConfig } from '../../../server/config.ts';
import { createGateway } from '../../../server/gateway/create-gateway.ts';
import { createSignaling } from '../../../signaling/create-signaling.ts';
import { createMemoryMediaEngine } from '../../../test/support/memory-media-engine.ts';
import { benchGatewayOptions } from '../../gateway/bench-options.ts';
import type { ServerSetup } from '../contestants.ts';
import { serve } from './serve.ts';

const clock = systemClock;
const log = silentLogger;

async function openRoomLog({ variant, folder }: ServerSetup): Promise<RoomLog> {
  return variant === 'memory'
    ? createMemoryRoomLog()
    : await openSqliteRoomLog({ folder, durability: 'disk', log, clock });
}

serve(async (setup) => {
  const config = createConfig({ dev: true });
  const roomLog = await openRoomLog(setup);
  const { admissionMs = 0 } = setup;
  const signaling = createSignaling({
    media: createMedia({ engine: createMemoryMediaEngine(), options: config.media, clock, log }),
    verifier: {
      // The token is the name. Verifying one is done once a connection, and measured elsewhere.
      verify: async (token) => {
        if (admissionMs > 0) await delay(admissionMs);
        return {
          identity: token,
          name: token,
          metadata: '',
          grants: [{ room: '*', can: ['join', 'chat', 'history'] }],
          expiresAtMs: Date.now() + 3_600_000,
        };
      },
    },
    roomLog,
    options: {
      rooms: config.rooms,
      sessions: config.sessions,
      chat: config.chat,
      maxFrameBytes: config.gateway.maxFrameBytes,
      serverVersion: 'bench',
    },
    clock,
    log,
  });
  const gateway = createGateway({ options: benchGatewayOptions, edges: signaling, log });
  const { port } = await gateway.listen();
  return {
    port,
    async close() {
      signaling.close();
      await gateway.close();
      await roomLog.close();
    },
  };
});
