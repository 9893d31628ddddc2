// Clients that stop reading, through the real engine and the kernel's buffers.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { EventMessage } from '../../core/event-message.ts';
import { createEchoEdges, type EchoEdges, toRecord } from '../../test/support/echo-edges.ts';
import { eventually } from '../../test/support/eventually.ts';
import {
  clientFrame,
  FrameReader,
  opcodes,
  openRawWebSocket,
  type ServerFrame,
} from '../../test/support/raw-web-socket.ts';
import { TestSocket } from '../../test/support/rpc-client.ts';
import { type RunningGateway, startGateway } from '../../test/support/start-gateway.ts';

const text = 'x'.repeat(16_000);
/** What comes once and cannot be had later. */
const control = () =>
  new EventMessage('peersLeft', { room: 'a', peers: [{ peerId: 'p', reason: 'left', name: text }], peerCount: 1 });
const records = (seq: number) =>
  new EventMessage('logRecords', { room: 'a', epoch: 'e', records: [toRecord(seq, { text, name: 'n' })] });
const speaker = () => new EventMessage('activeSpeakerChanged', { room: 'a', peerId: 'p' });

async function joinAndStall(server: RunningGateway, path: string): Promise<Socket> {
  const socket = await openRawWebSocket({ port: server.port, path });
  if (path === '/ws') socket.write(clientFrame('{"jsonrpc":"2.0","id":1,"method":"room.join","params":{"room":"a"}}'));
  return socket;
}

/** Everything that is there for a client that starts to read, until the connection ends. */
async function readToEnd(socket: Socket): Promise<ServerFrame[]> {
  const reader = new FrameReader();
  const frames: ServerFrame[] = [];
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) =>
    frames.push(...reader.push(chunk).map(({ opcode, payload }) => ({ opcode, payload: Buffer.from(payload) }))),
  );
  socket.resume();
  await once(socket, 'close');
  return frames;
}

