// What a chat panel shows, one after the other.

export interface MessageEntry {
  readonly kind: 'message';
  /** The server's message id once it is known; until then an id of this page. */
  readonly id: string;
  /** Who wrote it: consecutive messages of one author stand together. */
  readonly author: string;
  readonly identity: string;
  readonly name: string;
  readonly text: string;
  readonly sentAtMs: number;
  readonly own: boolean;
  readonly state: 'sent' | 'sending' | 'failed';
  /** Why it failed, in words for the sender. */
  readonly problem?: string;
}

/** A quiet line: who came, who went. */
export interface EventEntry {
  readonly kind: 'event';
  readonly id: string;
  readonly what: 'joined' | 'left';
  readonly names: readonly string[];
  readonly atMs: number;
}

export type ChatEntry = MessageEntry | EventEntry;
