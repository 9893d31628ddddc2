import type { RoomSnapshot } from '../../proto/gen/types.ts';
import type { Client, ClientTiming, Room } from '../src/index.ts';
import { reconnect } from './in-room.ts';
import { createMediaAnswers } from './media-answers.ts';
import {
  type Answers,
  connectResponse,
  type ScriptedConnection,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts';
import { roomSnapshot } from './snapshots.ts';
import { createTestClient } from './test-client.ts';
import { createWrtcDevice } from './wrtc-device.ts';

/** A client with a real media library in a room of a scripted server. */
export interface MediaRoom extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly client: Client;
  readonly room: Room;
  /** The newest connection. */
  readonly connection: ScriptedConnection;
  /** The server's picture of the room, sent when the session is resumed. */
  snapshot: RoomSnapshot;
  /** Loses the connection and waits until there is another one. */
  reconnect(): Promise<void>;
}

export async function startMediaRoom(
  answers: Answers = {},
  { snapshot: given = roomSnapshot(), timing = {} as Partial<ClientTiming>, autoSubscribe = true } = {},
): Promise<MediaRoom> {
  const server = await startScriptedServer({
    ...createMediaAnswers(),
    'room.join': () => media.snapshot,
    'session.connect': ({ resume }) =>
      connectResponse({ resumed: resume !== undefined, rooms: resume ? [media.snapshot] : [] }),
    ...answers,
  });
  const test = createTestClient({ server, timing, autoSubscribe, device: createWrtcDevice });
  const media = { snapshot: given };
  await test.client.connect();
  const room = await test.client.join('standup');
  return {
    server,
    room,
    client: test.client,
    get connection() {
      return server.connections.at(-1) as ScriptedConnection;
    },
    get snapshot() {
      return media.snapshot;
    },
    set snapshot(snapshot) {
      media.snapshot = snapshot;
    },
    reconnect: () => reconnect(server, test.client),
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
