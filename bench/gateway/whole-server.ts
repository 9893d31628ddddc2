// Parley's gateway with Parley's signaling behind it: sessions, rooms, grants, rates and validation. Media is in memory: no
// packet is part of this.

import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { createMedia } from '../../media/create-media.ts';
import { createConfig } from '../../server/config.ts';
import { createGateway } from '../../server/gateway/create-gateway.ts';
import { createSignaling } from '../../signaling/create-signaling.ts';
import type { TokenVerifier } from '../../signaling/token-verifier.ts';
import { createMemoryMediaEngine } from '../../test/support/memory-media-engine.ts';
import { answerCalls } from '../support/child-calls.ts';
import { benchGatewayOptions } from './bench-options.ts';
import type { BenchServer } from './sides.ts';

const log = silentLogger;
const clock = systemClock;
const config = createConfig({ dev: true });

/** The token is the name. Verifying one is done once a connection, and measured elsewhere. */
const verifier: TokenVerifier = {
  verify: async (token) => ({
    identity: token,
    name: token,
    metadata: '',
    grants: [{ room: '*', can: ['join', 'chat'] }],
    expiresAtMs: Date.now() + 3_600_000,
  }),
};

const signaling = createSignaling({
  media: createMedia({ engine: createMemoryMediaEngine(), options: config.media, clock, log }),
  verifier,
  roomLog: createMemoryRoomLog(),
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

answerCalls({ listen: async () => (await gateway.listen()).port } satisfies BenchServer, async () => {
  signaling.close();
  await gateway.close();
});
