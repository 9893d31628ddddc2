import type { MessageLimits } from '../messages/limits.ts';

export interface FramerUser {
  message(bytes: Buffer): void;
  /** CRLF CRLF between messages; it wants a CRLF (RFC 5626 section 4.4.1). */
  ping(): void;
  /** CRLF between messages. */
  pong(): void;
}

const [cr, lf] = [0x0d, 0x0a];
const lengthField = /\r\n(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*(?=\r\n)/i;

/**
 * Cuts a stream into messages by Content-Length (RFC 3261 section 18.3). What cannot be cut ends the connection: nobody knows
 * where the next message begins.
 */
export class StreamFramer {
  readonly #limits: MessageLimits;
  readonly #user: FramerUser;
  #chunks: Buffer[] = [];
  #size = 0;
  /** How many bytes the message under way has, once its head was read. */
  #needed: number | undefined;
  /** In the head: up to where no end was found, so that a slow sender costs nothing twice. */
  #searched = 0;

  constructor(limits: MessageLimits, user: FramerUser) {
    this.#limits = limits;
    this.#user = user;
  }

  /** Bytes of a message that is not whole. */
  get pending(): number {
    return this.#size;
  }

  /** @throws {RangeError} that says what was wrong, without any of the bytes. The connection is of no use then. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#needed !== undefined && this.#size < this.#needed) return;
    let rest = this.#joined();
    for (;;) {
      if (this.#needed === undefined) rest = this.#skipKeepAlive(rest);
      const needed = this.#needed ?? this.#readHead(rest);
      if (needed === undefined || rest.length < needed) break;
      this.#needed = undefined;
      this.#searched = 0;
      this.#user.message(rest.subarray(0, needed));
      rest = rest.subarray(needed);
    }
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
  }

  #joined(): Buffer {
    const [first, ...others] = this.#chunks;
    return others.length === 0 && first !== undefined ? first : Buffer.concat(this.#chunks);
  }

  #skipKeepAlive(bytes: Buffer): Buffer {
    let at = 0;
    while (bytes[at] === cr && bytes[at + 1] === lf) {
      const double = bytes[at + 2] === cr && bytes[at + 3] === lf;
      at += double ? 4 : 2;
      if (double) this.#user.ping();
      else this.#user.pong();
    }
    return bytes.subarray(at);
  }

  #readHead(bytes: Buffer): number | undefined {
    const end = bytes.indexOf('\r\n\r\n', Math.max(this.#searched - 3, 0));
    this.#searched = bytes.length;
    const head = end < 0 ? bytes.length : end;
    if (head > this.#limits.headBytes) throw new RangeError('the header is too long');
    if (end < 0) return undefined;
    const length = lengthField.exec(bytes.toString('latin1', 0, end + 2))?.[1];
    if (length === undefined) throw new RangeError('no Content-Length');
    if (Number(length) > this.#limits.bodyBytes) throw new RangeError('the body is too long');
    this.#needed = end + 4 + Number(length);
    return this.#needed;
  }
}
