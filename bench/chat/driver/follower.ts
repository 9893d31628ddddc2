// A client that follows logs as the SDK does: records in order behind its cursor, holes filled by log.sync, what it has is not
// applied again.

import { setTimeout as delay } from 'node:timers/promises';
import type { Cursor, LogRecord, RoomSync } from '../../../proto/gen/types.ts';
import { mark } from '../../support/frame-counter.ts';
import { jsonCall } from './dialects.ts';
import { readIds } from './open-loop.ts';
import { RawClient } from './raw-client.ts';

const eventStart = '{"jsonrpc":"2.0","method":"logRecords"';
const answerStart = '{"jsonrpc":"2.0","id":';
const retryPattern = /"retryAfterMs":(\d+)/;
const headPattern = /"log":\{"epoch":"([^"]+)","seq":(\d+),"messageId":"([^"]*)"/;

interface Followed {
  cursor: Cursor;
  /** Came while something before it was missing. */
  waiting: LogRecord[];
}

interface Answer {
  readonly id: number;
  readonly result?: { readonly sessionId?: string; readonly resumeSecret?: string; readonly rooms?: RoomSync[] };
  readonly error?: { readonly message: string };
}

export class Follower {
  readonly name: string;
  readonly rooms = new Map<string, Followed>();
  /** How often each text was applied, by its number. */
  readonly applied = new Map<number, number>();
  gaps = 0;
  holes = 0;
  syncs = 0;
  /** Calls that the server was too busy for. */
  refusals = 0;
  recordsFromSync = 0;
  readonly #port: number;
  readonly #answers = new Map<number, { resolve: (text: string) => void; reject: (error: Error) => void }>();
  #client: RawClient | undefined;
  #session: { sessionId: string; secret: string } | undefined;
  #lastId = 0;
  #live = false;

  constructor(name: string, port: number) {
    this.name = name;
    this.#port = port;
  }

  /** Connects; a second time it comes back to its session. */
  async connect(): Promise<void> {
    this.#client = await RawClient.open({ port: this.#port, path: '/ws', subprotocol: 'parley.v1.json' }, (client) => {
      client.readAll();
      client.onPayload = (payload) => this.#take(payload);
    });
    const resume = this.#session;
    const text = await this.call('session.connect', { token: this.name, ...(resume ? { resume } : {}) });
    const sessionId = /"sessionId":"([^"]+)"/.exec(text)?.[1] ?? '';
    const secret = /"resumeSecret":"([^"]+)"/.exec(text)?.[1] ?? '';
    this.#session = { sessionId, secret };
  }

  /** Joins a room and follows it from where it is now. */
  async join(room: string): Promise<void> {
    const waiting: LogRecord[] = [];
    const followed: Followed = { cursor: { epoch: '', seq: -1, messageId: '' }, waiting };
    this.rooms.set(room, followed);
    const text = await this.call('room.join', { room });
    const [, epoch = '', seq = '', messageId = ''] = headPattern.exec(text) ?? [];
    followed.cursor = { epoch, seq: Number(seq), messageId };
    this.#live = true;
    this.#applyWaiting(followed);
  }

  /** As a lost network. */
  drop(): void {
    this.#live = false;
    this.#client?.drop();
    for (const { reject } of this.#answers.values()) reject(new Error('dropped'));
    this.#answers.clear();
  }

  /** Asks for what was missed until nothing is. */
  async sync(): Promise<void> {
    let behind = [...this.rooms];
    while (behind.length > 0) {
      this.syncs++;
      const rooms = behind.map(([room, { cursor }]) => ({ room, cursor }));
      const { result } = JSON.parse(await this.call('log.sync', { rooms })) as Answer;
      const more: typeof behind = [];
      for (const sync of result?.rooms ?? []) {
        const followed = this.rooms.get(sync.room);
        if (!followed) continue;
        if (sync.status !== 'records') this.gaps++;
        const records = sync.records ?? [];
        this.recordsFromSync += records.length;
        for (const record of records) this.#apply(followed, record);
        if (sync.more) more.push([sync.room, followed]);
      }
      behind = more;
    }
    this.#live = true;
    for (const followed of this.rooms.values()) this.#applyWaiting(followed);
  }

  send(room: string, text: string, clientId: string): Promise<string> {
    return this.call('chat.send', { room, clientId, text });
  }

  /** Where the server is busy, it is asked again when it says so, as the SDK does. */
  async call(method: Parameters<typeof jsonCall>[1], params: object): Promise<string> {
    for (;;) {
      const answer = await this.#callOnce(method, params);
      const retryAfterMs = Number(retryPattern.exec(answer)?.[1] ?? Number.NaN);
      if (!answer.includes('"error":{')) return answer;
      if (Number.isNaN(retryAfterMs) || this.#client === undefined) throw new Error(answer);
      this.refusals++;
      await delay(retryAfterMs * (0.5 + Math.random()));
    }
  }

  #callOnce(method: Parameters<typeof jsonCall>[1], params: object): Promise<string> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#client?.send(jsonCall(id, method, params));
    });
  }

  #take(payload: Buffer): void {
    const start = payload.toString('latin1', 0, eventStart.length);
    if (start === eventStart) {
      const { params } = JSON.parse(payload.toString()) as { params: { room: string; records: LogRecord[] } };
      const followed = this.rooms.get(params.room);
      if (!followed) return;
      followed.waiting.push(...params.records);
      if (this.#live && followed.cursor.seq >= 0) this.#applyWaiting(followed);
    } else if (start.startsWith(answerStart)) {
      const text = payload.toString();
      const id = Number.parseInt(text.slice(answerStart.length), 10);
      const waiting = this.#answers.get(id);
      this.#answers.delete(id);
      waiting?.resolve(text);
    }
  }

  #applyWaiting(followed: Followed): void {
    const { waiting } = followed;
    followed.waiting = [];
    for (const record of waiting) this.#apply(followed, record);
  }

  #apply({ cursor }: Followed, record: LogRecord): void {
    if (record.seq <= cursor.seq) return;
    if (record.seq > cursor.seq + 1) this.holes++;
    cursor.seq = record.seq;
    cursor.messageId = record.messageId;
    const text = record.message?.text ?? '';
    if (text.charCodeAt(0) !== mark) return;
    for (const id of readIds(Buffer.from(text))) this.applied.set(id, (this.applied.get(id) ?? 0) + 1);
  }
}
