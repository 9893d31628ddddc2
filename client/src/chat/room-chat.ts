import type {
  Cursor,
  Events,
  LogHead,
  LogRecord,
  Marker,
  Receipt,
  RoomSnapshot,
  Unread,
} from '../../../proto/gen/types.ts';
import type { Unsubscribe } from '../api.ts';
import { requireBoolean, requireText, requireTexts, requireWhole, requireWholeIfGiven } from '../arguments.ts';
import { Emitter } from '../emitter.ts';
import { Lifetime } from '../lifetime.ts';
import type { RoomCalls } from '../room-calls.ts';
import type { ClientTiming } from '../timing.ts';
import type { OutgoingMessage, RoomChat, RoomChatEvents, SendOptions } from './chat-api.ts';
import { createClientId } from './client-id.ts';
import { type GapReason, LogFollower } from './log-follower.ts';
import type { LogSyncer } from './log-syncer.ts';
import { OlderPages } from './older-pages.ts';
import type { OutboxQueue } from './outbox-queue.ts';
import { ReadState } from './read-state.ts';
import { RoomLogView } from './room-log-view.ts';
import { Typing } from './typing.ts';

export interface FollowedChatParts {
  readonly calls: RoomCalls;
  readonly timing: ClientTiming;
  readonly syncer: LogSyncer;
  readonly queue: OutboxQueue;
  readonly identity: () => string | undefined;
  /** Where an earlier life of the application stood. */
  readonly cursor: Cursor | undefined;
  /** After they are in `records`, before applications hear of them. */
  onRecords(records: readonly LogRecord[]): void;
}

/** The longest thread that is read: ten pages. */
const maxThreadPages = 10;
const pageSize = 200;

/** The chat of a joined room: puts together what follows the log, what is sent, and who reads and writes. */
export class FollowedChat implements RoomChat {
  readonly #parts: FollowedChatParts;
  readonly #emitter = new Emitter<RoomChatEvents>();
  readonly #life = new Lifetime();
  readonly #view = new RoomLogView();
  readonly #older: OlderPages;
  readonly #follower: LogFollower;
  readonly #reading: ReadState;
  readonly #typing: Typing;

