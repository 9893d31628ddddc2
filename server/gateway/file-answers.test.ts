import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readlink, rm, truncate, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { startListener } from '../../test/support/start-listener.ts';

const body = randomBytes(9_000_000);
let folder = '';
let path = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-files-'));
  path = join(folder, 'large');
  await writeFile(path, body);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const answering = (file: { path: string; start: number; end: number }) =>
  startListener({ request: () => async () => ({ status: 200, headers: { 'x-is': 'a file' }, file }) });

/** Whether this process has the file open. */
async function isOpen(file: string): Promise<boolean> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')),
  );
  return links.includes(file);
}

async function get(port: number, method = 'GET') {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`${method} / HTTP/1.1\r\nHost: h\r\n\r\n`);
  return socket;
}

test('a file reaches a client that reads it in small steps whole', async () => {
  using server = await answering({ path, start: 0, end: body.length });
  const socket = await get(server.port);
  socket.pause();
  const pieces: Buffer[] = [];
  let size = 0;
  while (size < body.length) {
    await once(socket, 'readable');
    for (let piece = socket.read(40_000) ?? socket.read(); piece; piece = socket.read(40_000) ?? socket.read()) {
      pieces.push(piece as Buffer);
      size += (piece as Buffer).length;
    }
  }
  const all = Buffer.concat(pieces);
  const start = all.indexOf('\r\n\r\n') + 4;
  expect(all.subarray(0, start).toString()).toMatch(/x-is: a file\r\n(.*\r\n)*content-length: 9000000\r\n/i);
  await eventually(() => size - start >= body.length, 'the rest');
  expect(all.subarray(start).equals(body)).toBe(true);
  socket.destroy();
});

test('a part of a file is that part, on a connection that goes on', async () => {
  using server = await answering({ path, start: 100_000, end: 300_001 });
  for (const _ of [1, 2]) {
    const answer = await fetch(`http://127.0.0.1:${server.port}/`);
    expect(answer.headers.get('content-length')).toBe('200001');
    expect(Buffer.from(await answer.arrayBuffer()).equals(body.subarray(100_000, 300_001))).toBe(true);
  }
  const head = await fetch(`http://127.0.0.1:${server.port}/`, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '200001']);
  using empty = await answering({ path, start: 5, end: 5 });
  expect(await (await fetch(`http://127.0.0.1:${empty.port}/`)).text()).toBe('');
});

test('a client that goes away in the middle leaves nothing open', async () => {
  using server = await answering({ path, start: 0, end: body.length });
  const socket = await get(server.port);
  await once(socket, 'data');
  socket.pause();
  expect(await isOpen(path)).toBe(true);
  socket.destroy();
  await eventually(async () => !(await isOpen(path)), 'the file is closed');
});

test('a file that is not there is 500, and one that became shorter ends the connection', async () => {
  using missing = await answering({ path: join(folder, 'missing'), start: 0, end: 10 });
  expect((await fetch(`http://127.0.0.1:${missing.port}/`)).status).toBe(500);
  const short = join(folder, 'short');
  await writeFile(short, body.subarray(0, 200_000));
  await truncate(short, 100_000);
  using server = await answering({ path: short, start: 0, end: 200_000 });
  const answer = await fetch(`http://127.0.0.1:${server.port}/`);
  await expect(answer.arrayBuffer()).rejects.toThrow();
});
