// Somebody in a room of a cluster, by the SDK, as an application has it.

import { WebSocket } from 'ws';
import { type Client, type ClientOptions, createClient, type Room } from '../../client/src/index.ts';
import type { TestCluster } from '../support/cluster.ts';

export interface Person extends AsyncDisposable {
  readonly client: Client;
  readonly room: Room;
  /** Names of those who came and who left, in order, as in `+bob`. */
  readonly told: readonly string[];
}

/** On the node at that place; when it is gone, on the next one. */
export async function join(
  cluster: TestCluster,
  place: number,
  identity: string,
  name: string,
  more: Partial<ClientOptions> = {},
): Promise<Person> {
  const client = createClient({
    urls: cluster.urlsFrom(place),
    token: () => cluster.tokenOf(identity),
    webSocket: WebSocket,
    timing: { reconnectBaseMs: 50, reconnectCapMs: 500, retryBaseMs: 50, retryCapMs: 500 },
    ...more,
  });
  await client.connect();
  const room = await client.join(name);
  const told: string[] = [];
  room.on('peersChanged', ({ joined, left }) => {
    told.push(...joined.map((peer) => `+${peer.identity}`), ...left.map((peer) => `-${peer.identity}`));
  });
  return { client, room, told, [Symbol.asyncDispose]: () => client.close() };
}

export const identitiesIn = ({ room }: Person): string[] =>
  [...room.peers.values()].map(({ identity }) => identity).sort();

export const sees = ({ room }: Person, identities: readonly string[]) =>
  room.peerCount === identities.length + 1 &&
  [...room.peers.values()]
    .map(({ identity }) => identity)
    .sort()
    .join() === [...identities].sort().join();

/** Who of them is there as somebody who may come back. */
export const isAway = ({ room }: Person, identity: string): boolean =>
  [...room.peers.values()].some((peer) => peer.identity === identity && peer.away);
