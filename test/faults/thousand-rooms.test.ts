// One connection in as many rooms as a session may be in.

import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createClient, type Room } from '../../client/src/index.ts';
import type { ConnectResponse, Cursor, RoomSnapshot, SyncResponse } from '../../proto/gen/types.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { ServerProcess } from '../support/server-process.ts';
import { startTcpRelay } from '../support/tcp-relay.ts';
import { countedFrom, Member, toCursor } from './member.ts';

const roomCount = 1_000;
const rooms = countedFrom(0, roomCount).map((n) => `room-${n}`);
/** As many messages as one session may send at once. */
const roomsOfWriter = 40;
/** Below what a client of the SDK may have open. */
const atOnce = 25;
/** As the SDK does; the contract allows 200. */
const roomsOfSync = 100;

const options = [
  `sessions.maxRooms=${roomCount}`,
  'gateway.slowConsumerBytes=10000000',
  'gateway.messageRate.burst=10000',
  'gateway.connectionRate.burst=1000',
];

async function inPortions<Item, Result>(items: readonly Item[], size: number, work: (item: Item) => Promise<Result>) {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += size) {
    results.push(...(await Promise.all(items.slice(from, from + size).map(work))));
  }
  return results;
}

/** One message into each room, of people who are gone then. */
async function writeEverywhere(server: ServerProcess, name: string): Promise<void> {
  const firsts = rooms.filter((_, index) => index % roomsOfWriter === 0);
  await inPortions(firsts, 5, async (first) => {
    const own = rooms.slice(rooms.indexOf(first), rooms.indexOf(first) + roomsOfWriter);
    const writer = await Member.connect(server, `writer-of-${first}`);
    await Promise.all(own.map((room) => writer.get('room.join', { room })));
    await Promise.all(own.map((room) => writer.send(room, `${name}-${room}`)));
    writer.socket.ws.terminate();
  });
}

/** Pages of all rooms from these cursors on. @returns the client ids of messages, by room. */
async function syncAll(member: Member, cursors: ReadonlyMap<string, Cursor>): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const open = new Map(cursors);
  while (open.size > 0) {
    const asked = [...open].slice(0, roomsOfSync).map(([room, cursor]) => ({ room, cursor }));
    const { rooms: answers } = await member.get<SyncResponse>('log.sync', { rooms: asked });
    for (const { room, status, records, more } of answers) {
      expect(status, room).toBe('records');
      const ids = records.flatMap(({ kind, clientId }) => (kind === 'message' ? [clientId] : []));
      found.set(room, [...(found.get(room) ?? []), ...ids]);
      const last = records.at(-1);
      const cursor = open.get(room);
      if (!more) open.delete(room);
      else if (last && cursor) open.set(room, { ...cursor, seq: last.seq, messageId: last.messageId });
    }
  }
  return found;
}

const hasIn = (room: Room, clientId: string): boolean => room.chat.records.some((it) => it.clientId === clientId);

test.skipIf(!requireOrSkip('mediasoup'))(
  'one connection is in a thousand rooms, hears of each, and catches up with all of them when it is back',
  { timeout: 150_000 },
  async () => {
    await using server = await ServerProcess.start({ options });
    await using relay = await startTcpRelay(server.url);
    const client = createClient({
      url: `${relay.url.replace('http', 'ws')}/ws`,
      token: () => server.tokenOf('sdk'),
      webSocket: WebSocket,
      timing: { reconnectBaseMs: 20, reconnectCapMs: 200 },
    });
    await client.connect();
    const inSdk = await inPortions(rooms, atOnce, (room) => client.join(room));

    const raw = await Member.open(server);
    const connected = await raw.get<ConnectResponse>('session.connect', { token: server.tokenOf('raw') });
    const cursors = new Map<string, Cursor>();
    await inPortions(rooms, atOnce, async (room) => {
      const { log } = await raw.get<RoomSnapshot>('room.join', { room });
      cursors.set(room, toCursor(log));
    });
    const oneMore = await raw.call('room.join', { room: 'one-more' });
    expect(oneMore.error).toMatchObject({
      message: 'A session can be in 1000 rooms at once.',
      data: { reason: 'TOO_MANY_ROOMS_JOINED', details: { limit: roomCount } },
    });

    await writeEverywhere(server, 'first');
    const heardIn = (room: string) => raw.heard(room).some(({ clientId }) => clientId === `first-${room}`);
    await eventually(() => rooms.every(heardIn), 'a message of each room');
    await eventually(
      () => inSdk.every((room) => hasIn(room, `first-${room.name}`)),
      'a message of each room at the SDK',
    );

    raw.socket.ws.terminate();
    relay.cut();
    await writeEverywhere(server, 'second');
    const syncs = 'parley_call_seconds_count{method="log.sync",outcome="ok"}';
    const syncsBefore = await server.metric(syncs);
    relay.mend();
    await eventually(() => inSdk.every((room) => hasIn(room, `second-${room.name}`)), 'all rooms at the SDK', 20_000);
    const syncCalls = (await server.metric(syncs)) - (Number.isNaN(syncsBefore) ? 0 : syncsBefore);
    expect(syncCalls).toBeGreaterThanOrEqual(roomCount / roomsOfSync);
    expect(syncCalls).toBeLessThan((2 * roomCount) / roomsOfSync);
    await client.close();

    const back = await Member.open(server);
    const { sessionId, resumeSecret: secret } = connected;
    const token = server.tokenOf('raw');
    const resumed = await back.get<ConnectResponse>('session.connect', { token, resume: { sessionId, secret } });
    expect(resumed.resumed).toBe(true);
    expect(resumed.rooms.map(({ room }) => room).sort()).toEqual([...rooms].sort());
    const found = await syncAll(back, cursors);
    for (const room of rooms) expect(found.get(room), room).toEqual([`first-${room}`, `second-${room}`]);
    back.socket.ws.terminate();
  },
);
