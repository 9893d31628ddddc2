// Somebody in a room, in the words of `parley.v1.json` alone.

import type { Cursor, LogGap, LogHead, LogRecord, LogRecords, Receipt, RoomSync } from '../../proto/gen/types.ts';
import { type Answer, TestSocket } from '../support/rpc-client.ts';
import type { ServerProcess } from '../support/server-process.ts';

interface Event {
  readonly method?: string;
  readonly params?: unknown;
}

export class Member {
  readonly socket: TestSocket;
  #lastCall = 0;

  private constructor(socket: TestSocket) {
    this.socket = socket;
  }

  /** Says nothing yet. */
  static async open(server: ServerProcess): Promise<Member> {
    return new Member(await new TestSocket(server.wsUrl, ['parley.v1.json']).opened());
  }

  static async connect(server: ServerProcess, identity: string): Promise<Member> {
    const member = await Member.open(server);
    await member.get('session.connect', { token: server.tokenOf(identity) });
    return member;
  }

  static async join(server: ServerProcess, identity: string, room: string): Promise<Member> {
    const member = await Member.connect(server, identity);
    await member.get('room.join', { room });
    return member;
  }

  call(method: string, params: object): Promise<Answer> {
    return this.socket.call(++this.#lastCall, method, params);
  }

  /** @throws {Error} when it was refused. */
  async get<Result>(method: string, params: object): Promise<Result> {
    const { result, error } = await this.call(method, params);
    if (error) throw new Error(`${method}: ${error.data.reason}`);
    return result as Result;
  }

  send(room: string, clientId: string, text = clientId): Promise<Receipt> {
    return this.get('chat.send', { room, clientId, text });
  }

  /** The whole log of a room. */
  async readAll(room: string): Promise<LogRecord[]> {
    const records: LogRecord[] = [];
    for (let more = true; more; ) {
      const afterSeq = records.at(-1)?.seq ?? 0;
      const page = await this.get<{ records: LogRecord[]; more: boolean }>('log.read', { room, afterSeq, limit: 200 });
      records.push(...page.records);
      more = page.more;
    }
    return records;
  }

  async sync(room: string, cursor: Cursor): Promise<RoomSync> {
    const { rooms } = await this.get<{ rooms: [RoomSync] }>('log.sync', { rooms: [{ room, cursor }] });
    return rooms[0];
  }

  /** What came of the room's log without being asked for. */
  heard(room: string): LogRecord[] {
    return this.#events<LogRecords>('logRecords').flatMap((event) => (event.room === room ? event.records : []));
  }

  gaps(): LogGap[] {
    return this.#events<LogGap>('logGap');
  }

  #events<Params>(name: string): Params[] {
    const events = this.socket.received as Event[];
    return events.flatMap(({ method, params }) => (method === name ? [params as Params] : []));
  }
}

export function toCursor({ epoch, seq, messageId }: Pick<LogHead, 'epoch' | 'seq' | 'messageId'>): Cursor {
  return { epoch, seq, messageId };
}

export const seqsOf = (records: readonly LogRecord[]): number[] => records.map(({ seq }) => seq);

/** `count` numbers from the first one on. */
export const countedFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);
