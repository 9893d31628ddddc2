// Text that is no text: RFC 6455 section 8.1 wants the connection to fail at bytes that are not UTF-8.

import { once } from 'node:events';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage, toPlain } from '../../proto/binary.ts';
import { createEchoEdges } from '../../test/support/echo-edges.ts';
import { eventually } from '../../test/support/eventually.ts';
import { clientFrame, FrameReader, opcodes, openRawWebSocket } from '../../test/support/raw-web-socket.ts';
import { TestSocket } from '../../test/support/rpc-client.ts';
import { startGateway } from '../../test/support/start-gateway.ts';

const ofWs = (text: string) => `{"jsonrpc":"2.0","id":1,"method":"chat.send","params":{"room":"a","text":"${text}"}}`;
const ofChat = (text: string) => `{"type":"message","content":"${text}"}`;

const notUtf8 = [
  ['a byte that begins nothing', [0xff]],
  ['a character that is cut off', [0xe2, 0x82]],
  ['a character in more bytes than it needs', [0xc0, 0xaf]],
  ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
] as const;

const cases = notUtf8.flatMap(([what, bytes]) => [
  { path: '/ws', what, bytes, write: ofWs },
  { path: '/chat?room=a', what, bytes, write: ofChat },
]);

test.each(cases)('a text frame with $what ends the connection ($path), and nobody gets it', async (given) => {
  const edges = createEchoEdges();
  await using server = await startGateway({}, { edges });
  const other = await new TestSocket(`${server.wsOrigin}/chat?room=a`).opened();
  const socket = await openRawWebSocket({ port: server.port, path: given.path });
  socket.on('error', () => {});
  const [head = '', tail = ''] = given.write('|').split('|');
  socket.write(clientFrame(Buffer.concat([Buffer.from(head), Buffer.from(given.bytes), Buffer.from(tail)])));
  socket.resume();
  await once(socket, 'close');
  await eventually(() => edges.links.size === 1, 'the end of the connection');
  expect(other.received).toEqual([]);
  expect(server.gateway.stats().messagesIn).toBe(0);
  expect(server.logged.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a text frame that is cut within a character is whole again, and taken', async () => {
  await using server = await startGateway();
  const socket = await openRawWebSocket({ port: server.port, path: '/chat?room=a' });
  const bytes = Buffer.from(ofChat('€'));
  const cut = bytes.indexOf(0x82);
  const first = clientFrame(bytes.subarray(0, cut));
  // Not the last of its message (RFC 6455 section 5.4).
  first[0] = opcodes.text;
  const last = clientFrame(bytes.subarray(cut), 0);
  const reader = new FrameReader();
  const got: string[] = [];
  socket.on('data', (chunk: Buffer) => got.push(...reader.push(chunk).map(({ payload }) => payload.toString())));
  socket.write(first);
  socket.write(last);
  socket.resume();
  expect(JSON.parse(await eventually(() => got[0], 'the echo'))).toMatchObject({ content: '€' });
  socket.destroy();
});

test('a protobuf string that is not UTF-8 is refused in words', async () => {
  const texts: unknown[] = [];
  const edges = createEchoEdges({ 'chat.send': ({ text }) => ({ seq: texts.push(text) }) });
  await using server = await startGateway({}, { edges });
  const client = await new TestSocket(`${server.wsOrigin}/ws`, ['parley.v1.protobuf']).opened();
  for (const { bytes } of cases) {
    const params = Buffer.from(encodeMessage('SendMessageRequest', { room: 'a', clientId: 'c', text: 'xyz' }));
    params.set(bytes, params.indexOf('xyz'));
    client.send(encodeMessage('ClientFrame', { id: 1, method: 'chat.send', params }));
  }
  expect(await client.closing()).toEqual({ code: 4400, reason: 'BAD_FRAME' });
  const answer = toPlain(decodeMessage('ServerFrame', client.received[0] as Uint8Array));
  expect(answer).toMatchObject({ id: 1, error: { reason: 'BAD_FRAME' } });
  expect(texts).toEqual([]);
});
