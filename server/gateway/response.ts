import { STATUS_CODES } from 'node:http';
import { readPieces } from './file-pieces.ts';
import type { FileBody, HttpAnswer } from './listener.ts';

/** Larger bodies are handed over in pieces as the client reads, so that a slow one costs no memory. */
const wholeBodyBytes = 64 * 1024;

/** What uWebSockets.js gives for a request, as far as it is answered with. Gone once it was aborted. */
interface RawResponse {
  onAborted(handler: () => void): unknown;
  cork(write: () => void): unknown;
  writeStatus(status: string): unknown;
  writeHeader(name: string, value: string): unknown;
  end(body?: string | Uint8Array, closeConnection?: boolean): unknown;
  endWithoutBody(): unknown;
  tryEnd(body: Uint8Array, totalBytes: number): readonly [boolean, boolean];
  onWritable(handler: (offset: number) => boolean): unknown;
  getWriteOffset(): number;
  close(): unknown;
}

/** A response that is sent at most once and not after it was aborted. */
export class Response {
  withoutBody = false;
  #res: RawResponse | undefined;
  #open: Set<Response> | undefined;
  /** Called when the client is gone, by whoever waits for it. */
  #onGone = () => {};

  constructor(res: RawResponse) {
    this.#res = res;
    res.onAborted(() => {
      this.#done();
      this.#onGone();
    });
  }

  /** Counts it there until it was sent or aborted. */
  countAs(open: Set<Response>): void {
    this.#open = open;
    open.add(this);
  }

  #done(): void {
    this.#res = undefined;
    this.#open?.delete(this);
  }

  send({ status, headers = {}, body = '' }: HttpAnswer, closeConnection = false): void {
    const res = this.#res;
    if (!res) return;
    const writeHead = headOf(status, headers);
    this.#done();
    res.cork(() => {
      writeHead(res);
      if (this.withoutBody) {
        res.writeHeader('content-length', String(Buffer.byteLength(body)));
        endWithoutBody(res);
      }
      // RFC 9110 sections 15.3.5 and 15.4.5: neither has a body, nor a Content-Length of one.
      else if (status === 204 || status === 304) endWithoutBody(res);
      else if (typeof body === 'string' || body.length <= wholeBodyBytes) res.end(body, closeConnection);
      else this.#sendInPieces(res, body);
    });
  }

  /** Resolves when all of it went out, or the client is gone. @throws {Error} when it cannot be read, from the start on. */
  async sendFile({ status, headers = {} }: HttpAnswer, file: FileBody): Promise<void> {
    const total = file.end - file.start;
    const writeHead = headOf(status, headers);
    if (this.withoutBody || total === 0) {
      const res = this.#res;
      this.#done();
      res?.cork(() => {
        writeHead(res);
        if (total > 0) res.writeHeader('content-length', String(total));
        if (this.withoutBody) endWithoutBody(res);
        else res.end();
      });
      return;
    }
    let hasBegun = false;
    try {
      for await (const piece of readPieces(file)) {
        const res = this.#res;
        if (!res) return;
        if (!hasBegun) res.cork(() => writeHead(res));
        hasBegun = true;
        await this.#sendPiece(res, piece, total);
      }
    } catch (error) {
      if (!hasBegun) throw error;
      // Its length was promised: the end of the connection tells that there is less.
      this.#res?.close();
    }
    this.#done();
  }

  /** Resolves when the kernel has it all, or the client is gone. */
  #sendPiece(res: RawResponse, piece: Uint8Array, total: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onGone = resolve;
      const before = res.getWriteOffset();
      let isTaken = false;
      res.cork(() => {
        const [ok, ended] = res.tryEnd(piece, total);
        isTaken = ok || ended;
      });
      if (isTaken) {
        resolve();
        return;
      }
      res.onWritable((offset) => {
        if (!this.#res) return true;
        const [ok, ended] = res.tryEnd(piece.subarray(offset - before), total);
        if (ok || ended) resolve();
        return ok;
      });
    });
  }

  #sendInPieces(res: RawResponse, body: Uint8Array): void {
    const start = res.getWriteOffset();
    const [, sentAll] = res.tryEnd(body, body.length);
    if (sentAll) return;
    // Still ours to write to until it ends or is aborted.
    this.#res = res;
    res.onWritable((offset) => {
      if (!this.#res) return true;
      const [ok, ended] = res.tryEnd(body.subarray(offset - start), body.length);
      if (ended) this.#done();
      return ok;
    });
  }
}

/** Given a length, even undefined, the engine writes it but never ends the answer: the next request would wait for ever. */
function endWithoutBody(res: RawResponse): void {
  res.endWithoutBody();
}

/** @throws {TypeError} for a header with a line break. */
function headOf(status: number, headers: Readonly<Record<string, string>>): (res: RawResponse) => void {
  const lines = Object.entries(headers).map(([name, value]) => [name, withoutLineBreaks(value)] as const);
  return (res) => {
    res.writeStatus(`${status} ${STATUS_CODES[status] ?? ''}`);
    for (const [name, value] of lines) res.writeHeader(name, value);
  };
}

/** @throws {TypeError} for a value that would end the header and start another. */
function withoutLineBreaks(value: string): string {
  if (/[\r\n\0]/.test(value)) throw new TypeError('a header of an answer holds a line break');
  return value;
}
