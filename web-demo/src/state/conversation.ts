// One room's chat as its panel shows it: the list, what is being written, and what the reader looks at.

import { type LogRecord, ParleyError, type Room, type RoomChat, type Unsubscribe } from '@parley/client';
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ChatEntry, MessageEntry } from '../chat/chat-entry.ts';
import type { GapReason } from '../chat/gap-text.ts';
import { type Mentionable, mentionsIn } from '../chat/mentions.ts';
import { ofRecord, toEntries } from '../chat/to-entries.ts';
import { explainBriefly } from '../errors/explain-error.ts';
import { createNewMessagesLine } from './new-messages-line.ts';
import type { Notices } from './notices.ts';

export type ChatView =
  | { readonly name: 'messages' }
  | { readonly name: 'search' }
  | { readonly name: 'thread'; readonly id: string };

/** What the composer does when it is sent. */
export type Writing =
  | { readonly mode: 'message' }
  | { readonly mode: 'reply'; readonly to: MessageEntry }
  | { readonly mode: 'edit'; readonly message: MessageEntry };

export interface Conversation {
  readonly room: string;
  readonly title: ReadonlySignal<string>;
  readonly isDirect: boolean;
  readonly ownIdentity: string;
  readonly ownName: string;
  readonly entries: ReadonlySignal<readonly ChatEntry[]>;
  readonly hasOlder: ReadonlySignal<boolean>;
  readonly loadingOlder: ReadonlySignal<boolean>;
  readonly catchingUp: ReadonlySignal<boolean>;
  /** Messages that wait for the server. */
  readonly waiting: ReadonlySignal<number>;
  /** Written by others and not seen; 0 while the reader looks at the newest message. */
  readonly unread: ReadonlySignal<number>;
  readonly unreadMentions: ReadonlySignal<number>;
  /** The record up to which everything was read when the reader came; the line stands behind it. */
  readonly lineAfter: ReadonlySignal<number | undefined>;
  /** What stands around the line is loaded, or will not be: it may be drawn. */
  readonly lineReady: ReadonlySignal<boolean>;
  /** The newest message is in view of somebody: what comes is read. */
  readonly watched: Signal<boolean>;
  readonly gap: Signal<GapReason | undefined>;
  readonly markers: ReadonlySignal<RoomChat['markers']>;
  readonly typing: ReadonlySignal<readonly string[]>;
  readonly slowModeMs: ReadonlySignal<number>;
  readonly mutedUntilMs: ReadonlySignal<number | undefined>;
  readonly view: Signal<ChatView>;
  readonly writing: ReadonlySignal<Writing>;
  /** What is written and not sent yet outlives the panel. */
  readonly draft: Signal<string>;
  /** The message to bring into view; the list takes it back when that is done. */
  readonly target: Signal<{ readonly id: string } | undefined>;
  readonly people: ReadonlySignal<readonly Mentionable[]>;
  readonly canWrite: boolean;
  readonly canModerate: boolean;
  /** “You” for the reader. */
  nameOf(identity: string): string;
  find(id: string): MessageEntry | undefined;
  startReply(to: MessageEntry): void;
  startEdit(message: MessageEntry): void;
  stopWriting(): void;
  submit(text: string): void;
  retry(id: string): void;
  discard(id: string): void;
  react(message: MessageEntry, emoji: string, on: boolean): void;
  delete(message: MessageEntry): void;
  setTyping(typing: boolean): void;
  /** The reader comes: the unread line is placed anew, and what stands around it is loaded. */
  beginReading(): void;
  /** While nobody looks, the line goes above the first message that comes. */
  holdLine(): void;
  markRead(): void;
  loadOlder(): Promise<void>;
  /** Loads as much of the past as it takes, and brings the message into view. */
  show(id: string): Promise<void>;
  thread(id: string): Promise<readonly MessageEntry[]>;
  search(query: string, beforeSeq?: number): Promise<{ found: readonly MessageEntry[]; more: boolean }>;
  close(): void;
}

interface ConversationOptions {
  readonly room: Room;
  readonly title: ReadonlySignal<string>;
  readonly isDirect: boolean;
  readonly ownIdentity: string;
  readonly ownName: string;
  readonly people: ReadonlySignal<readonly Mentionable[]>;
  readonly notices: Notices;
  readonly onMessages: (records: readonly LogRecord[]) => void;
}

