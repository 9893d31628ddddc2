import type { MethodName, Methods, SessionClosing } from '../../proto/gen/types.ts';
import { type CallOptions, OpenCalls } from './calls.ts';
import type { Codec, ServerEvent } from './codec/codec.ts';
import { ParleyError, type SdkReason, sdkError } from './errors.ts';
import type { Lifetime } from './lifetime.ts';
import type { ClientTiming } from './timing.ts';
import { createDeferred, during, inNextTask, sleep, withTimeout } from './waiting.ts';
import type { WebSocketClass, WebSocketLike } from './web-socket.ts';

export interface ConnectionOptions {
  readonly url: string;
  readonly codec: Codec;
  readonly webSocket: WebSocketClass;
  readonly timing: ClientTiming;
  onEvent(event: ServerEvent): void;
  /** The connection is gone; said once, before the calls that were open fail. */
  onEnded(end: ConnectionEnd): void;
}

export interface ConnectionEnd {
  readonly error: ParleyError;
  /** What the server announced before it closed the connection. */
  readonly closing: SessionClosing | undefined;
}

/** Close codes of the server are 4000 plus an HTTP status; the close reason names the error (docs/errors.md). */
const firstServerCloseCode = 4000;
/** For the node to hear that another one has the session; closed sooner, it would say that its client is away. */
const retiredMs = 2_000;
/** `readyState` of a WebSocket. */
const closing = 2;

/**
 * One WebSocket from its opening to its end: frames, calls and their answers, pings. Coming back is the session's affair.
 * Frames are read strictly in order.
 */
export class Connection {
  readonly ended: Promise<ConnectionEnd>;
  /** Set once it has ended. */
  end: ConnectionEnd | undefined;
  /** Larger calls are refused here, for the server would close the connection. */
  maxFrameBytes = Number.POSITIVE_INFINITY;

