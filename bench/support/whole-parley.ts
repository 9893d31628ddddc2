// The whole of what a call meets in Parley: gateway with its policies, sessions, grants, rates, validation and the room's log.
// Media is in memory: no packet is part of this.

import { setTimeout as delay } from 'node:timers/promises';
import type { RoomLog } from '../../cluster/room-log.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { createMedia } from '../../media/create-media.ts';
import { createConfig } from '../../server/config.ts';
import { createGateway } from '../../server/gateway/create-gateway.ts';
import type { ClusterParts } from '../../signaling/cluster/cluster-context.ts';
import { createSignaling } from '../../signaling/create-signaling.ts';
import { createMemoryMediaEngine } from '../../test/support/memory-media-engine.ts';
import { benchGatewayOptions } from './bench-options.ts';

interface WholeParley {
  readonly port: number;
  close(): Promise<void>;
}

interface WholeParleyOptions {
  /** How long verifying a token takes. */
  readonly admissionMs?: number;
  /** What it shares with other nodes. */
  readonly cluster?: ClusterParts;
}

/** The log is closed with it. */
export async function startWholeParley(
  roomLog: RoomLog,
  { admissionMs = 0, cluster }: WholeParleyOptions = {},
): Promise<WholeParley> {
  const log = silentLogger;
  const clock = systemClock;
  const config = createConfig({ dev: true });
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
    cluster,
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
}
