// A WebSocket client that costs next to nothing: one buffer for all sockets, frames counted, payloads read where somebody
// asks for them.

import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { clientFrame, opcodes } from '../../../test/support/raw-web-socket.ts';
import { FrameCounter } from '../../support/frame-counter.ts';

export interface Address {
  readonly port: number;
  readonly path: string;
  readonly subprotocol?: string | undefined;
}

const readBuffer = Buffer.alloc(65_536);
const headEnd = Buffer.from('\r\n\r\n');

export class RawClient {
  readonly counter: FrameCounter;
  /** Called for each message once {@link readAll} was. The bytes are valid during the call. */
  onPayload: (payload: Buffer, opcode: number) => void = () => {};
  onClose: () => void = () => {};
  bytes = 0;
  readonly #socket: Socket;
  #head: Buffer | undefined = Buffer.alloc(0);

  private constructor({ port, path, subprotocol }: Address, onOpen: (error?: Error) => void) {
    this.counter = new FrameCounter({ onPayload: (payload, opcode) => this.#take(payload, opcode) });
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (count) => {
          const bytes = readBuffer.subarray(0, count);
          if (this.#head === undefined) {
            this.bytes += count;
            this.counter.push(bytes);
          } else this.#readHead(this.#head, bytes, onOpen);
          return true;
        },
      },
    });
    this.#socket.on('error', onOpen);
    this.#socket.on('close', () => this.onClose());
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
    ];
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  }

  /** `prepare` runs before the first message can arrive. @throws {Error} when the upgrade was refused. */
  static open(address: Address, prepare: (client: RawClient) => void = () => {}): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const client: RawClient = new RawClient(address, (error) => (error ? reject(error) : resolve(client)));
      prepare(client);
    });
  }

  /** From here on each message is given to {@link onPayload}. */
  readAll(wanted = true): void {
    this.counter.wantsPayload = wanted;
  }

  send(frame: Buffer): void {
    this.#socket.write(frame);
  }

  /** Stops reading; what the server sends stays in the kernel, and then with the server. */
  stall(): void {
    this.#socket.pause();
  }

  goOn(): void {
    this.#socket.resume();
  }

  /** As a lost network: no close frame. */
  drop(): void {
    this.#socket.resetAndDestroy();
  }

  #readHead(before: Buffer, bytes: Buffer, onOpen: (error?: Error) => void): void {
    const head = Buffer.concat([before, bytes]);
    const end = head.indexOf(headEnd);
    this.#head = head;
    if (end < 0) return;
    this.#head = undefined;
    const status = head.toString('latin1', 0, head.indexOf('\r\n'));
    onOpen(status.includes(' 101 ') ? undefined : new Error(status));
    if (head.length > end + 4) this.counter.push(head.subarray(end + 4));
  }

  #take(payload: Buffer, opcode: number): void {
    if (opcode === opcodes.ping) this.send(clientFrame(payload, opcodes.pong));
    // Engine.IO pings in a text of its own.
    else if (opcode === opcodes.text && payload.length === 1 && payload[0] === 0x32) this.send(clientFrame('3'));
    else if (opcode < 8) this.onPayload(payload, opcode);
  }
}
