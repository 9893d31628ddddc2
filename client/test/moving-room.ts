// Somebody in a room who goes on at another node, with what the nodes say of the others at will.

import { expect } from 'vitest';
import type { ConsumeResponse, ProducerInfo, RoomSnapshot } from '../../proto/gen/types.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { Client, Room, TrackSource } from '../src/index.ts';
import { createFakeDevice } from './fake-device.ts';
import { consumeResponse, createMediaAnswers } from './media-answers.ts';
import { routerCapabilities } from './router-capabilities.ts';
import {
  connectResponse,
  type Refusal,
  type ScriptedConnection,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts';
import { peerInfo, producerInfo, roomSnapshot } from './snapshots.ts';
import { createTestClient } from './test-client.ts';
import { watchHoles } from './watch-holes.ts';

export interface MovingRoom extends AsyncDisposable {
  readonly client: Client;
  readonly room: Room;
  /** To the node where the client is. */
  readonly connection: ScriptedConnection;
  /** What `a` sends of the source, told by that node. */
  added(producerId: string, replacesProducerId?: string): void;
  closed(producerId: string): void;
  /** Until it is called, that track can be consumed nowhere. */
  hold(producerId: string): () => void;
  refuse(producerId: string, refusal: Refusal): void;
  /** Loses the connection, and comes back to a node that says so. */
  comeBack(...producerIds: string[]): Promise<void>;
  /** To the other node, which says that `a` sends these. */
  move(snapshot: RoomSnapshot): Promise<void>;
  received(producerId: string): Promise<unknown>;
  /** What is received now: that track alone, and there was never nothing. */
  handedOverTo(producerId: string): Promise<void>;
  /** How often nothing of `a` was there any more, for a moment or longer. */
  readonly holes: number;
}

/** On the first node, where `a` sends `a1`. */
export async function startMovingRoom(
  source: TrackSource,
  { autoSubscribe = true }: { autoSubscribe?: boolean } = {},
): Promise<MovingRoom> {
  const held = new Map<string, Promise<Refusal | undefined>>();
  const nodes = [await startNode(source, held), await startNode(source, held)];
  const [first, second] = nodes as [MovingNode, MovingNode];
  first.snapshot = snapshotOf(source, 'a1');
  const test = createTestClient({ server: first.server, autoSubscribe, device: createFakeDevice });
  await test.client.connect();
  const room = await test.client.join('standup');
  let at = first;
  const holes = watchHoles(room, source);
  const about = { room: 'standup', peerId: 'a' };
  const moving: MovingRoom = {
    client: test.client,
    room,
    get connection() {
      return at.server.connections.at(-1) as ScriptedConnection;
    },
    get holes() {
      return holes.count;
    },
    added(producerId, replacesProducerId) {
      const producer = sentBy(source, producerId);
      const replaces = replacesProducerId === undefined ? {} : { replacesProducerId };
      moving.connection.event('producerAdded', { ...about, producer, ...replaces });
    },
    closed(producerId) {
      moving.connection.event('producerClosed', { ...about, producerId });
    },
    hold(producerId) {
      let release = () => {};
      held.set(producerId, new Promise((resolve) => (release = () => resolve(undefined))));
      return () => release();
    },
    refuse: (producerId, refusal) => void held.set(producerId, Promise.resolve(refusal)),
    async comeBack(...producerIds) {
      at.snapshot = { ...snapshotOf(source, ...producerIds), mediaEpoch: at.snapshot.mediaEpoch };
      const before = at.server.connections.length;
      moving.connection.kill();
      await at.server.connected(before);
      await eventually(() => test.client.state === 'connected', 'the return');
    },
    async move(snapshot) {
      const url = `http://127.0.0.1:${second.server.port}`;
      second.snapshot = { ...snapshot, mediaEpoch: 77 };
      moving.connection.event('moveRequested', { url, retryAfterMs: 0, deadlineMs: 10_000 });
      at = second;
      await second.server.connected(0);
      await eventually(async () => {
        await test.client.ping().catch(() => {});
        return second.server.connections[0]?.called('session.ping').length;
      }, 'calls to go to the other node');
    },
    received: (producerId) => eventually(() => room.remoteTracks.get(producerId), `the track ${producerId}`),
    async handedOverTo(producerId) {
      await moving.received(producerId);
      expect([[...room.remoteTracks.keys()], holes.count]).toEqual([[producerId], 0]);
    },
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
      for (const { server } of nodes) await server[Symbol.asyncDispose]();
    },
  };
  return moving;
}

/** A room in which `a` sends these. */
export function snapshotOf(source: TrackSource, ...producerIds: string[]): RoomSnapshot {
  const producers = producerIds.map((producerId) => sentBy(source, producerId));
  return roomSnapshot({ peers: [peerInfo('a', { producers })] });
}

interface MovingNode {
  readonly server: ScriptedServer;
  snapshot: RoomSnapshot;
}

async function startNode(
  source: TrackSource,
  held: ReadonlyMap<string, Promise<Refusal | undefined>>,
): Promise<MovingNode> {
  let consumers = 0;
  const server = await startScriptedServer({
    ...createMediaAnswers(),
    'room.join': () => node.snapshot,
    'session.connect': ({ resume }) =>
      connectResponse({ resumed: resume !== undefined, rooms: resume ? [node.snapshot] : [] }),
    'media.consume': async ({ producerId }) => {
      const refusal = await held.get(producerId);
      if (refusal) return refusal;
      consumers += 1;
      return { ...consumeResponse(producerId, consumers), ...(source === 'camera' && picture(consumers)) };
    },
  });
  const node = { server, snapshot: roomSnapshot() };
  return node;
}

function sentBy(source: TrackSource, producerId: string): ProducerInfo {
  return producerInfo(producerId, { source, kind: source === 'microphone' ? 'audio' : 'video' });
}

function picture(n: number): Pick<ConsumeResponse, 'kind' | 'rtpParameters'> {
  const [, codec] = routerCapabilities.codecs;
  return {
    kind: 'video',
    rtpParameters: {
      mid: String(n),
      codecs: [
        {
          mimeType: 'video/VP8',
          payloadType: codec?.preferredPayloadType ?? 0,
          clockRate: 90_000,
          parameters: {},
          rtcpFeedback: [],
        },
      ],
      headerExtensions: [],
      encodings: [{ ssrc: 20_000 + n }],
      rtcp: { cname: 'cname', reducedSize: true },
    },
  };
}
