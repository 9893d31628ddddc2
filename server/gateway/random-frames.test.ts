// Whatever comes in: the process lives, the memory returns, and the next client is served.

import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { encodeMessage } from '../../proto/binary.ts';
import { createEchoEdges } from '../../test/support/echo-edges.ts';
import { eventually } from '../../test/support/eventually.ts';
import { createRandom } from '../../test/support/random.ts';
import { clientFrame, opcodes, openRawWebSocket } from '../../test/support/raw-web-socket.ts';
import { TestSocket } from '../../test/support/rpc-client.ts';
import { startGateway } from '../../test/support/start-gateway.ts';

const seed = 20_261_121;
const frames = 10_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const samples: readonly Buffer[] = [
  Buffer.from('{"jsonrpc":"2.0","id":1,"method":"session.ping","params":{"payload":"x"}}'),
  Buffer.from('{"jsonrpc":"2.0","id":"a","method":"chat.send","params":{"room":"a","text":"hello"}}'),
  Buffer.from('[{"jsonrpc":"2.0","id":1,"method":"session.ping"}]'),
  Buffer.from('{"type":"message","content":"hello","user":"a"}'),
  Buffer.from(
    encodeMessage('ClientFrame', {
      id: 1,
      method: 'session.ping',
      params: encodeMessage('PingRequest', { payload: 'x' }),
    }),
  ),
  Buffer.from(
    encodeMessage('ClientFrame', { id: 2, method: 'room.join', params: encodeMessage('JoinRequest', { room: 'a' }) }),
  ),
];

/** Random bytes, or a message that makes sense with some bytes changed, cut off or repeated. */
function randomPayload(random: () => number): Buffer {
  const upTo = (limit: number) => Math.floor(random() * limit);
  if (random() < 0.3) return Buffer.from(Array.from({ length: upTo(200) }, () => upTo(256)));
  const bytes = Buffer.from(samples[upTo(samples.length)] as Buffer);
  for (let changes = upTo(4); changes > 0; changes--) bytes[upTo(bytes.length)] = upTo(256);
  if (random() < 0.2) return bytes.subarray(0, upTo(bytes.length));
  return random() < 0.1 ? Buffer.concat(new Array<Buffer>(upTo(50)).fill(bytes)) : bytes;
}

/** Mostly a frame with a random payload; sometimes the frame itself is broken. */
function randomFrame(random: () => number): Buffer {
  const payload = randomPayload(random);
  if (random() < 0.9) return clientFrame(payload, random() < 0.5 ? opcodes.text : opcodes.binary);
  const frame = clientFrame(payload, Math.floor(random() * 16));
  if (random() < 0.5) frame[Math.floor(random() * 6)] = Math.floor(random() * 256);
  return frame;
}

function writable(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('drain', resolve);
    socket.once('close', () => resolve());
  });
}

const paths = [
  { path: '/ws', subprotocol: 'parley.v1.json' },
  { path: '/ws', subprotocol: 'parley.v1.protobuf' },
  { path: '/chat?room=a' },
];

test(`${frames} random frames end no more than their connections`, { timeout: 120_000 }, async () => {
  const edges = createEchoEdges();
  await using server = await startGateway({}, { edges });
  const random = createRandom(seed);
  let sent = 0;

  async function sendUntilClosed(): Promise<void> {
    const target = paths[Math.floor(random() * paths.length)] ?? { path: '/ws' };
    const socket: Socket = await openRawWebSocket({ port: server.port, ...target });
    let open = true;
    socket.on('error', () => {});
    socket.once('close', () => {
      open = false;
    });
    socket.resume();
    while (open && sent < frames) {
      sent++;
      const accepted = socket.write(randomFrame(random));
      if (!accepted) await writable(socket);
      else if (sent % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    socket.destroy();
  }

  const heap = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  for (let n = 0; n < 50; n++) await sendUntilClosed();
  const heapBefore = heap();
  while (sent < frames) await sendUntilClosed();

  await eventually(
    () => Object.values(server.gateway.stats().connections).every((count) => count === 0),
    'the end of all connections',
  );
  expect(edges.links.size).toBe(0);
  await eventually(() => heap() - heapBefore < 16 * 1024 * 1024, 'the memory to return');
  expect(server.gateway.stats().malformedFrames).toBeGreaterThan(500);
  expect(server.logged.filter(({ level }) => level === 'error')).toEqual([]);

  const client = await new TestSocket(`${server.wsOrigin}/ws`).opened();
  expect((await client.call(1, 'session.ping', { payload: 'alive' })).result).toEqual({ payload: 'alive' });
});
