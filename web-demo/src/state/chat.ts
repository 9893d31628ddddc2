// The messages of one call, what is being sent, and who came and went.

import type { ChatMessage, PeerInfo, Room, Unsubscribe } from '@parley/client';
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ChatEntry, EventEntry, MessageEntry } from '../chat/chat-entry.ts';
import { explainBriefly } from '../errors/explain-error.ts';

export interface Chat {
  /** The last thousand. */
  readonly entries: ReadonlySignal<readonly ChatEntry[]>;
  /** Written by others while the panel was closed. */
  readonly unread: ReadonlySignal<number>;
  readonly isOpen: Signal<boolean>;
  /** The latest message of somebody else, for a screen reader while the panel is closed. */
  readonly latest: ReadonlySignal<MessageEntry | undefined>;
  /** What is written and not sent yet outlives the panel. */
  readonly draft: Signal<string>;
  readonly canWrite: boolean;
  send(text: string): void;
  retry(id: string): void;
  close(): void;
}

export const keptEntries = 1_000;
/** People who come or go within this time share a line. */
const sharedLineMs = 30_000;

interface ChatOptions {
  readonly room: Room;
  readonly ownName: string;
  readonly ownIdentity: string;
  readonly nowMs?: () => number;
}

export function createChat({ room, ownName, ownIdentity, nowMs = Date.now }: ChatOptions): Chat {
  const entries = signal<readonly ChatEntry[]>([]);
  const unread = signal(0);
  const isOpen = signal(false);
  const latest = signal<MessageEntry | undefined>(undefined);
  let lastLocalId = 0;
  let rosterIsComplete = hasEveryone(room);

  const nextId = (): string => {
    lastLocalId += 1;
    return `local-${lastLocalId}`;
  };
  const keep = (next: readonly ChatEntry[]): void => {
    entries.value = next.slice(-keptEntries);
  };

  const receive = (message: ChatMessage): void => {
    const before = entries.peek();
    // One's own message comes twice, as the answer of `send` and as the event, in either order.
    if (before.some((entry) => entry.id === message.messageId)) return;
    const entry = toEntry(message, room.peerId);
    keep([...before, entry]);
    if (entry.own) return;
    latest.value = entry;
    if (!isOpen.peek()) unread.value += 1;
  };

  const deliver = async (pending: MessageEntry): Promise<void> => {
    try {
      const message = await room.send(pending.text);
      keep(entries.peek().filter((entry) => entry.id !== pending.id));
      receive(message);
    } catch (error) {
      const failed: MessageEntry = { ...pending, state: 'failed', problem: explainBriefly(error) };
      keep(entries.peek().map((entry) => (entry.id === pending.id ? failed : entry)));
    }
  };

  const submit = (text: string): void => {
    const pending: MessageEntry = {
      kind: 'message',
      id: nextId(),
      author: room.peerId,
      identity: ownIdentity,
      name: ownName,
      text,
      sentAtMs: nowMs(),
      own: true,
      state: 'sending',
    };
    keep([...entries.peek(), pending]);
    void deliver(pending);
  };

  const note = (what: EventEntry['what'], peers: readonly PeerInfo[]): void => {
    const names = peers.map((peer) => peer.name || peer.identity);
    if (names.length === 0) return;
    const before = entries.peek();
    const last = before.at(-1);
    if (last?.kind === 'event' && last.what === what && nowMs() - last.atMs < sharedLineMs) {
      keep([...before.slice(0, -1), { ...last, names: [...last.names, ...names] }]);
    } else {
      keep([...before, { kind: 'event', id: nextId(), what, names, atMs: nowMs() }]);
    }
  };

  const unsubscribes: Unsubscribe[] = [
    room.on('message', receive),
    room.on('peersChanged', ({ joined, left }) => {
      const wasComplete = rosterIsComplete;
      rosterIsComplete ||= hasEveryone(room);
      // The pages of a large roster name people who were there before.
      if (wasComplete) note('joined', joined);
      note('left', left);
    }),
    isOpen.subscribe((open) => {
      if (open) unread.value = 0;
    }),
  ];

  return {
    entries,
    unread,
    isOpen,
    latest,
    draft: signal(''),
    canWrite: room.grants.includes('chat'),
    send: submit,
    retry(id) {
      const failed = entries.peek().find((entry) => entry.id === id);
      if (failed?.kind !== 'message' || failed.state !== 'failed') return;
      keep(entries.peek().filter((entry) => entry.id !== id));
      submit(failed.text);
    },
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}

function hasEveryone(room: Room): boolean {
  return room.peers.size + 1 >= room.peerCount;
}

function toEntry(message: ChatMessage, ownPeerId: string): MessageEntry {
  return {
    kind: 'message',
    id: message.messageId,
    author: message.peerId,
    identity: message.identity,
    name: message.name || message.identity,
    text: message.text,
    sentAtMs: message.sentAtMs,
    own: message.peerId === ownPeerId,
    state: 'sent',
  };
}
