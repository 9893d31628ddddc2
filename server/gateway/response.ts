// One answer to one request, whatever becomes of its client meanwhile.

import { STATUS_CODES } from 'node:http';
import type { HttpAnswer } from './listener.ts';

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
}

/** A response that is sent at most once and not after it was aborted. */
export class Response {
  withoutBody = false;
  #res: RawResponse | undefined;
  #open: Set<Response> | undefined;

  constructor(res: RawResponse) {
    this.#res = res;
    res.onAborted(() => this.#done());
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
    const lines = Object.entries(headers).map(([name, value]) => [name, withoutLineBreaks(value)] as const);
    this.#done();
    res.cork(() => {
      res.writeStatus(`${status} ${STATUS_CODES[status] ?? ''}`);
      for (const [name, value] of lines) res.writeHeader(name, value);
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

/** @throws {TypeError} for a value that would end the header and start another. */
function withoutLineBreaks(value: string): string {
  if (/[\r\n\0]/.test(value)) throw new TypeError('a header of an answer holds a line break');
  return value;
}
