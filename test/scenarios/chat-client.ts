// A chat client of the stress test, in the words of `parley.v1.json` alone: it publishes with client ids, follows the log
// with a cursor, and comes back after whatever happens to its connection.

import { WebSocket } from 'ws';
import type { Cursor, LogRecord, LogRecords, Receipt, RoomSnapshot, SyncResponse } from '../../proto/gen/types.ts';

interface Pending {
  readonly room: string;
  readonly clientId: string;
  readonly text: string;
  wasSent: boolean;
}

interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly data: { readonly reason: string; readonly retryAfterMs?: number } };
}

/** In flight at once: enough that order can go wrong. */
const windowSize = 4;
const reconnectMs = 50;

export interface Seen {
  readonly record: LogRecord;
  readonly epoch: string;
}

export class ChatClient {
  readonly identity: string;
  /** What the server acknowledged, by client id. */
  readonly acknowledged = new Map<string, Receipt>();
  /** What was given to the application, by room, in that order. */
  readonly delivered = new Map<string, Seen[]>();
  /** What must never happen. */
  readonly complaints: string[] = [];
  readonly #url: string;
  readonly #token: () => string;
  readonly #rooms: readonly string[];
  readonly #outbox: Pending[] = [];
  readonly #cursors = new Map<string, Cursor>();
  readonly #syncing = new Map<string, boolean>();
  /** The newest record that came live, by room. */
  readonly #heard = new Map<string, number>();
  readonly #calls = new Map<number, (answer: Answer) => void>();
  #socket: WebSocket | undefined;
  #ready = false;
  #nextCall = 1;
  #nextMessage = 1;
  #stopped = false;
  reconnects = 0;

  constructor(options: { url: string; identity: string; token: () => string; rooms: readonly string[] }) {
    this.#url = options.url;
    this.identity = options.identity;
    this.#token = options.token;
    this.#rooms = options.rooms;
    for (const room of options.rooms) this.delivered.set(room, []);
    this.#open();
  }

  /** Every message that was published is acknowledged. */
  get settled(): boolean {
    return this.#outbox.length === 0;
  }

  /** The client stands at this record of the room. */
  positionIn(room: string): number {
    return this.#cursors.get(room)?.seq ?? 0;
  }

  get ready(): boolean {
    return this.#ready && [...this.#syncing.values()].every((syncing) => !syncing);
  }

  publish(room: string): void {
    const clientId = `${this.identity}-${this.#nextMessage++}`;
    this.#outbox.push({ room, clientId, text: `this is ${clientId}`, wasSent: false });
    this.#pump();
  }

  /** Cuts the connection without a goodbye. */
  kill(): void {
    this.#socket?.terminate();
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.terminate();
  }

  #open(): void {
    if (this.#stopped) return;
    const socket = new WebSocket(this.#url, 'parley.v1.json');
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('open', () => void this.#start(socket));
    socket.on('message', (data: Buffer) => this.#read(socket, data.toString()));
    socket.on('close', () => {
      if (socket !== this.#socket) return;
      this.#socket = undefined;
      this.#ready = false;
      this.reconnects += 1;
      this.#calls.clear();
      for (const pending of this.#outbox) pending.wasSent = false;
      setTimeout(() => this.#open(), reconnectMs).unref();
    });
  }

  async #start(socket: WebSocket): Promise<void> {
    const connected = await this.#call(socket, 'session.connect', { token: this.#token() });
    if (connected.error) return socket.terminate();
    for (const room of this.#rooms) {
      this.#syncing.set(room, true);
      const joined = await this.#call(socket, 'room.join', { room });
      if (joined.error) return socket.terminate();
      const { log } = joined.result as RoomSnapshot;
      // A newcomer reads everything: nothing may be missing from the first record on.
      if (!this.#cursors.has(room)) this.#cursors.set(room, { epoch: log.epoch, seq: 0, messageId: '' });
    }
    this.#ready = true;
    for (const room of this.#rooms) void this.#sync(socket, room);
    this.#pump();
  }

  async #sync(socket: WebSocket, room: string): Promise<void> {
    this.#syncing.set(room, true);
    for (;;) {
      const cursor = this.#cursors.get(room);
      const answer = await this.#call(socket, 'log.sync', { rooms: [{ room, cursor }] });
      if (answer.error) return socket.terminate();
      const [page] = (answer.result as SyncResponse).rooms;
      if (page?.status !== 'records') {
        this.complaints.push(`${this.identity}: sync of ${room} said ${page?.status} ${page?.gapReason}`);
        return;
      }
      this.#deliver(room, page.head?.epoch ?? '', page.records);
      // What came live meanwhile was left out, also what the store took after it had read this page.
      const target = Math.max(page.head?.seq ?? 0, this.#heard.get(room) ?? 0);
      if (!page.more && target <= this.positionIn(room)) break;
    }
    this.#syncing.set(room, false);
  }

  #deliver(room: string, epoch: string, records: readonly LogRecord[]): void {
    for (const record of records) {
      const at = this.positionIn(room);
      if (record.seq !== at + 1) this.complaints.push(`${this.identity}: ${room} went from ${at} to ${record.seq}`);
      this.#cursors.set(room, { epoch, seq: record.seq, messageId: record.messageId });
      this.delivered.get(room)?.push({ record, epoch });
    }
  }

  #read(socket: WebSocket, frame: string): void {
    const message = JSON.parse(frame) as { id?: number; method?: string; params?: unknown } & Answer;
    if (message.id !== undefined) {
      const settle = this.#calls.get(message.id);
      this.#calls.delete(message.id);
      settle?.(message);
    } else if (message.method === 'logRecords') {
      const { room, epoch, records } = message.params as LogRecords;
      this.#heard.set(room, records.at(-1)?.seq ?? 0);
      if (this.#syncing.get(room)) return;
      // A hole is legal, what is already here is not.
      const [first] = records;
      if (first && first.seq > this.positionIn(room) + 1) void this.#sync(socket, room);
      else this.#deliver(room, epoch, records);
    } else if (message.method === 'logGap') {
      this.complaints.push(`${this.identity}: gap ${JSON.stringify(message.params)}`);
    }
  }

  #pump(): void {
    const socket = this.#socket;
    if (!socket || !this.#ready) return;
    for (const pending of this.#outbox.slice(0, windowSize)) {
      if (pending.wasSent) continue;
      pending.wasSent = true;
      void this.#send(socket, pending);
    }
  }

  async #send(socket: WebSocket, pending: Pending): Promise<void> {
    const { room, clientId, text } = pending;
    const { result, error } = await this.#call(socket, 'chat.send', { room, clientId, text });
    if (error) {
      // Those behind it in the window may be in the log now: the order would be another one.
      this.complaints.push(`${this.identity}: ${clientId} was refused with ${error.data.reason}`);
      return;
    }
    this.acknowledged.set(clientId, result as Receipt);
    this.#outbox.splice(this.#outbox.indexOf(pending), 1);
    this.#pump();
  }

  #call(socket: WebSocket, method: string, params: object): Promise<Answer> {
    const id = this.#nextCall++;
    return new Promise((resolve) => {
      this.#calls.set(id, resolve);
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }
}