  constructor(snapshot: RoomSnapshot, parts: FollowedChatParts) {
    this.#parts = parts;
    const { room, log } = snapshot;
    this.#follower = new LogFollower(
      {
        room,
        syncer: parts.syncer,
        onRecords: (records, live) => this.#recordsCame(records, live),
        onGap: (reason) => this.#gapCame(reason),
        onCatchingUp: () => {
          if (!this.catchingUp) this.#reading.wentOn();
          this.#emitter.emit('changed', undefined);
        },
      },
      log,
      parts.cursor,
    );
    this.#older = new OlderPages({
      calls: parts.calls,
      view: this.#view,
      cursor: () => this.#follower.cursor,
      onLoaded: () => this.#emitter.emit('changed', undefined),
    });
    this.#reading = new ReadState({
      ...parts,
      view: this.#view,
      onUnreadChanged: () => this.#emitter.emit('unreadChanged', this.unread),
      onMarkersChanged: () => this.#emitter.emit('markersChanged', this.markers),
    });
    this.#typing = new Typing({ ...parts, onChanged: () => this.#emitter.emit('typingChanged', this.typing) });
  }

  get records(): readonly LogRecord[] {
    return this.#view.records;
  }

  get hasOlder(): boolean {
    return this.#older.hasMore;
  }

  get catchingUp(): boolean {
    return this.#follower.catchingUp;
  }

  get outgoing(): readonly OutgoingMessage[] {
    return this.#parts.queue.outgoing;
  }

  get cursor(): Cursor {
    return this.#follower.cursor;
  }

  get head(): LogHead {
    return this.#follower.head;
  }

  get unread(): Unread {
    return this.#reading.unread;
  }

  get markers(): ReadonlyMap<string, Marker> {
    return this.#reading.markers;
  }

  get typing(): readonly { readonly identity: string; readonly name: string }[] {
    return this.#typing.writers;
  }

  on<Name extends keyof RoomChatEvents>(name: Name, listener: (event: RoomChatEvents[Name]) => void): Unsubscribe {
    return this.#emitter.on(name, listener);
  }

  send(text: string, options: SendOptions = {}): { readonly clientId: string; readonly sent: Promise<Receipt> } {
    requireText('text', text);
    if (options.replyTo !== undefined) requireText('replyTo', options.replyTo);
    if (options.mentions !== undefined) requireTexts('mentions', options.mentions);
    this.#typing.set(false);
    return this.#parts.queue.send(text, options);
  }

  retry(clientId: string): void {
    this.#parts.queue.retry(clientId);
  }

  discard(clientId: string): void {
    this.#parts.queue.discard(clientId);
  }

  async edit(messageId: string, text: string): Promise<Receipt> {
    requireText('messageId', messageId);
    requireText('text', text);
    return this.#parts.calls.call('chat.edit', { clientId: createClientId(), messageId, text });
  }

  async delete(messageId: string): Promise<Receipt> {
    requireText('messageId', messageId);
    return this.#parts.calls.call('chat.delete', { clientId: createClientId(), messageId });
  }

  async react(messageId: string, emoji: string, on: boolean): Promise<Receipt> {
    requireText('messageId', messageId);
    requireText('emoji', emoji);
    requireBoolean('on', on);
    return this.#parts.calls.call('chat.react', { clientId: createClientId(), messageId, emoji, on });
  }

  async loadOlder(limit = 0): Promise<number> {
    requireWhole('limit', limit);
    return this.#older.load(limit);
  }

  async thread(threadId: string): Promise<readonly LogRecord[]> {
    requireText('threadId', threadId);
    const all: LogRecord[] = [];
    for (let page = 0; page < maxThreadPages; page += 1) {
      const afterSeq = all.at(-1)?.seq ?? 0;
      const request = { threadId, afterSeq, limit: pageSize };
      const { records, more } = await this.#parts.calls.call('log.read', request);
      all.push(...records);
      if (!more || records.length === 0) break;
    }
    return all;
  }

  async search(
    query: string,
    options: { beforeSeq?: number; limit?: number } = {},
  ): Promise<{ records: readonly LogRecord[]; more: boolean }> {
    const { beforeSeq, limit } = options;
    requireText('query', query);
    requireWholeIfGiven('beforeSeq', beforeSeq);
    requireWholeIfGiven('limit', limit);
    return this.#parts.calls.call('log.search', { query, ...options });
  }

  markRead(seq = this.#follower.cursor.seq): void {
    requireWhole('seq', seq);
    this.#reading.markRead(Math.min(seq, this.#follower.cursor.seq));
  }

  loadMarkers(): Promise<void> {
    return this.#reading.load();
  }

  setTyping(typing: boolean): void {
    this.#typing.set(typing);
  }

  /** Joined, again, or back: events go on behind the snapshot. */
  joined({ log, unread, grants }: RoomSnapshot): void {
    const { queue, calls } = this.#parts;
    this.#older.mayRead = grants.includes('history');
    this.#older.startsAt(log);
    this.#reading.start(unread, log.seq);
    this.#follower.start(log);
    if (!this.catchingUp) this.#reading.wentOn();
    queue.open({
      calls,
      life: this.#life,
      hasSeen: ({ epoch, seq }) => epoch === this.cursor.epoch && seq <= this.cursor.seq,
      onChanged: () => this.#emitter.emit('outgoingChanged', this.outgoing),
    });
  }

  connectionLost(): void {
    this.#typing.clear();
    this.#follower.stop();
  }

  /** The room was left. What was not sent waits for the next time it is joined. */
  end(): void {
    this.#life.end();
    this.#typing.clear();
    this.#reading.end();
    this.#follower.end();
  }

  logRecords(payload: Events['logRecords']): void {
    this.#follower.receive(payload);
  }

  logGap({ reason, head }: Events['logGap']): void {
    this.#follower.gap(reason, head);
  }

  typingChanged(payload: Events['typingChanged']): void {
    this.#typing.received(payload);
  }

  markersChanged({ markers }: Events['markersChanged']): void {
    this.#reading.markersCame(markers);
  }

  /** Everything is in its new state before anybody is told of any of it. */
  #recordsCame(records: readonly LogRecord[], live: boolean): void {
    const { queue, identity, onRecords } = this.#parts;
    const messages = records.filter(({ kind }) => kind === 'message');
    this.#older.dropped(this.#view.append(records));
    const { epoch, durability } = this.head;
    const own = messages.filter((record) => record.clientId !== '' && record.identity === identity());
    queue.recordsCame(own, epoch, durability);
    onRecords(records);
    this.#emitter.emit('records', { records, live });
    this.#emitter.emit('changed', undefined);
    this.#reading.recordsCame(records);
    if (live) for (const record of messages) this.#typing.stopped(record.identity);
  }

  #gapCame(reason: GapReason): void {
    this.#view.clear();
    this.#older.startsAnew(this.head);
    this.#parts.queue.logStartsAnew(this.cursor);
    this.#emitter.emit('gap', { reason });
    this.#emitter.emit('changed', undefined);
    this.#reading.gapCame(reason === 'epoch' || reason === 'fork');
    // Without a connection or the right to read it stays empty; loadOlder() may be called again.
    if (this.#older.hasMore) this.#older.load(0).catch(() => {});
  }
}
