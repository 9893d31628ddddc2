import type { ListMarkersResponse, LogRecord, Marker, MarkResponse, Unread } from '../../../proto/gen/types.ts';
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
  /** What the server was told, or knows by itself. */
  #toldSeq = 0;
  /** Read before the connection was lost; told when it is sure that the log is still the one that it was read in. */
  #readBefore = 0;
  #hasLoadedMarkers = false;
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

  /** As the server counted it at the head of the log. */
  start(unread: Unread, headSeq: number): void {
    this.#readBefore = Math.max(this.#readBefore, this.#unread.readSeq);
    this.#toldSeq = unread.readSeq;
    this.#countedSeq = headSeq;
    this.#set(unread);
  }

  /** The log goes on from where it was seen last: what was read here and not told yet stays read. */
  wentOn(): void {
    const readBefore = this.#readBefore;
    this.#readBefore = 0;
    if (readBefore <= this.#countedSeq) this.markRead(readBefore);
  }

  /** Something is lost to this reader. `isAnother`: what was known of the log is of another one. */
  gapCame(isAnother: boolean): void {
    const { calls } = this.#parts;
    if (isAnother) {
      this.#readBefore = 0;
      this.#seenSeq = 0;
      this.#markers = new Map();
      this.#parts.onMarkersChanged();
      if (this.#hasLoadedMarkers) this.load().catch(() => {});
    }
    // What was missed was not counted here.
    const apply = ({ unread }: MarkResponse): void => {
      this.#toldSeq = unread.readSeq;
      this.#set(unread);
    };
    calls.call('chat.mark', {}, { apply }).catch(() => {});
  }

  recordsCame(records: readonly LogRecord[]): void {
    this.#authorsHaveRead(records);
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

  /** Of each the furthest that is known: markers never move back. */
  markersCame(markers: readonly Marker[]): void {
    const all = new Map(this.#markers);
    const identity = this.#parts.identity();
    let moved = false;
    for (const marker of markers) {
      const known = all.get(marker.identity);
      if (known && known.readSeq >= marker.readSeq && known.deliveredSeq >= marker.deliveredSeq) continue;
      moved = true;
      all.delete(marker.identity);
      all.set(marker.identity, furthest(marker, known));
      // Read on another device.
      if (marker.identity === identity && marker.readSeq > this.#unread.readSeq) this.#readUpTo(marker.readSeq);
    }
    if (!moved) return;
    const surplus = all.size - maxMarkers;
    this.#markers = surplus > 0 ? new Map([...all].slice(surplus)) : all;
    this.#parts.onMarkersChanged();
  }

  async load(): Promise<void> {
    const apply = ({ markers }: ListMarkersResponse): void => {
      this.#hasLoadedMarkers = true;
      this.markersCame([...markers].reverse());
    };
    await this.#parts.calls.call('chat.listMarkers', {}, { apply });
  }

  /** Nothing is told any more. */
  end(): void {
    clearTimeout(this.#timer);
  }

  readonly #isUnread = ({ kind, identity, message }: LogRecord): boolean =>
    kind === 'message' && identity !== this.#parts.identity() && message?.deletedBy === undefined;

  readonly #isMention = (record: LogRecord): boolean =>
    this.#isUnread(record) && (record.message?.mentions.includes(this.#parts.identity() ?? '') ?? false);

  /** Whoever writes has read what was before: the server knows that by itself, and tells nobody. */
  #authorsHaveRead(records: readonly LogRecord[]): void {
    const written = records.filter(({ kind, identity }) => kind === 'message' && identity !== '');
    const own = written.findLast(({ identity }) => identity === this.#parts.identity());
    if (own) this.#toldSeq = Math.max(this.#toldSeq, own.seq);
    this.markersCame(written.map(({ identity, seq }) => ({ identity, readSeq: seq, deliveredSeq: seq })));
  }

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

function furthest(one: Marker, other: Marker = one): Marker {
  return {
    identity: one.identity,
    readSeq: Math.max(one.readSeq, other.readSeq),
    deliveredSeq: Math.max(one.deliveredSeq, other.deliveredSeq),
  };
}