  readonly #options: ConnectionOptions;
  readonly #socket: WebSocketLike;
  readonly #calls = new OpenCalls();
  readonly #opened = createDeferred<void>();
  readonly #ended = createDeferred<ConnectionEnd>();
  /** What came while frames were held; bounded by what comes in the rest of one task. */
  readonly #inbox: (() => void)[] = [];
  #held = false;
  #isOpen = false;
  #receivedFrames = 0;
  #closing: SessionClosing | undefined;
  #pingTimer: ReturnType<typeof setTimeout> | undefined;
  #probeUntilMs = 0;
  #lookTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.ended = this.#ended.promise;
    const socket = new options.webSocket(options.url, [options.codec.subprotocol]);
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => {
      this.#isOpen = true;
      this.#opened.resolve();
    });
    // A close event follows with whatever can be known; without a listener `ws` would throw.
    socket.addEventListener('error', () => {});
    socket.addEventListener('message', ({ data }) => this.#enqueue(() => this.#read(data as string | ArrayBuffer)));
    // Behind the frames that are held: one of them may be the announcement that says when to come back.
    socket.addEventListener('close', ({ code, reason }) => this.#enqueue(() => this.#socketClosed(code, reason)));
    this.#socket = socket;
  }

  /** Resolves when calls can be made. @throws {ParleyError} UNREACHABLE, or what the server closed it with. */
  async opened(life: Lifetime, timeoutMs: number): Promise<void> {
    try {
      const inTime = withTimeout(this.#opened.promise, timeoutMs, () => sdkError('UNREACHABLE'));
      await during(life, inTime);
    } catch (error) {
      this.#finish(error instanceof ParleyError ? error : sdkError('CLIENT_CLOSED'));
      throw error;
    }
  }

  /** @throws {ParleyError} by rejection only: what the server refused, CONNECTION_LOST, CALL_TIMEOUT, … */
  call<M extends MethodName, T = Methods[M]['response']>(
    method: M,
    params: Methods[M]['init'],
    options: CallOptions<M, T> = {},
  ): Promise<T> {
    if (this.end || !this.#isOpen) return Promise.reject(sdkError('NOT_CONNECTED'));
    try {
      const { id, answer } = this.#calls.add(method, { timeoutMs: this.#options.timing.callTimeoutMs, ...options });
      this.#send(id, method, params);
      if (!method.startsWith('session.')) this.#lookLater();
      return answer;
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** Pings by itself from now on, and ends the connection when it turns out to be dead. */
  startPings(intervalMs: number): void {
    clearTimeout(this.#pingTimer);
    this.#pingTimer = setTimeout(() => {
      this.probe(this.#options.timing.pingTimeoutMs);
      this.startPings(intervalMs);
    }, intervalMs);
  }

  /** Pings once: without a sign of life in time the connection counts as lost, whatever its socket says. */
  probe(timeoutMs: number): void {
    const untilMs = performance.now() + timeoutMs;
    // A probe that ends sooner finds out the same.
    if (this.#probeUntilMs > performance.now() && this.#probeUntilMs <= untilMs) return;
    this.#probeUntilMs = untilMs;
    const receivedBefore = this.#receivedFrames;
    this.call('session.ping', {}, { timeoutMs }).catch((error: ParleyError) => {
      if (error.reason === 'CALL_TIMEOUT' && this.#receivedFrames === receivedBefore) this.#finishBy('CONNECTION_LOST');
    });
  }

  /** Ends it from this side, at once: a dead network would keep the closing handshake waiting. */
  close(): void {
    this.#finishBy('CLIENT_CLOSED');
  }

  /** The same, to go on at another node. */
  leave(): void {
    this.#finishBy('MOVE_REQUESTED');
  }

  /** The session goes on on another connection: nothing of this one counts any more. The server closes it, or it is closed here. */
  retire(life: Lifetime): void {
    this.#finish(sdkError('MOVE_REQUESTED'), () => {
      const close = () => this.#socket.close(1000);
      void sleep(retiredMs, life).then(close, close);
    });
  }

  /** While a call waits and nothing comes: a node that stands still is left long before the next ping would tell. */
  #lookLater(): void {
    if (this.#lookTimer !== undefined) return;
    const { quietCallMs, pingTimeoutMs } = this.#options.timing;
    const receivedBefore = this.#receivedFrames;
    this.#lookTimer = setTimeout(() => {
      this.#lookTimer = undefined;
      if (!this.#calls.areWaiting) return;
      if (this.#receivedFrames === receivedBefore) this.probe(pingTimeoutMs);
      this.#lookLater();
    }, quietCallMs);
  }

  #send<M extends MethodName>(id: number, method: M, params: Methods[M]['init']): void {
    try {
      const frame = this.#options.codec.encodeCall(id, method, params);
      if (exceedsBytes(frame, this.maxFrameBytes)) throw sdkError('FRAME_TOO_LARGE');
      // What is sent while it closes is lost, and the call ends with the connection; browsers also complain of it.
      if (this.#socket.readyState < closing) this.#socket.send(frame);
    } catch (error) {
      this.#calls.forget(id);
      throw error instanceof ParleyError ? error : sdkError('NOT_CONNECTED', error);
    }
  }

  #enqueue(entry: () => void): void {
    this.#inbox.push(entry);
    this.#work();
  }

  #work(): void {
    while (!this.#held && !this.end) {
      const entry = this.#inbox.shift();
      if (!entry) return;
      entry();
    }
  }

  #read(frame: string | ArrayBuffer): void {
    this.#receivedFrames += 1;
    const message = this.#decode(frame);
    if (message?.kind === 'event') this.#readEvent(message.event);
    else if (message?.kind === 'result' || message?.kind === 'error') {
      if (this.#calls.settle(message).holdsFrames) this.#hold();
    }
  }

  #decode(frame: string | ArrayBuffer) {
    try {
      return this.#options.codec.decode(frame, (id) => this.#calls.methodOf(id));
    } catch (error) {
      // Whatever it was, something was missed: only a snapshot of a new connection makes the picture right again.
      this.#finish(sdkError('BAD_FRAME', error));
      return undefined;
    }
  }

  #readEvent(event: ServerEvent): void {
    if (event.name === 'sessionClosing') this.#closing = event.payload;
    else this.#options.onEvent(event);
  }

  /**
   * Lets whoever made the call see its answer and attach listeners before later frames are read. Browsers read each
   * frame in a task of its own; other platforms may read several in one.
   */
  #hold(): void {
    this.#held = true;
    inNextTask(() => {
      this.#held = false;
      this.#work();
    });
  }

  #socketClosed(code: number, reason: string): void {
    if (code >= firstServerCloseCode && reason !== '') {
      this.#finish(
        new ParleyError(reason, `The server closed the connection: ${reason}.`, {
          retryAfterMs: this.#closing?.retryAfterMs,
        }),
      );
    } else if (this.#closing) {
      this.#finish(new ParleyError(this.#closing.reason, `The server ended the session: ${this.#closing.reason}.`));
    } else {
      this.#finishBy(this.#isOpen ? 'CONNECTION_LOST' : 'UNREACHABLE');
    }
  }

  #finishBy(reason: SdkReason): void {
    this.#finish(sdkError(reason));
  }

  #finish(error: ParleyError, closeSocket = () => this.#socket.close(1000)): void {
    if (this.end) return;
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#lookTimer);
    this.#inbox.length = 0;
    closeSocket();
    const end = { error, closing: this.#closing };
    this.end = end;
    this.#options.onEnded(end);
    this.#opened.reject(error);
    this.#calls.rejectAll(sdkError('CONNECTION_LOST', error));
    this.#ended.resolve(end);
  }
}

function exceedsBytes(frame: string | Uint8Array, maxBytes: number): boolean {
  // UTF-8 has at most three bytes for each unit of UTF-16: most frames need no counting.
  if (typeof frame !== 'string') return frame.byteLength > maxBytes;
  return frame.length * 3 > maxBytes && new TextEncoder().encode(frame).byteLength > maxBytes;
}