const olderPage = 50;
const seekPage = 200;
const seekPagesAtMost = 250;

export function createConversation(options: ConversationOptions): Conversation {
  const { room, isDirect, ownIdentity, ownName, people, notices } = options;
  const { chat } = room;
  // The SDK's lists change in place: a number stands for “read them again”.
  const version = signal(0);
  const changed = (): void => {
    version.value += 1;
  };
  const read = <T>(ask: () => T): ReadonlySignal<T> =>
    computed(() => {
      version.value;
      return ask();
    });
  const view = signal<ChatView>({ name: 'messages' });
  const writing = signal<Writing>({ mode: 'message' });
  const draft = signal('');
  const target = signal<{ id: string } | undefined>(undefined);
  const gap = signal<GapReason | undefined>(undefined);
  const line = createNewMessagesLine({ chat, ownIdentity, read, notices });
  const loadingOlder = signal(false);
  const watched = signal(false);
  // What was being written before an edit took its place.
  let putAside = '';
  const settings = signal({ slowModeMs: room.settings.slowModeMs, mutedUntilMs: room.mutedUntilMs });

  const entries = computed(() => {
    version.value;
    return toEntries(chat.records, chat.outgoing, { ownIdentity, ownName, isDirect });
  });
  const names = computed(() => {
    const known = new Map<string, string>();
    for (const entry of entries.value) {
      if (entry.kind === 'message') known.set(entry.identity, entry.name);
      else if (entry.record.identity !== '')
        known.set(entry.record.identity, entry.record.name || entry.record.identity);
    }
    for (const person of people.value) known.set(person.identity, person.name);
    return known;
  });
  const nameOf = (identity: string): string =>
    identity === ownIdentity ? 'You' : (names.value.get(identity) ?? identity);
  const find = (id: string): MessageEntry | undefined => {
    const record = chat.records.find((one) => one.messageId === id && one.kind === 'message');
    return record === undefined ? undefined : ofRecord(record, { ownIdentity });
  };
  const attempt = (action: Promise<unknown>): void => {
    action.catch((error: ParleyError) => notices.show(explainBriefly(error), 'problem'));
  };

  const stopWriting = (): void => {
    if (writing.peek().mode === 'edit') draft.value = putAside;
    writing.value = { mode: 'message' };
  };

  let startIs: 'wanted' | 'loading' | 'done' = 'wanted';
  /** The newest page, and who has read it. Nobody asked for it: a connection that is lost meanwhile is told elsewhere. */
  const loadStart = async (): Promise<void> => {
    if (startIs !== 'wanted' || chat.catchingUp || !room.grants.includes('history')) return;
    startIs = 'loading';
    try {
      const needsPage = chat.records.length === 0 && chat.hasOlder;
      await Promise.all([chat.loadMarkers(), needsPage ? chat.loadOlder(olderPage) : 0]);
      startIs = 'done';
    } catch (error) {
      startIs = isOfConnection(error) ? 'wanted' : 'done';
      if (startIs === 'done') notices.show(explainBriefly(error), 'problem');
    }
  };

  const unsubscribes: Unsubscribe[] = [
    chat.on('changed', () => {
      changed();
      void loadStart();
    }),
    chat.on('outgoingChanged', changed),
    chat.on('unreadChanged', changed),
    chat.on('markersChanged', changed),
    chat.on('typingChanged', changed),
    room.on('rulesChanged', () => {
      settings.value = { slowModeMs: room.settings.slowModeMs, mutedUntilMs: room.mutedUntilMs };
    }),
    chat.on('gap', ({ reason }) => {
      gap.value = reason;
      // The numbers of another log mean something else.
      if (reason === 'epoch' || reason === 'fork') line.remove();
      changed();
    }),
    chat.on('records', ({ records, live }) => {
      changed();
      const written = records.filter((record) => record.kind === 'message' && record.identity !== ownIdentity);
      if (live && written.length > 0) options.onMessages(written);
    }),
  ];
  void loadStart();

  const send = (text: string, replyTo: string | undefined): void => {
    try {
      const { sent } = chat.send(text, { replyTo, mentions: mentionsIn(text, people.peek()) });
      // A failure stands beside the message.
      sent.catch(() => {});
      line.remove();
    } catch (error) {
      notices.show(explainBriefly(error), 'problem');
      draft.value = text;
    }
  };

  return {
    room: room.name,
    title: options.title,
    isDirect,
    ownIdentity,
    ownName,
    entries,
    hasOlder: read(() => chat.hasOlder),
    loadingOlder,
    catchingUp: read(() => chat.catchingUp),
    waiting: read(() => chat.outgoing.filter((message) => message.state === 'sending').length),
    unread: read(() => (watched.value ? 0 : chat.unread.messages)),
    unreadMentions: read(() => (watched.value ? 0 : chat.unread.mentions)),
    lineAfter: line.after,
    lineReady: line.ready,
    watched,
    gap,
    markers: read(() => new Map(chat.markers)),
    typing: read(() => chat.typing.map(({ identity, name }) => name || identity)),
    slowModeMs: computed(() => settings.value.slowModeMs),
    mutedUntilMs: computed(() => settings.value.mutedUntilMs),
    view,
    writing,
    draft,
    target,
    people,
    canWrite: room.grants.includes('chat'),
    canModerate: room.grants.includes('moderate'),
    nameOf,
    find,
    startReply(to) {
      stopWriting();
      writing.value = { mode: 'reply', to };
    },
    startEdit(message) {
      stopWriting();
      putAside = draft.peek();
      batch(() => {
        writing.value = { mode: 'edit', message };
        draft.value = message.text;
      });
    },
    stopWriting,
    submit(text) {
      const now = writing.peek();
      const shown = view.peek();
      batch(() => {
        if (now.mode !== 'edit') draft.value = '';
        stopWriting();
        if (now.mode === 'edit') {
          if (text !== now.message.text) attempt(chat.edit(now.message.id, text));
          return;
        }
        send(text, now.mode === 'reply' ? now.to.id : shown.name === 'thread' ? shown.id : undefined);
      });
      chat.setTyping(false);
    },
    retry: (id) => chat.retry(id),
    discard: (id) => chat.discard(id),
    react: (message, emoji, on) => attempt(chat.react(message.id, emoji, on)),
    delete: (message) => attempt(chat.delete(message.id)),
    setTyping: (typing) => chat.setTyping(typing),
    beginReading: line.begin,
    holdLine: line.hold,
    markRead() {
      if (chat.unread.messages > 0 || chat.unread.readSeq < chat.head.seq) chat.markRead();
    },
    async loadOlder() {
      if (loadingOlder.peek() || !chat.hasOlder) return;
      loadingOlder.value = true;
      try {
        await chat.loadOlder(olderPage);
      } catch (error) {
        notices.show(explainBriefly(error), 'problem');
      } finally {
        batch(() => {
          loadingOlder.value = false;
          changed();
        });
      }
    },
    async show(id) {
      view.value = { name: 'messages' };
      loadingOlder.value = true;
      try {
        for (let page = 0; page < seekPagesAtMost && find(id) === undefined && chat.hasOlder; page += 1) {
          if ((await chat.loadOlder(seekPage)) === 0) break;
        }
      } catch (error) {
        notices.show(explainBriefly(error), 'problem');
        return;
      } finally {
        batch(() => {
          loadingOlder.value = false;
          changed();
        });
      }
      if (find(id) === undefined) notices.show('That message is not in the room any more.');
      else target.value = { id };
    },
    async thread(id) {
      return (await chat.thread(id)).filter(isMessage).map((record) => ofRecord(record, { ownIdentity }));
    },
    async search(query, beforeSeq) {
      const { records, more } = await chat.search(query, beforeSeq === undefined ? {} : { beforeSeq });
      return { found: records.filter(isMessage).map((record) => ofRecord(record, { ownIdentity })), more };
    },
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}

function isMessage(record: LogRecord): boolean {
  return record.kind === 'message';
}

const ofConnection: readonly string[] = ['NOT_CONNECTED', 'CONNECTION_LOST', 'NOT_IN_ROOM', 'SERVER_DRAINING'];

function isOfConnection(error: unknown): boolean {
  return error instanceof ParleyError && ofConnection.includes(error.reason);
}
