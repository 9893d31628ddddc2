import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { FrameReader, writeFrame } from '../frame-reader.ts';

/** An application that speaks drachtio's protocol by itself, frame by frame. */
export class RawApp {
  readonly socket: Socket;
  readonly frames: string[] = [];
  closed = false;
  readonly #taken = new Set<number>();
  readonly #reader = new FrameReader();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('data', (chunk) => this.frames.push(...this.#reader.push(chunk)));
  }

  static async connect(port: number): Promise<RawApp> {
    const socket = connect(port, '127.0.0.1');
    const app = new RawApp(socket);
    await once(socket, 'connect');
    onTestFinished(() => void socket.destroy());
    return app;
  }

  send(payload: string): void {
    this.socket.write(writeFrame(payload));
  }

  /** What is said to one frame: `OK|pong`. */
  async ask(what: string): Promise<string> {
    const id = randomUUID();
    this.send(`${id}|${what}`);
    const answer = await this.next(`|response|${id}|`);
    return answer.slice(answer.indexOf(id) + id.length + 1);
  }

  /** The first frame with this text that nobody asked for yet. */
  next(text: string): Promise<string> {
    return eventually(() => {
      const at = this.frames.findIndex((frame, index) => !this.#taken.has(index) && frame.includes(text));
      if (at < 0) return undefined;
      this.#taken.add(at);
      return this.frames[at];
    }, `a frame with ${text}`);
  }
}

/** The transaction id of a `sip|network` frame. */
export function transactionOf(frame: string): string {
  return frame.split('|')[8] ?? '';
}

/** The dialog id of a `sip|network` frame. */
export function dialogOf(frame: string): string {
  return frame.split('\r\n', 1)[0]?.split('|')[9] ?? '';
}
