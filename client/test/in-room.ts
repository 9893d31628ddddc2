// A client that has joined a scripted server's only room.

import { eventually } from '../../test/support/eventually.ts';
import type { Room, RoomEvents } from '../src/index.ts';
import { type Answers, connectResponse, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { roomSnapshot } from './snapshots.ts';
import { createTestClient } from './test-client.ts';

/** Sessions are resumed, and the room is always the same. */
const usual: Answers = {
  'room.join': ({ room }) => roomSnapshot({ room }),
  'session.connect': ({ resume }) =>
    connectResponse({ resumed: resume !== undefined, rooms: resume ? [roomSnapshot()] : [] }),
};

export async function startInRoom(answers: Answers = {}) {
  const server = await startScriptedServer({ ...usual, ...answers });
  const test = createTestClient({ server });
  await test.client.connect();
  const room = await test.client.join('standup');
  return {
    server,
    room,
    client: test.client,
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Every event of that name, from now on. */
export function collect<Name extends keyof RoomEvents>(room: Room, name: Name): RoomEvents[Name][] {
  const events: RoomEvents[Name][] = [];
  room.on(name, (event) => events.push(event));
  return events;
}

/** Loses the first connection and waits until the second one is up. */
export async function reconnect(server: ScriptedServer, client: { readonly state: string }): Promise<void> {
  const before = server.connections.length;
  server.connections.at(-1)?.kill();
  await server.connected(before);
  await eventually(() => client.state === 'connected', 'the return');
}
