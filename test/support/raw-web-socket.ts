// WebSocket frames (RFC 6455 section 5.2) over plain TCP, for what a well-behaved client library would not do: malformed
// frames, readers that stop reading, and load that costs next to nothing to make.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame of a client: masked, with a mask that changes nothing. */
export function clientFrame(payload: string | Uint8Array, opcode: number = opcodes.text): Buffer {
  const bytes = Buffer.from(payload);
  const header =
    bytes.length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | bytes.length])
      : bytes.length < 65_536
        ? Buffer.from([0x80 | opcode, 0x80 | 126, bytes.length >> 8, bytes.length & 255])
        : longHeader(opcode, bytes.length);
  return Buffer.concat([header, Buffer.alloc(4), bytes]);
}

function longHeader(opcode: number, length: number): Buffer {
  const header = Buffer.alloc(10);
  header[0] = 0x80 | opcode;
  header[1] = 0x80 | 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Cuts bytes into frames; what is left of an unfinished one waits for more. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): ServerFrame[] {
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const frames: ServerFrame[] = [];
    for (;;) {
      const size = frameSize(rest);
      if (size === undefined || rest.length < size.header + size.payload) break;
      const end = size.header + size.payload;
      frames.push({ opcode: (rest[0] ?? 0) & 15, payload: rest.subarray(size.header, end) });
      rest = rest.subarray(end);
    }
    this.#rest = rest;
    return frames;
  }
}

function frameSize(bytes: Buffer): { header: number; payload: number } | undefined {
  const length = (bytes[1] ?? 0) & 127;
  if (bytes.length < 2) return undefined;
  if (length < 126) return { header: 2, payload: length };
  if (length === 126) return bytes.length < 4 ? undefined : { header: 4, payload: bytes.readUInt16BE(2) };
  return bytes.length < 10 ? undefined : { header: 10, payload: Number(bytes.readBigUInt64BE(2)) };
}

export interface UpgradeRequest {
  readonly port: number;
  readonly path: string;
  readonly subprotocol?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The socket of a WebSocket that was let in. @throws {Error} with the status line when it was not. */
export async function openRawWebSocket({ port, path, subprotocol, headers = {} }: UpgradeRequest): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  const lines = {
    Host: `127.0.0.1:${port}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...(subprotocol === undefined ? {} : { 'Sec-WebSocket-Protocol': subprotocol }),
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${path} HTTP/1.1\r\n${head.join('')}\r\n`);
  let answer = Buffer.alloc(0);
  while (!answer.includes('\r\n\r\n')) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    answer = Buffer.concat([answer, chunk]);
  }
  socket.pause();
  const statusLine = answer.toString('latin1').split('\r\n', 1)[0] ?? '';
  if (!statusLine.includes(' 101 ')) {
    socket.destroy();
    throw new Error(statusLine);
  }
  const rest = answer.subarray(answer.indexOf('\r\n\r\n') + 4);
  if (rest.length > 0) socket.unshift(rest);
  return socket;
}
