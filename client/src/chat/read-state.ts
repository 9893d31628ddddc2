import type { LogRecord, Marker, MarkResponse, Unread } from '../../../proto/gen/types.ts';
import type { ParleyError } from '../errors.ts';
import type { RoomCalls } from '../room-calls.ts';
import type { ClientTiming } from '../timing.ts';
import type { RoomLogView } from './room-log-view.ts';

export interface ReadStateParts {
  readonly calls: RoomCalls;
  readonly timing: ClientTiming;
  readonly view: Pick<RoomLogView, 'count'>;
  readonly identity: () => string | undefined;
  onUnreadChanged(): void;
  onMarkersChanged(): void;
}

/** As the server counts. */
const maxUnread = 1_000;
/** As many as the server lists; of more, those that moved last. */
const maxMarkers = 1_000;

/** How far the caller and others have read, and what that leaves unread. */
export class ReadState {
  readonly #parts: ReadStateParts;
  #unread: Unread = { deliveredSeq: 0, readSeq: 0, messages: 0, mentions: 0 };
  /** Records up to this one are in what the server counted. */
  #countedSeq = 0;
  #seenSeq = 0;
  #markers: ReadonlyMap<string, Marker> = new Map();
  /** What the server was told. */
  #toldSeq = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: ReadStateParts) {
    this.#parts = parts;
  }

  get unread(): Unread {
    return this.#unread;
  }

  get markers(): ReadonlyMap<string, Marker> {
    return this.#markers;
  }

  /** As the server counted it at the head of the log. What was read here and not told yet stays read. */
  start(unread: Unread, headSeq: number): void {
    const { readSeq } = this.#unread;
    this.#toldSeq = unread.readSeq;
    this.#countedSeq = headSeq;
    this.#set(unread);
    if (readSeq > unread.readSeq && readSeq <= headSeq) this.markRead(readSeq);
  }

  recordsCame(records: readonly LogRecord[]): void {
    const uncounted = records.filter(({ seq }) => seq > this.#countedSeq && seq > this.#unread.readSeq);
    this.#seenSeq = records.at(-1)?.seq ?? this.#seenSeq;
    this.#countedSeq = Math.max(this.#countedSeq, this.#seenSeq);
    const { messages, mentions } = this.#unread;
    const added = uncounted.filter(this.#isUnread);
    if (added.length > 0) {
      this.#set({
        ...this.#unread,
        messages: Math.min(maxUnread, messages + added.length),
        mentions: Math.min(maxUnread, mentions + added.filter(this.#isMention).length),
      });
    }
    if (records.some(({ kind }) => kind === 'deleted')) this.#recount();
  }

  markRead(seq: number): void {
    if (seq <= this.#unread.readSeq) return;
    this.#readUpTo(seq);
    this.#schedule();
  }

  markersCame(markers: readonly Marker[]): void {
    if (markers.length === 0) return;
    const all = new Map(this.#markers);
    const identity = this.#parts.identity();
    for (const marker of markers) {
      all.delete(marker.identity);
      all.set(marker.identity, marker);
      // Read on another device.
      if (marker.identity === identity && marker.readSeq > this.#unread.readSeq) this.#readUpTo(marker.readSeq);
    }
    const surplus = all.size - maxMarkers;
    this.#markers = surplus > 0 ? new Map([...all].slice(surplus)) : all;
    this.#parts.onMarkersChanged();
  }

  async load(): Promise<void> {
    const { markers } = await this.#parts.calls.call('chat.listMarkers', {});
    // What moved meanwhile is newer than the list.
    const known = this.#markers;
    const isNewer = (marker: Marker) => (known.get(marker.identity)?.readSeq ?? -1) > marker.readSeq;
    this.markersCame([...markers].reverse().filter((marker) => !isNewer(marker)));
  }

  /** Nothing is told any more. */
  end(): void {
    clearTimeout(this.#timer);
  }

  readonly #isUnread = ({ kind, identity, message }: LogRecord): boolean =>
    kind === 'message' && identity !== this.#parts.identity() && message?.deletedBy === undefined;

  readonly #isMention = (record: LogRecord): boolean =>
    this.#isUnread(record) && (record.message?.mentions.includes(this.#parts.identity() ?? '') ?? false);

  #readUpTo(seq: number): void {
    const all = seq >= Math.max(this.#seenSeq, this.#countedSeq);
    const deliveredSeq = Math.max(seq, this.#unread.deliveredSeq);
    const none = all ? { messages: 0, mentions: 0 } : {};
    this.#set({ ...this.#unread, deliveredSeq, readSeq: seq, ...none });
    if (!all) this.#recount();
  }

  /** From what is loaded, where that is enough; otherwise the server's count stands until it comes anew. */
  #recount(): void {
    const { view } = this.#parts;
    const { readSeq } = this.#unread;
    const messages = view.count(readSeq, this.#isUnread);
    const mentions = view.count(readSeq, this.#isMention);
    if (messages === undefined || mentions === undefined) return;
    this.#set({
      ...this.#unread,
      messages: Math.min(maxUnread, messages),
      mentions: Math.min(maxUnread, mentions),
    });
  }

  /** At once, then at most so often; the last one counts. */
  #schedule(): void {
    if (this.#timer !== undefined) return;
    this.#tell();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#unread.readSeq > this.#toldSeq) this.#schedule();
    }, this.#parts.timing.markIntervalMs);
  }

  #tell(): void {
    const { readSeq } = this.#unread;
    const before = this.#toldSeq;
    this.#toldSeq = readSeq;
    const apply = ({ unread }: MarkResponse): void => {
      // Of less than was read since it was asked: the next answer will do.
      if (unread.readSeq >= this.#unread.readSeq) this.#set(unread);
      this.#recount();
    };
    const deliveredSeq = Math.max(readSeq, this.#seenSeq);
    this.#parts.calls.call('chat.mark', { readSeq, deliveredSeq }, { apply }).catch((error: ParleyError) => {
      // Without a connection it is told after the return, which starts with what the server knows.
      if (error.reason === 'RATE_LIMITED' && this.#toldSeq === readSeq) this.#toldSeq = before;
    });
  }

  #set(unread: Unread): void {
    const before = this.#unread;
    this.#unread = unread;
    const keys = ['deliveredSeq', 'readSeq', 'messages', 'mentions'] as const;
    if (keys.some((key) => before[key] !== unread[key])) this.#parts.onUnreadChanged();
  }
}
