import type { LogRecord } from '../../../proto/gen/types.ts';
import { fold, forgetText } from './fold.ts';

/** Beyond it the oldest records are dropped; they can be loaded again only as others take their place. */
const maxLoadedRecords = 5_000;

/** What is loaded of a room's log: contiguous, the oldest first. Another array after each change. */
export class RoomLogView {
  readonly #limit: number;
  #records: readonly LogRecord[] = [];

  constructor(limit: number = maxLoadedRecords) {
    this.#limit = limit;
  }

  get records(): readonly LogRecord[] {
    return this.#records;
  }

  get firstSeq(): number | undefined {
    return this.#records[0]?.seq;
  }

  get isFull(): boolean {
    return this.#records.length >= this.#limit;
  }

  clear(): void {
    this.#records = [];
  }

  /** Records behind the newest one, without a hole. Answers how many of the oldest were dropped. */
  append(added: readonly LogRecord[]): number {
    const all = [...this.#records, ...added];
    applyChanges(all, added);
    const dropped = Math.max(0, all.length - this.#limit);
    this.#records = dropped === 0 ? all : all.slice(dropped);
    return dropped;
  }

  /** Records before the oldest one, without a hole. As they were read they may lack changes that came meanwhile. */
  prepend(added: readonly LogRecord[]): void {
    const all = [...added, ...this.#records];
    applyChanges(all, all);
    this.#records = all;
  }

  /** How many messages behind `seq` fulfil it; undefined where they are not all loaded. */
  count(seq: number, is: (record: LogRecord) => boolean): number | undefined {
    const first = this.firstSeq;
    if (first === undefined || first > seq + 1) return undefined;
    return this.#records.slice(seq + 1 - first).filter(is).length;
  }
}

/** Without holes, a record's place is known by its number; by its id only through this. */
function applyChanges(all: LogRecord[], changes: readonly LogRecord[]): void {
  if (!changes.some(({ targetId }) => targetId !== undefined)) return;
  const places = new Map(all.map(({ messageId }, place) => [messageId, place]));
  for (const change of changes) {
    const place = change.targetId === undefined ? undefined : places.get(change.targetId);
    const target = place === undefined ? undefined : all[place];
    if (place !== undefined && target) all[place] = fold(target, change);
  }
  if (changes.some(replacesText)) forgetReplacedTexts(all);
}

function replacesText({ kind }: LogRecord): boolean {
  return kind === 'edited' || kind === 'deleted';
}

/** Whether or not the message itself is loaded: what was edited away or deleted stays nowhere. */
function forgetReplacedTexts(all: LogRecord[]): void {
  const replaced = new Set<string>();
  for (let place = all.length - 1; place >= 0; place -= 1) {
    const record = all[place];
    if (!record?.targetId || !replacesText(record)) continue;
    if (record.text !== undefined && replaced.has(record.targetId)) all[place] = forgetText(record);
    replaced.add(record.targetId);
  }
}
