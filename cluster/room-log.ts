// Port: the ordered log of each room. It knows nothing of people or of what records mean.

import type { Listening } from '../core/events.ts';
import type { MessageId } from '../core/ids.ts';

/** What an append that was answered survives: `memory` nothing, `process` the process, `disk` the machine losing power. */
export type Durability = 'memory' | 'process' | 'disk';

/** Members of one set of marks at most: a record must stay readable in one piece. */
export const maxMarkMembers = 100;

/** What the record does to an earlier one of the same room, in the same atomic step as the append. Targets are of kind `message`. */
export type Amendment =
  /**
   * Gives it another payload and another text to search, and empties the payload of the record that replaced it before:
   * what was edited away cannot be read again. That record stays, and does not count as erased.
   */
  | { readonly kind: 'replace'; readonly target: string; readonly payload: string; readonly searchText: string }
  /**
   * Gives it this payload, drops its marks, and empties the payloads of all records that replaced it, which count as erased
   * too: none of it can be read again. Their content hashes go as well, because a short text can be guessed from one: from
   * then on their client ids name these appends whatever the content.
   */
  | { readonly kind: 'erase'; readonly target: string; readonly payload: string }
  /**
   * Adds or takes away a member of a set that it carries (who reacted with what). Beyond `maxKeys` sets, and beyond
   * {@link maxMarkMembers} members of one: refused.
   */
  | {
      readonly kind: 'mark' | 'unmark';
      readonly target: string;
      readonly key: string;
      readonly member: string;
      readonly maxKeys: number;
    };

export interface NewRecord {
  readonly room: string;
  /** Unique; made by the caller, so that it is known before the append. */
  readonly messageId: MessageId;
  readonly kind: string;
  /** Whose it is; empty: the server's. */
  readonly sender: string;
  /** With `sender` and `room` it names this append however often it is tried; empty: it is never a retry. */
  readonly clientId: string;
  /** Of what the client asked for: the same client id with another hash is a conflict. Empty: any content is the same. */
  readonly contentHash: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** JSON; the engines do not look into it. */
  readonly payload: string;
  /** Counted by {@link RoomLog.count} and found by {@link RoomLog.search}; empty for what is neither. */
  readonly searchText: string;
  /** Who it is meant for; at most 50. */
  readonly mentions: readonly string[];
  /** The message that began the thread that it belongs to; empty: none. */
  readonly threadId: string;
  readonly amendment?: Amendment;
  /** Keyed values of the room that hold from here on; null removes one. They outlive trimming. */
  readonly facts?: Readonly<Record<string, string | null>>;
  /**
   * Carried out only as a retry: where `room`, `sender` and `clientId` name an earlier append the answer is that one's, or
   * `conflict`. Where they do not: `not-earlier`, and nothing is appended. For who may no longer write and asks whether he has.
   */
  readonly retryOnly?: true;
  /**
   * The term of the room's owner that this is written in: appended only while it still is that one, otherwise refused as
   * `not-owner`. A retry of what was appended is answered all the same.
   */
  readonly fence?: number;
}

export type AppendResult =
  /** `duplicate`: an earlier append with the same client id put it there; the answer is that one's, with the epoch of now. */
  | {
      readonly outcome: 'appended';
      readonly epoch: string;
      readonly seq: number;
      readonly messageId: MessageId;
      readonly atMs: number;
      readonly duplicate: boolean;
      /**
       * The id of the record below it, as the store had it then; empty for the first. Only where others write too: who knows
       * another one there has followed another log.
       */
      readonly previousId?: string;
    }
  /** The client id is that of an append with another content. */
  | { readonly outcome: 'conflict' }
  /**
   * Nothing was appended: the amendment's target does not exist (or is no message), was erased, or has too many marks; or it
   * was to be a retry only, and is none; or its term is over.
   */
  | {
      readonly outcome: 'refused';
      readonly why: 'target-missing' | 'target-erased' | 'too-many-marks' | 'not-earlier' | 'not-owner';
    }
  /** This one alone failed; of others of the same call it says nothing. */
  | { readonly outcome: 'failed'; readonly error: StoreError };

/** A record as it was when it was appended: what amended it since is in further records. */
export type PushedRecord = Omit<StoredRecord, 'erased' | 'marks' | 'amendedSeq'> & {
  /** Of {@link NewRecord}. */
  readonly facts?: Readonly<Record<string, string | null>>;
};

/** Records that are new in a room, with contiguous numbers, whoever appended them. */
export interface LogPush {
  readonly room: string;
  readonly epoch: string;
  readonly firstSeq: number;
  readonly count: number;
  /** Of the record before the first one, as the store had it; empty when there was none. */
  readonly previousId: string;
  /** The life of the node that appended them. */
  readonly origin: string;
  /** About what it takes until its records are read. */
  readonly bytes: number;
  /** Read when it is called: the author seldom needs them. */
  records(): readonly PushedRecord[];
}

/** Told of one room, in the order of the store. Pushes may be lost: whoever finds a hole reads it. */
export interface LogNews {
  pushed(push: LogPush): void;
  /** The oldest records were forgotten. */
  trimmed(head: Pick<Head, 'epoch' | 'firstSeq' | 'trimmedMessageId'>): void;
  /** Pushes may have been lost until now; from here on none is until this is called again. */
  interrupted(): void;
}

export interface RoomLogEvents {
  /** `away`: the store cannot be reached. Milliseconds since 1970. */
  stateChanged: { readonly state: RoomLog['state']; readonly sinceMs: number };
  /** The store may be another one, or an older copy: heads are to be compared. */
  rewound: Record<never, never>;
}

