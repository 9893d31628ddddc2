// Port: where messages wait until the server has them. Contract: client/test/outbox-store.contract.ts.

/** A message that was not acknowledged yet. */
export interface OutboxEntry {
  readonly room: string;
  /** Chosen once: however often it is sent, it is the same message. */
  readonly clientId: string;
  readonly text: string;
  readonly replyTo?: string | undefined;
  readonly mentions: readonly string[];
  readonly createdAtMs: number;
  /** The reason for which the server refused it; absent: it is still to be sent. */
  readonly failure?: { readonly reason: string; readonly message: string } | undefined;
}

/** Everything is of one owner (server and identity), which is named at each call: a store outlives who is signed in. */
export interface OutboxStore {
  /** All entries, in the order in which they were put first. */
  load(owner: string): Promise<readonly OutboxEntry[]>;
  /** Puts an entry last, or in place of the one with the same client id. */
  put(owner: string, entry: OutboxEntry): Promise<void>;
  /** Forgets an entry; one that there is not changes nothing. */
  remove(owner: string, clientId: string): Promise<void>;
  /** Of a store that several share: called whenever one of them ended that had entries, which `load` gives from then on. */
  onFreed?(listener: () => void): void;
  close(): Promise<void>;
}
