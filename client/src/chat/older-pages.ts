import type { Cursor, LogHead, ReadLogResponse } from '../../../proto/gen/types.ts';
import type { RoomCalls } from '../room-calls.ts';
import type { RoomLogView } from './room-log-view.ts';

export interface OlderPagesParts {
  readonly calls: Pick<RoomCalls, 'call'>;
  readonly view: RoomLogView;
  readonly cursor: () => Cursor;
  onLoaded(): void;
}

/** Loads a room's log backwards, page by page, in front of what is loaded. */
export class OlderPages {
  /** The caller has the grant for it. */
  mayRead = false;
  readonly #parts: OlderPagesParts;
  #hasMore = false;
  #loading: Promise<number> | undefined;
  /** Grows when the log starts anew: pages of before belong to nothing then. */
  #generation = 0;

  constructor(parts: OlderPagesParts) {
    this.#parts = parts;
  }

  get hasMore(): boolean {
    return this.mayRead && this.#hasMore && !this.#parts.view.isFull;
  }

  /** The log begins here, as far as the server says. */
  startsAt({ firstSeq }: LogHead): void {
    this.#hasMore = this.#nextSeq() > firstSeq;
  }

  startsAnew(head: LogHead): void {
    this.#generation += 1;
    this.#loading = undefined;
    this.startsAt(head);
  }

  /** So many of the oldest were dropped: they could be loaded again. */
  dropped(count: number): void {
    if (count > 0) this.#hasMore = true;
  }

  /** 0: as many as the server gives. Answers how many came. */
  load(limit: number): Promise<number> {
    if (this.#loading !== undefined) return this.#loading;
    if (!this.hasMore) return Promise.resolve(0);
    const generation = this.#generation;
    const beforeSeq = this.#nextSeq();
    const apply = (page: ReadLogResponse): number => {
      // The oldest may have been dropped meanwhile, too.
      const fits = generation === this.#generation && beforeSeq === this.#nextSeq();
      return fits ? this.#prepend(page, beforeSeq) : 0;
    };
    const loading = this.#parts.calls.call('log.read', { beforeSeq, limit }, { apply }).finally(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
    this.#loading = loading;
    return loading;
  }

  #prepend({ head, records, more }: ReadLogResponse, beforeSeq: number): number {
    const { view, cursor, onLoaded } = this.#parts;
    // Of another log: what follows the log will say so.
    if (head.epoch !== cursor().epoch) return 0;
    const follows = records.every(({ seq }, place) => seq === beforeSeq - records.length + place);
    // What lay in between was forgotten by the server.
    this.#hasMore = more && follows && records.length > 0;
    if (follows && records.length > 0) view.prepend(records);
    onLoaded();
    return follows ? records.length : 0;
  }

  #nextSeq(): number {
    return this.#parts.view.firstSeq ?? this.#parts.cursor().seq + 1;
  }
}
