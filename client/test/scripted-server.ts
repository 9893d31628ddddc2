// A server that speaks the protocol and does what a test tells it to: the failures of a real one, at will.

import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { decodeMessage, encodeMessage, toPlain } from '../../proto/binary.ts';
import { descriptors } from '../../proto/gen/descriptors.ts';
import type { ConnectResponse, EventName, Events, MethodName, Methods } from '../../proto/gen/types.ts';
import { eventually } from '../../test/support/eventually.ts';

/** Says that a call gets no answer. */
export const silence = Symbol('silence');

/** What a call is answered with, when it is not a result. */
export class Refusal {
  readonly reason: string;
  readonly retryAfterMs: number;
  readonly code: string;
  readonly details: Readonly<Record<string, string>>;

  constructor(
    reason: string,
    retryAfterMs = 0,
    code = 'UNKNOWN',
    details: Readonly<Record<string, string>> = { why: 'scripted' },
  ) {
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
    this.code = code;
    this.details = details;
  }
}

type Reply = object | Refusal | typeof silence;

export type Answers = {
  [M in MethodName]?: (params: Methods[M]['request'], connection: ScriptedConnection) => Reply | Promise<Reply>;
};

export interface ReceivedCall {
  readonly id: number;
  readonly method: MethodName;
  readonly params: Readonly<Record<string, unknown>>;
}

/** One connection as the server sees it. */
export class ScriptedConnection {
  /** From 0, in the order of coming. */
  readonly index: number;
  readonly socket: WebSocket;
  readonly calls: ReceivedCall[] = [];
  closed = false;
  readonly #isBinary: boolean;

  constructor(index: number, socket: WebSocket) {
    this.index = index;
    this.socket = socket;
    this.#isBinary = socket.protocol === 'parley.v1.protobuf';
    socket.on('close', () => {
      this.closed = true;
    });
  }

  called(method: MethodName): readonly ReceivedCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  event<Name extends EventName>(name: Name, payload: Events[Name]): void {
    if (this.#isBinary) this.socket.send(encodeMessage('ServerFrame', { event: { [name]: payload } }));
    else this.socket.send(JSON.stringify({ jsonrpc: '2.0', method: name, params: payload }));
  }

  answer({ id, method }: ReceivedCall, reply: Reply): void {
    if (reply === silence) return;
    this.socket.send(this.#isBinary ? toBinaryAnswer(id, method, reply) : toJsonAnswer(id, reply));
  }

  /** As the server closes: 4000 plus an HTTP status, and the reason's name. */
  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  /** As when the cable is pulled, with somebody on the way saying so. */
  kill(): void {
    this.socket.terminate();
  }

  /** As when the cable is pulled: nothing is read and nothing comes. */
  freeze(): void {
    this.socket.pause();
  }

  read(data: RawData): ReceivedCall {
    const call = this.#isBinary ? fromBinaryCall(data as Buffer) : fromJsonCall(String(data));
    this.calls.push(call);
    return call;
  }
}

export class ScriptedServer implements AsyncDisposable {
  readonly connections: ScriptedConnection[] = [];
  /** May be changed while it runs. */
  readonly answers: Answers;
  readonly #listening: WebSocketServer;

  constructor(answers: Answers, listening: WebSocketServer) {
    this.answers = { ...usualAnswers, ...answers };
    this.#listening = listening;
    listening.on('connection', (socket) => this.#accept(socket));
  }

  get port(): number {
    return (this.#listening.address() as { port: number }).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  /** The connection of that index, once it called session.connect. */
  connected(index: number): Promise<ScriptedConnection> {
    return eventually(() => {
      const connection = this.connections[index];
      return connection?.called('session.connect').length ? connection : undefined;
    }, `connection ${index}`);
  }

  /** The n-th call of the method on the connection. */
  async call(connectionIndex: number, method: MethodName, n = 0): Promise<ReceivedCall> {
    const connection = await this.connected(connectionIndex);
    return eventually(() => connection.called(method)[n], `call ${n} of ${method} on connection ${connectionIndex}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.connections) socket.terminate();
    await new Promise((resolve) => this.#listening.close(resolve));
  }

  #accept(socket: WebSocket): void {
    const connection = new ScriptedConnection(this.connections.length, socket);
    this.connections.push(connection);
    socket.on('message', (data) => void this.#receive(connection, data));
  }

  async #receive(connection: ScriptedConnection, data: RawData): Promise<void> {
    const call = connection.read(data);
    const answer = this.answers[call.method] as ((params: unknown, from: ScriptedConnection) => Reply) | undefined;
    const reply = answer ? answer(call.params, connection) : {};
    // What is answered at once is answered in the same turn, as by the real server.
    connection.answer(call, reply instanceof Promise ? await reply : reply);
  }
}

export async function startScriptedServer(answers: Answers = {}, { port = 0 } = {}): Promise<ScriptedServer> {
  const listening = new WebSocketServer({ host: '127.0.0.1', port });
  const server = new ScriptedServer(answers, listening);
  await new Promise((resolve) => listening.once('listening', resolve));
  return server;
}

export function connectResponse(changes: Partial<ConnectResponse> = {}): ConnectResponse {
  return {
    sessionId: 's1',
    resumeSecret: 'secret-0',
    resumed: false,
    identity: 'ada',
    name: 'Ada',
    expiresAtMs: Date.now() + 3_600_000,
    pingIntervalMs: 60_000,
    resumeGraceMs: 30_000,
    maxFrameBytes: 65_536,
    serverVersion: 'test',
    rooms: [],
    ...changes,
  };
}

const usualAnswers: Answers = {
  'session.connect': (_params, { index }) => connectResponse({ resumeSecret: `secret-${index}` }),
  'session.refresh': () => ({ expiresAtMs: Date.now() + 3_600_000 }),
  'session.ping': ({ payload }) => ({ payload }),
};

function fromJsonCall(text: string): ReceivedCall {
  const { id, method, params } = JSON.parse(text) as ReceivedCall;
  return { id, method, params };
}

function fromBinaryCall(data: Buffer): ReceivedCall {
  const frame = decodeMessage('ClientFrame', data) as { id: number; method: MethodName; params: Uint8Array };
  const params = decodeMessage(descriptors.methods[frame.method].request, frame.params);
  return { id: frame.id, method: frame.method, params: toPlain(params) as ReceivedCall['params'] };
}

function toJsonAnswer(id: number, reply: Exclude<Reply, typeof silence>): string {
  if (!(reply instanceof Refusal)) return JSON.stringify({ jsonrpc: '2.0', id, result: reply });
  const { reason, code, retryAfterMs, details } = reply;
  const data = { reason, code, details, ...(retryAfterMs > 0 && { retryAfterMs }) };
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32002, message: `refused: ${reason}`, data } });
}

function toBinaryAnswer(id: number, method: MethodName, reply: Exclude<Reply, typeof silence>): Uint8Array {
  if (!(reply instanceof Refusal)) {
    return encodeMessage('ServerFrame', { id, result: encodeMessage(descriptors.methods[method].response, reply) });
  }
  const { reason, code, retryAfterMs, details } = reply;
  const error = { code, reason, message: `refused: ${reason}`, details, retryAfterMs };
  return encodeMessage('ServerFrame', { id, error });
}
