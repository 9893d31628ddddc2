// The log of one room as a scripted server keeps it: numbers, deduplication, pages; and the faults of a real one, at will.

import type { Events, LogHead, LogRecord, Methods, ReadLogResponse, Receipt, RoomSync } from '../../proto/gen/types.ts';
import {
  type Answers,
  connectResponse,
  Refusal,
  type ScriptedConnection,
  type ScriptedServer,
} from './scripted-server.ts';
import { logHead, messageContent, messageRecord, roomSnapshot } from './snapshots.ts';

export class ScriptedLog {
  readonly room = 'standup';
  epoch = 'e1';
  firstSeq = 1;
  /** Records of a page of log.sync. */
  pageSize = 50;
  records: LogRecord[] = [];
  /** Says what is wrong with the cursor of whoever asks. */
  gapReason: RoomSync['gapReason'];

  get head(): LogHead {
    const last = this.records.at(-1);
    return logHead({
      epoch: this.epoch,
      seq: last?.seq ?? 0,
      messageId: last?.messageId ?? '',
      firstSeq: this.firstSeq,
    });
  }

  /** Somebody else's, with nobody being told. */
  append(changes: Partial<LogRecord> = {}): LogRecord {
    const record = messageRecord(this.head.seq + 1, changes);
    this.records.push(record);
    return record;
  }

  fill(count: number): void {
    for (let left = count; left > 0; left -= 1) this.append();
  }

  /** Tells a connection, as the real server does after the append. */
  push({ connections }: ScriptedServer, ...records: readonly LogRecord[]): void {
    this.pushTo(connections.at(-1), ...records);
  }

  pushTo(connection: ScriptedConnection | undefined, ...records: readonly LogRecord[]): void {
    const payload: Events['logRecords'] = { room: this.room, epoch: this.epoch, records: [...records] };
    connection?.event('logRecords', payload);
  }

  send({ clientId, text, mentions }: Methods['chat.send']['request'], identity = 'ada'): Receipt | Refusal {
    const known = this.records.find((record) => record.clientId === clientId);
    if (known && known.message?.text !== text) return new Refusal('CLIENT_ID_CONFLICT', 0, 'ALREADY_EXISTS');
    const message = messageContent(text, { mentions });
    const record = known ?? this.append({ clientId, identity, name: identity, message });
    const { seq, messageId, atMs } = record;
    return { epoch: this.epoch, seq, messageId, atMs, durability: 'disk', duplicate: known !== undefined };
  }

  sync(epoch: string, seq: number): RoomSync {
    const { room, head } = this;
    const gapReason = this.gapReason ?? (epoch === this.epoch ? undefined : 'epoch');
    if (gapReason) return { room, status: 'gap', records: [], more: false, head, gapReason };
    const rest = this.records.filter((record) => record.seq > seq);
    return { room, status: 'records', records: rest.slice(0, this.pageSize), more: rest.length > this.pageSize, head };
  }

  read({ beforeSeq = Infinity, limit }: { beforeSeq?: number | undefined; limit?: number }): ReadLogResponse {
    const before = this.records.filter(({ seq }) => seq < beforeSeq && seq >= this.firstSeq);
    const records = before.slice(-(limit || 50));
    return { head: this.head, records, more: before.length > records.length };
  }

  /** Sessions are resumed; own messages come back as events, behind their receipts. */
  answers(): Answers {
    const snapshot = () => roomSnapshot({ room: this.room, log: this.head });
    return {
      'session.connect': ({ resume }) =>
        connectResponse({ resumed: resume !== undefined, rooms: resume ? [snapshot()] : [] }),
      'room.join': snapshot,
      'chat.send': (params, connection) => {
        const receipt = this.send(params);
        const record = this.records.at(-1);
        if (record?.clientId === params.clientId) setImmediate(() => this.pushTo(connection, record));
        return receipt;
      },
      'log.sync': ({ rooms }) => ({ rooms: rooms.map(({ cursor }) => this.sync(cursor.epoch, cursor.seq)) }),
      'log.read': (params) => this.read(params),
    };
  }
}
