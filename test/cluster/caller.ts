// Somebody in a call of a cluster, by the SDK over libwebrtc.

import { WebSocket } from 'ws';
import { type Client, createClient, type Room } from '../../client/src/index.ts';
import { createWrtcDevice } from '../../client/test/wrtc-device.ts';
import { loadDevSecret } from '../../server/identity/dev-secret.ts';
import { createTokenIssuer } from '../../server/identity/token-issuer.ts';
import type { TestCluster } from '../support/cluster.ts';

export interface Caller extends AsyncDisposable {
  readonly client: Client;
  readonly room: Room;
  /** Names of those who came and who left, in order, as in `+bob`. */
  readonly told: readonly string[];
}

/** On the node at that place; when it is gone, on the next one. */
export async function joinCall(cluster: TestCluster, place: number, identity: string, name: string): Promise<Caller> {
  const client = createClient({
    urls: cluster.urlsFrom(place),
    token: () => tokenOf(cluster, identity),
    webSocket: WebSocket,
    device: createWrtcDevice,
    timing: { reconnectBaseMs: 50, reconnectCapMs: 500, retryBaseMs: 50, retryCapMs: 500 },
  });
  await client.connect();
  const room = await client.join(name);
  const told: string[] = [];
  room.on('peersChanged', ({ joined, left }) => {
    told.push(...joined.map((peer) => `+${peer.identity}`), ...left.map((peer) => `-${peer.identity}`));
  });
  return { client, room, told, [Symbol.asyncDispose]: () => client.close() };
}

/** Good on every node. */
function tokenOf(cluster: TestCluster, identity: string): string {
  const issuer = createTokenIssuer({ ...loadDevSecret(cluster.node(0).dataDir), issuer: '', audience: '' });
  const can = ['join', 'publish:audio', 'publish:video', 'subscribe', 'chat', 'history', 'moderate'] as const;
  return issuer.issue({ identity, name: identity, metadata: '', grants: [{ room: '*', can }], ttlSeconds: 3_600 });
}
