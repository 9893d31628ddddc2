import { WebSocket } from 'ws';
import { createClient } from '../../client/src/index.ts';
import { eventually } from '../support/eventually.ts';
import type { Chaos } from './chaos.ts';

const deadlineMs = 30_000;

/** Somebody new joins every room on each node by itself, and has to see who is there: what that node's roster says. */
export async function compareRosters({ cluster, people, tokenOf }: Chaos): Promise<void> {
  for (const node of cluster.nodes) {
    const client = createClient({ url: node.wsUrl, token: () => tokenOf('witness'), webSocket: WebSocket });
    try {
      await client.connect();
      for (const name of new Set(people.flatMap(({ rooms }) => [...rooms.keys()]))) {
        const room = await client.join(name);
        const living = people.flatMap(({ identity, rooms }) => {
          const own = rooms.get(name);
          return own ? [`${identity} ${own.peerId}`] : [];
        });
        const seen = () => [...room.peers.values()].map(({ identity, peerId }) => `${identity} ${peerId}`);
        const isRight = () => seen().sort().join() === living.sort().join();
        await eventually(isRight, `the roster of ${name} at ${node.url} to be that of the living`, deadlineMs).catch(
          (error: unknown) => {
            throw new Error(`seen: ${seen().join()}; living: ${living.join()}`, { cause: error });
          },
        );
      }
    } finally {
      await client.close();
    }
  }
}
