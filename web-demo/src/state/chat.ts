// The chat of one call: what was written, what is being sent, and who came and went.

import type { ChatMessage, PeerInfo, Room, Unsubscribe } from '@parley/client';
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { EventEntry, MessageEntry } from '../chat/chat-entry.ts';
import { type ChatLog, withEvent, withFailure, withMessage, withoutEntry, withPending } from '../chat/chat-log.ts';
import { explainBriefly } from '../errors/explain-error.ts';

export interface Chat {
  /** The last thousand. */
  readonly log: ReadonlySignal<ChatLog>;
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

interface ChatOptions {
  readonly room: Room;
  readonly ownName: string;
  readonly ownIdentity: string;
}

export function createChat({ room, ownName, ownIdentity }: ChatOptions): Chat {
  const log = signal<ChatLog>([]);
  const unread = signal(0);
  const isOpen = signal(false);
  const latest = signal<MessageEntry | undefined>(undefined);
  let lastLocalId = 0;
  let rosterIsComplete = hasEveryone(room);

  const nextId = (): string => {
    lastLocalId += 1;
    return `local-${lastLocalId}`;
  };

  const receive = (message: ChatMessage): void => {
    const entry = toEntry(message, room.peerId);
    log.value = withMessage(log.peek(), entry);
    if (entry.own) return;
    latest.value = entry;
    if (!isOpen.peek()) unread.value += 1;
  };

  const submit = async (text: string): Promise<void> => {
    const id = nextId();
    log.value = withPending(log.peek(), {
      kind: 'message',
      id,
      author: room.peerId,
      identity: ownIdentity,
      name: ownName,
      text,
      sentAtMs: Date.now(),
      own: true,
      state: 'sending',
    });
    try {
      const message = await room.send(text);
      log.value = withMessage(withoutEntry(log.peek(), id), toEntry(message, room.peerId));
    } catch (error) {
      log.value = withFailure(log.peek(), id, explainBriefly(error));
    }
  };

  const note = (what: EventEntry['what'], peers: readonly PeerInfo[]): void => {
    const names = peers.map((peer) => peer.name || peer.identity);
    log.value = withEvent(log.peek(), { kind: 'event', id: nextId(), what, names, atMs: Date.now() });
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
    log,
    unread,
    isOpen,
    latest,
    draft: signal(''),
    canWrite: room.grants.includes('chat'),
    send: (text) => void submit(text),
    retry(id) {
      const failed = log.peek().find((entry) => entry.id === id);
      if (failed?.kind !== 'message' || failed.state !== 'failed') return;
      log.value = withoutEntry(log.peek(), id);
      void submit(failed.text);
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
