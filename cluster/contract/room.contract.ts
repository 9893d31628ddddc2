// A room with a name of its own.

import { randomBytes } from 'node:crypto';
import { createMessageId, type MessageId } from '../../core/ids.ts';
import type { Amendment, AppendResult, Head, NewRecord, ReadPage, ReadRequest, RoomLog } from '../room-log.ts';

export type OpenLog = () => Promise<RoomLog>;
export type Appended = Extract<AppendResult, { outcome: 'appended' }>;

export const randomRoom = (): string => `contract-${randomBytes(9).toString('hex')}`;

export function newRecord(room: string, parts: Partial<NewRecord> = {}): NewRecord {
  const text = parts.searchText ?? 'a text';
  return {
    room,
    messageId: createMessageId(),
    kind: 'message',
    sender: 'ann',
    clientId: '',
    contentHash: 'hash',
    atMs: 1_000_000,
    payload: JSON.stringify({ text }),
    searchText: text,
    mentions: [],
    threadId: '',
    ...parts,
  };
}

/** A record that is no message. */
export function change(room: string, amendment: Amendment, parts: Partial<NewRecord> = {}): NewRecord {
  return newRecord(room, { kind: 'change', searchText: '', payload: '{"change":true}', amendment, ...parts });
}

export class ContractRoom {
  readonly name: string;
  readonly log: RoomLog;

  constructor(log: RoomLog, name = randomRoom()) {
    this.log = log;
    this.name = name;
  }

  static async open(open: OpenLog): Promise<ContractRoom> {
    return new ContractRoom(await open());
  }

  async append(...records: Partial<NewRecord>[]): Promise<readonly AppendResult[]> {
    const results = await this.log.append(records.map((parts) => newRecord(this.name, parts)));
    return results.map(withoutPrevious);
  }

  /** Appends one that must succeed. */
  async message(parts: Partial<NewRecord> = {}): Promise<Appended> {
    return this.#one(newRecord(this.name, parts));
  }

  async amend(amendment: Amendment, parts: Partial<NewRecord> = {}): Promise<Appended> {
    return this.#one(change(this.name, amendment, parts));
  }

  async refusal(amendment: Amendment): Promise<string> {
    const [result] = await this.log.append([change(this.name, amendment)]);
    return result?.outcome === 'refused' ? result.why : `${result?.outcome}`;
  }

  async head(): Promise<Head> {
    const [memory] = await this.log.open([this.name]);
    return memory!.head;
  }

  async facts(): Promise<Readonly<Record<string, string>>> {
    const [memory] = await this.log.open([this.name]);
    return memory!.facts;
  }

  async read(request: Partial<ReadRequest> = {}): Promise<ReadPage> {
    const whole = { room: this.name, from: { after: 0 }, maxRecords: 10_000, maxBytes: 100_000_000 };
    const [page] = await this.log.read([{ ...whole, ...request }]);
    return page!;
  }

  async record(messageId: MessageId) {
    const { records } = await this.read();
    return records.find((it) => it.messageId === messageId)!;
  }

  /** The numbers of what is found. */
  async found(query: string, before = Number.MAX_SAFE_INTEGER, limit = 100): Promise<number[]> {
    const records = await this.log.search({ room: this.name, query, before, limit });
    return records.map(({ seq }) => seq);
  }

  async trimAll(limits: { beforeMs: number; keep: number }): Promise<number> {
    for (let trimmed = 0; ; ) {
      const step = await this.log.trim(this.name, limits);
      trimmed += step.trimmed;
      if (!step.more) return trimmed;
    }
  }

  async #one(record: NewRecord): Promise<Appended> {
    const [result] = await this.log.append([record]);
    if (result?.outcome !== 'appended') throw new Error(`not appended: ${JSON.stringify(result)}`);
    return withoutPrevious(result);
  }
}

/** Only engines that others write to as well say it. */
function withoutPrevious<Result extends AppendResult>(result: Result): Result {
  if (result.outcome !== 'appended') return result;
  const { previousId: _, ...rest } = result as Appended;
  return rest as Result;
}
