// What a chat panel shows, one after the other.

import type { LogRecord } from '@parley/client';

export interface MessageEntry {
  readonly kind: 'message';
  /** The same before and after the server has it: the element on the page stays. */
  readonly key: string;
  /** What replies and reactions name; of a message that is on its way, its client id. */
  readonly id: string;
  /** Undefined until it is in the log. */
  readonly seq: number | undefined;
  readonly identity: string;
  readonly name: string;
  readonly text: string;
  readonly sentAtMs: number;
  readonly own: boolean;
  readonly state: 'sent' | 'sending' | 'failed';
  /** Why it failed, in words for the sender. */
  readonly problem: string | undefined;
  readonly replyTo: string | undefined;
  readonly threadId: string | undefined;
  readonly mentions: readonly string[];
  readonly edited: boolean;
  /** The identity that deleted it. */
  readonly deletedBy: string | undefined;
  readonly reactions: readonly Reaction[];
}

export interface Reaction {
  readonly emoji: string;
  readonly identities: readonly string[];
}

/** A quiet line: who came, what a moderator did, how long a call was. Several who came together share one. */
export interface EventEntry {
  readonly kind: 'event';
  readonly key: string;
  readonly seq: number;
  readonly what: Exclude<LogRecord['kind'], 'message' | 'edited' | 'deleted' | 'reaction'>;
  readonly atMs: number;
  readonly lastAtMs: number;
  /** Those who did it, in order. */
  readonly identities: readonly string[];
  readonly record: LogRecord;
}

export type ChatEntry = MessageEntry | EventEntry;