/** The numbers of the records among messages of either protocol. */
function seqsOf(received: readonly unknown[]): number[] {
  return received.flatMap((message) => {
    const { seq, method, params } = message as {
      seq?: number;
      method?: string;
      params?: { records: { seq: number }[] };
    };
    if (seq !== undefined) return [seq];
    return method === 'logRecords' ? (params?.records.map((record) => record.seq) ?? []) : [];
  });
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Posts in many turns, as a busy room does, until the condition holds. */
async function broadcastUntil(edges: EchoEdges, event: () => EventMessage, done: () => boolean): Promise<void> {
  for (let n = 0; !done(); n++) {
    if (n > 20_000) throw new Error('nothing ever came of it');
    edges.broadcast('a', event());
    if (n % 4 === 0) await turn();
  }
}

test.each(['/ws', '/chat?room=a'])(
  'a reader of %s that stalls is told so and closed, with the memory bounded',
  async (path) => {
    const edges = createEchoEdges();
    await using server = await startGateway({}, { edges });
    const reading = await new TestSocket(`${server.wsOrigin}/ws`, ['parley.v1.json']).opened();
    await reading.call(1, 'room.join', { room: 'a' });
    const stalled = await joinAndStall(server, path);
    await eventually(() => edges.roomSize('a') === 2, 'both in the room');
    const rssBefore = process.memoryUsage().rss;
    await broadcastUntil(edges, control, () => server.gateway.stats().slowConsumersClosed === 1);
    expect(process.memoryUsage().rss - rssBefore).toBeLessThan(200 * 1024 * 1024);
    expect(server.gateway.stats().connections).toMatchObject({ json: 1, chat: 0 });

    const frames = await readToEnd(stalled);
    const close = frames.at(-1);
    expect(close?.opcode).toBe(opcodes.close);
    expect(close?.payload.readUInt16BE(0)).toBe(4429);
    expect(close?.payload.subarray(2).toString()).toBe('SLOW_CONSUMER');
    const lastWords = JSON.parse(String(frames.at(-2)?.payload));
    expect(lastWords).toMatchObject(
      path === '/ws'
        ? { method: 'sessionClosing', params: { reason: 'SLOW_CONSUMER', retryAfterMs: expect.any(Number) } }
        : { type: 'error', reason: 'SLOW_CONSUMER' },
    );
    // The others lost nothing, and what the stalled one got has no hole.
    const sent = server.gateway.stats();
    expect(sent.ephemeralDropped).toBe(0);
    await reading.call(2, 'session.ping');
    expect(frames.filter(({ opcode }) => opcode === opcodes.text).length).toBeGreaterThan(50);
    expect(reading.closed).toBeUndefined();
    expect(server.logged.filter(({ level }) => level === 'error')).toEqual([]);
  },
);

test('a reader that is behind loses ephemeral events only, and none once it has caught up', async () => {
  const edges = createEchoEdges();
  await using server = await startGateway({}, { edges });
  const stalled = await joinAndStall(server, '/ws');
  await eventually(() => edges.roomSize('a') === 1, 'the join');
  let sent = 0;
  const dropped = () => server.gateway.stats().ephemeralDropped;
  await broadcastUntil(
    edges,
    () => {
      edges.broadcast('a', speaker());
      sent++;
      return records(sent);
    },
    () => dropped() >= 50,
  );
  expect(server.gateway.stats().slowConsumersClosed).toBe(0);

  const reader = new FrameReader();
  let messages = 0;
  let speakers = 0;
  stalled.on('data', (chunk: Buffer) => {
    for (const { payload } of reader.push(chunk)) {
      const name = payload.subarray(0, 60).toString();
      if (name.includes('"logRecords"')) messages++;
      if (name.includes('"activeSpeakerChanged"')) speakers++;
    }
  });
  stalled.resume();
  await eventually(() => messages === sent, 'every message');
  const droppedBefore = dropped();
  expect(speakers).toBe(sent - droppedBefore);
  edges.broadcast('a', speaker());
  await eventually(() => speakers === sent - droppedBefore + 1, 'the ephemeral event of one who caught up');
  stalled.destroy();
});

test.each(['/ws', '/chat?room=a'])(
  'a stalled reader of a flooded room costs a megabyte at most, and gets all of it in order once it reads on (%s)',
  async (path) => {
    const edges = createEchoEdges();
    await using server = await startGateway({}, { edges });
    const reading = await new TestSocket(`${server.wsOrigin}/ws`, ['parley.v1.json']).opened();
    await reading.call(1, 'room.join', { room: 'a' });
    const stalled = await joinAndStall(server, path);
    await eventually(() => edges.roomSize('a') === 2, 'both in the room');
    let sent = 0;
    let mostUnsent = 0;
    let sentWhenPulling = 0;
    // Twice what the kernel had room for, and 16 MB at least.
    await broadcastUntil(
      edges,
      () => records(++sent),
      () => {
        const { logPulls, unsentBytes } = server.gateway.stats();
        mostUnsent = Math.max(mostUnsent, unsentBytes);
        if (logPulls > 0 && sentWhenPulling === 0) sentWhenPulling = sent;
        return sentWhenPulling > 0 && sent > Math.max(2 * sentWhenPulling, 1_000);
      },
    );
    await eventually(() => seqsOf(reading.received).length === sent, 'the other reader');
    expect(mostUnsent).toBeLessThan(1_048_576);
    expect(server.gateway.stats()).toMatchObject({ logPulls: 1, slowConsumersClosed: 0, ephemeralDropped: 0 });

    const reader = new FrameReader();
    const got: unknown[] = [];
    stalled.on('data', (chunk: Buffer) => {
      for (const { payload } of reader.push(chunk)) got.push(JSON.parse(payload.toString()));
    });
    stalled.resume();
    await eventually(() => seqsOf(got).length === sent, 'everything that it had missed');
    expect(seqsOf(got)).toEqual(Array.from({ length: sent }, (_, n) => n + 1));
    edges.broadcast('a', records(sent + 1));
    await eventually(() => seqsOf(got).length === sent + 1, 'what is pushed again');
    expect(server.logged.filter(({ level }) => level === 'error')).toEqual([]);
    stalled.destroy();
  },
);

test('a reader that pulls still gets what is no event of the log, in its order', async () => {
  const edges = createEchoEdges();
  await using server = await startGateway({}, { edges });
  const stalled = await joinAndStall(server, '/ws');
  await eventually(() => edges.roomSize('a') === 1, 'the join');
  let sent = 0;
  await broadcastUntil(
    edges,
    () => records(++sent),
    () => server.gateway.stats().logPulls === 1,
  );
  edges.broadcast('a', control());
  const reader = new FrameReader();
  const methods: unknown[] = [];
  stalled.on('data', (chunk: Buffer) => {
    for (const { payload } of reader.push(chunk)) methods.push(JSON.parse(payload.toString()).method);
  });
  stalled.resume();
  await eventually(() => methods.filter((method) => method === 'logRecords').length === sent, 'the records');
  expect(methods.filter((method) => method === 'peersLeft')).toHaveLength(1);
  stalled.destroy();
});

test('a client that asks and never reads its answers is closed as well', async () => {
  await using server = await startGateway();
  const socket = await joinAndStall(server, '/ws');
  socket.on('error', () => {});
  const ping = clientFrame(
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'session.ping', params: { payload: 'x'.repeat(30_000) } }),
  );
  const batch = Buffer.concat(new Array<Buffer>(20).fill(ping));
  while (server.gateway.stats().slowConsumersClosed === 0) {
    socket.write(batch);
    await turn();
  }
  expect(server.gateway.stats().connections.json).toBe(0);
  socket.destroy();
});
