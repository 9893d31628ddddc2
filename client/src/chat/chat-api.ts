// The chat of a room: its log as an application shows it. What is sent is kept until the server has it, over lost
// connections and, with a store, over reloads; what comes is given in order, each record once.

import type { Cursor, LogHead, LogRecord, Marker, Receipt, Unread } from '../../../proto/gen/types.ts';
import type { Unsubscribe } from '../api.ts';
import type { ParleyError } from '../errors.ts';

export type { Cursor, LogHead, LogRecord, Marker, Receipt, Unread };

/** `sending`: on its way, or waiting for a connection. `failed`: refused; `retry` or `discard` it. `sent`: in the log. */
export type OutgoingState = 'sending' | 'sent' | 'failed';

export interface OutgoingMessage {
  readonly clientId: string;
  readonly text: string;
  readonly replyTo: string | undefined;
  readonly mentions: readonly string[];
  readonly createdAtMs: number;
  readonly state: OutgoingState;
  /** Why it failed. */
  readonly error: ParleyError | undefined;
}

export interface SendOptions {
  /** The id of the message that is answered. */
  readonly replyTo?: string | undefined;
  /** Identities. */
  readonly mentions?: readonly string[] | undefined;
}

export interface RoomChatEvents {
  /**
   * Records that follow the log, each once and in order; changes of loaded messages are in `records` already. `live`: they
   * happened now; otherwise they were caught up with.
   */
  records: { records: readonly LogRecord[]; live: boolean };
  /** `records` or what is loaded of them changed in any way. */
  changed: undefined;
  /** Something is lost to this reader. `records` starts anew from the newest page. */
  gap: { reason: 'epoch' | 'trimmed' | 'fork' | 'slow' };
  /** `outgoing` changed. */
  outgoingChanged: readonly OutgoingMessage[];
  unreadChanged: Unread;
  markersChanged: ReadonlyMap<string, Marker>;
  typingChanged: readonly { readonly identity: string; readonly name: string }[];
}

export interface RoomChat {
  /**
   * What is loaded of the log, without holes, the oldest first, up to the newest record. Messages are as they are now
   * (edited, with reactions); the records that changed them are here too, of edits the last one with its text.
   */
  readonly records: readonly LogRecord[];
  /** There are older records to load, as far as is known. */
  readonly hasOlder: boolean;
  /** Waits for what was missed while the connection was lost. */
  readonly catchingUp: boolean;
  /** What was sent and is not among `records` yet, the oldest first. */
  readonly outgoing: readonly OutgoingMessage[];
  /** Where this reader stands; give it to `join` to go on from there in another life of the application. */
  readonly cursor: Cursor;
  readonly head: LogHead;
  readonly unread: Unread;
  /** How far people have read, by identity; whoever wrote a message has read up to it. Complete after `loadMarkers`. */
  readonly markers: ReadonlyMap<string, Marker>;
  /** Who writes now, without the caller. */
  readonly typing: readonly { readonly identity: string; readonly name: string }[];

  on<Name extends keyof RoomChatEvents>(name: Name, listener: (event: RoomChatEvents[Name]) => void): Unsubscribe;

  /**
   * Sends a message as soon as there is a connection, in order and once. Follow it by `outgoingChanged`, or await `sent`.
   * @throws {ParleyError} at once: OUTBOX_FULL when 500 messages of this room wait, BAD_REQUEST when there is no text.
   */
  send(text: string, options?: SendOptions): { readonly clientId: string; readonly sent: Promise<Receipt> };
  /** Sends a failed message again. */
  retry(clientId: string): void;
  /** Gives up a failed message. */
  discard(clientId: string): void;

  edit(messageId: string, text: string): Promise<Receipt>;
  delete(messageId: string): Promise<Receipt>;
  react(messageId: string, emoji: string, on: boolean): Promise<Receipt>;

  /** Loads a page of older records; answers how many came. Called twice at once it loads once. */
  loadOlder(limit?: number): Promise<number>;
  /** A message and what answers it, the oldest first. */
  thread(threadId: string): Promise<readonly LogRecord[]>;
  /** Messages with all the words, the newest first. */
  search(
    query: string,
    options?: { beforeSeq?: number; limit?: number },
  ): Promise<{ records: readonly LogRecord[]; more: boolean }>;

  /**
   * Everything up to this record is read, by default all. Collected, and told to the server at most once a second.
   * @throws {ParleyError} BAD_REQUEST when it is no whole number.
   */
  markRead(seq?: number): void;
  loadMarkers(): Promise<void>;
  /** Call it at each key press; it is told at most every 3 s, and taken back when nothing is pressed for 5 s. */
  setTyping(typing: boolean): void;
}
