// Somebody in a room whose socket does what a test wants: it is read only as long as somebody reads it.

import type { Socket } from 'node:net';
import type { LogHead, RoomSnapshot } from '../../proto/gen/types.ts';
import { eventually } from '../support/eventually.ts';
import { clientFrame, FrameReader, opcodes, openRawWebSocket } from '../support/raw-web-socket.ts';
import type { ServerProcess } from '../support/server-process.ts';

export interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

export class RawMember {
  readonly socket: Socket;
  /** Where the room's log was when it joined. */
  head: LogHead = { epoch: '', seq: 0, messageId: '', firstSeq: 1, durability: 'memory' };
  /** The code and the reason of the server's close frame. */
  close: { readonly code: number; readonly reason: string } | undefined;
  readonly #frames = new FrameReader();
  /** What came before anybody listened. */
  #waiting: Message[] = [];
  #listener: (message: Message) => void = (message) => this.#waiting.push(message);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.resume();
  }

  static async join(server: ServerProcess, identity: string, room: string): Promise<RawMember> {
    const { port } = server;
    const member = new RawMember(await openRawWebSocket({ port, path: '/ws', subprotocol: 'parley.v1.json' }));
    await member.#call('connect', 'session.connect', { token: server.tokenOf(identity) });
    const { log } = (await member.#call('join', 'room.join', { room })) as RoomSnapshot;
    member.head = log;
    return member;
  }

  post(id: string, method: string, params: object): void {
    this.socket.write(clientFrame(JSON.stringify({ jsonrpc: '2.0', id, method, params })));
  }

  /** Everything that came and comes is for this listener. */
  listen(listener: (message: Message) => void): void {
    this.#listener = listener;
    for (const message of this.#waiting.splice(0)) listener(message);
  }

  /** What comes is thrown away unread: a reader that keeps up and costs nothing. */
  discard(): void {
    this.#waiting = [];
    this.socket.removeAllListeners('data');
    this.socket.resume();
  }

  /** While nobody listens. @throws {Error} when it was refused. */
  async #call(id: string, method: string, params: object): Promise<unknown> {
    this.post(id, method, params);
    const find = () => this.#waiting.find((message) => message.id === id);
    const { error, result } = await eventually(find, `the answer of ${method}`);
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  #read(chunk: Buffer): void {
    for (const { opcode, payload } of this.#frames.push(chunk)) {
      if (opcode === opcodes.text) this.#listener(JSON.parse(payload.toString()) as Message);
      else if (opcode === opcodes.close) {
        this.close = { code: payload.readUInt16BE(0), reason: payload.subarray(2).toString() };
      }
    }
  }
}