export interface StoredRecord {
  readonly seq: number;
  readonly messageId: MessageId;
  readonly kind: string;
  readonly sender: string;
  readonly clientId: string;
  readonly atMs: number;
  /** As amended. Of an erased message, what the erasing gave it; of a record that had replaced one before it was replaced again or erased, empty. */
  readonly payload: string;
  readonly threadId: string;
  readonly erased: boolean;
  /** By key, in the order of the first mark. */
  readonly marks: Readonly<Record<string, readonly string[]>>;
  /** The record that amended it last; 0: none. */
  readonly amendedSeq: number;
}

export interface Head {
  /** Random, of one life of the log. A room that nothing was appended to has one too. */
  readonly epoch: string;
  /** The newest record; 0: none. */
  readonly seq: number;
  readonly messageId: string;
  /** The oldest record that is still there; seq + 1 when there is none. */
  readonly firstSeq: number;
  /** Of the record firstSeq - 1, so that a cursor that stands on it can be proved; empty when there was none. */
  readonly trimmedMessageId: string;
}

export interface ReadRequest {
  readonly room: string;
  /** Exclusive. With `before`: the records just below it; with `after`: the ones just above it. */
  readonly from: { readonly after: number } | { readonly before: number };
  readonly maxRecords: number;
  /** Of payloads and marks (each key and each member, UTF-8). A page has at least one record where there is one. */
  readonly maxBytes: number;
  /** Only the record with this id and those of its thread. */
  readonly threadId?: string;
}

export interface ReadPage {
  readonly head: Head;
  /** Of the record that `after` names, where it is still there: what a cursor is compared with. */
  readonly fingerprint: string;
  /** Ascending by seq, whichever the direction. */
  readonly records: readonly StoredRecord[];
  /** There are further records in the direction of reading. */
  readonly more: boolean;
}

/** What a room keeps besides its records. */
export interface RoomMemory {
  readonly head: Head;
  readonly facts: Readonly<Record<string, string>>;
}

export interface Watermark {
  readonly room: string;
  readonly identity: string;
  readonly delivered: number;
  readonly read: number;
}

export interface Counted {
  readonly messages: number;
  readonly mentions: number;
}

/**
 * Everything that fails does so with {@link StoreError}, for the whole call; an append that failed may be tried again with
 * the same client ids. Contract: room-log.contract.ts.
 */
export interface RoomLog {
  readonly durability: Durability;
  /**
   * Appends in the given order, in one atomic step for each room at least, and answers each in the same order once it is as
   * durable as `durability` says. Numbers of a room are contiguous. Calls are carried out in the order in which they are made.
   */
  append(records: readonly NewRecord[]): Promise<readonly AppendResult[]>;
  /**
   * Milliseconds from one call of `append` to the next that whoever appends a lot had better keep, collecting meanwhile: closer
   * ones cost everybody who hears of them more than the wait. Undefined: none.
   */
  readonly appendEveryMs?: number;
  /**
   * The heads and facts of rooms, in the order asked for. A room that there is not has an epoch too, which it keeps when it
   * begins; asking leaves nothing behind.
   */
  open(rooms: readonly string[]): Promise<readonly RoomMemory[]>;
  read(requests: readonly ReadRequest[]): Promise<readonly ReadPage[]>;
  /**
   * Messages, newest first, that have all the words of the query, below `before`; an engine may look at the newest million of
   * those alone. The last word may be unfinished when it has two letters.
   */
  search(request: { room: string; query: string; before: number; limit: number }): Promise<readonly StoredRecord[]>;
  /**
   * Forgets the oldest records, a bounded number at a time: those before `beforeMs` (0: none), and all but the newest `keep`
   * (0: no limit). A client id is remembered for 24 hours at least, whether or not its record was trimmed. Where neither
   * records nor facts are left, watermarks go as well.
   */
  trim(room: string, limits: { beforeMs: number; keep: number }): Promise<{ trimmed: number; more: boolean }>;
  /** Starts another life of the log when the epoch is still this one; numbers go on. Answers with the epoch that holds. */
  bumpEpoch(room: string, epoch: string): Promise<string>;
  /** Moves watermarks forward; what lies behind where they are changes nothing. */
  mark(watermarks: readonly Watermark[]): Promise<void>;
  /** The watermarks of a room, those that moved last first; at most 1000. */
  watermarks(room: string): Promise<readonly Watermark[]>;
  /** How far each of these is, in the order asked for; at 0 who was never marked. */
  watermarksOf(who: readonly { room: string; identity: string }[]): Promise<readonly Watermark[]>;
  /** Records with a search text behind `after` that are not erased and not `identity`'s, and those of them that mention it; each ends at `limit`. */
  count(
    requests: readonly { room: string; after: number; identity: string; limit: number }[],
  ): Promise<readonly Counted[]>;
  /** The names of the rooms that have records, in order, behind `after`. For exports and retention. */
  rooms(after: string, limit: number): Promise<readonly string[]>;
  /**
   * Resolves when nothing that is appended from then on can be missed unnoticed, with what ends it. The caller's own appends
   * are told too. Engines of one process answer at once and never tell anything: there nobody else appends.
   */
  follow(room: string, news: LogNews): Promise<() => void>;
  /** Whether the store can be reached. */
  readonly state: 'up' | 'away';
  readonly events: Listening<RoomLogEvents>;
  close(): Promise<void>;
}

/**
 * `full`: there is no space; nothing was appended. `busy`: too much is waiting. `unknown`: it cannot be said whether it was
 * appended; a retry with the same client id tells. `corrupt`: the store cannot be read. `closed`.
 * `away`: it cannot be reached; nothing was appended.
 */
export class StoreError extends Error {
  readonly kind: 'full' | 'busy' | 'unknown' | 'corrupt' | 'closed' | 'away';

  constructor(kind: StoreError['kind'], message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'StoreError';
    this.kind = kind;
  }
}
