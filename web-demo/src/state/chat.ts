// Every conversation of the chat panel: the room's own, and those with one person.

import type { Client, LogRecord, Room, Unsubscribe } from '@parley/client';
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Mentionable } from '../chat/mentions.ts';
import { explainBriefly } from '../errors/explain-error.ts';
import { type Conversation, createConversation } from './conversation.ts';
import type { Notices } from './notices.ts';
import type { Roster } from './roster.ts';

export interface Announcement {
  readonly id: number;
  readonly text: string;
}

export interface Chat {
  /** The room's own first. */
  readonly conversations: ReadonlySignal<readonly Conversation[]>;
  readonly active: ReadonlySignal<Conversation>;
  /** Of all conversations, written by others. */
  readonly unread: ReadonlySignal<number>;
  readonly isOpen: Signal<boolean>;
  /** The latest message of somebody else, for a screen reader. */
  readonly latest: ReadonlySignal<Announcement | undefined>;
  select(conversation: Conversation): void;
  /** Whether the conversation is the active one now; a notice says why not. */
  openDirect(person: Mentionable): Promise<boolean>;
  close(): void;
}

interface ChatOptions {
  readonly client: Client;
  readonly room: Room;
  readonly roster: Roster;
  readonly ownName: string;
  readonly ownIdentity: string;
  readonly notices: Notices;
}

/** Conversations of two that are followed at once; others open when they are asked for. */
const directsAtOnce = 20;

export function createChat({ client, room, roster, ownName, ownIdentity, notices }: ChatOptions): Chat {
  const isOpen = signal(false);
  const latest = signal<Announcement | undefined>(undefined);
  const people = computed<readonly Mentionable[]>(() => {
    const known = new Map<string, Mentionable>();
    for (const { identity, name, self } of roster.people.value) if (!self) known.set(identity, { identity, name });
    return [...known.values()];
  });
  // Opening one twice at once joins it once.
  const opening = new Map<string, Promise<Conversation>>();
  const directRooms = new Map<Conversation, Room>();
  let isClosed = false;

  const announce = (title: string, records: readonly LogRecord[]): void => {
    const record = records.at(-1);
    if (record === undefined) return;
    const where = title === '' ? '' : ' to you';
    const text = `${record.name || record.identity}${where}: ${record.message?.text ?? ''}`;
    latest.value = { id: (latest.peek()?.id ?? 0) + 1, text };
  };

  const own = createConversation({
    room,
    title: signal('Everyone'),
    isDirect: false,
    ownIdentity,
    ownName,
    people,
    notices,
    onMessages: (records) => announce('', records),
  });
  const conversations = signal<readonly Conversation[]>([own]);
  const active = signal(own);

  const joinDirect = async (name: string, identity: string, called: string | undefined): Promise<Conversation> => {
    const joined = await client.join(name);
    const title = computed(() => {
      const inRoom = people.value.find((person) => person.identity === identity);
      return inRoom?.name ?? called ?? conversation.nameOf(identity);
    });
    const conversation = createConversation({
      room: joined,
      title,
      isDirect: true,
      ownIdentity,
      ownName,
      people: computed(() => [{ identity, name: title.value }]),
      notices,
      onMessages: (records) => announce(title.peek(), records),
    });
    if (isClosed) {
      conversation.close();
      void joined.leave().catch(() => {});
      return conversation;
    }
    joined.on('left', () => drop(conversation));
    directRooms.set(conversation, joined);
    conversations.value = [...conversations.peek(), conversation];
    return conversation;
  };

  const follow = (name: string, identity: string, called?: string): Promise<Conversation> => {
    const known = opening.get(name);
    if (known !== undefined) return known;
    const joining = joinDirect(name, identity, called);
    opening.set(name, joining);
    joining.catch(() => opening.delete(name));
    return joining;
  };

  const drop = (conversation: Conversation): void => {
    opening.delete(conversation.room);
    directRooms.delete(conversation);
    conversation.close();
    conversations.value = conversations.peek().filter((one) => one !== conversation);
    if (active.peek() === conversation) active.value = own;
  };

  const followAll = async (): Promise<void> => {
    for (const direct of (await client.listDirects()).slice(0, directsAtOnce)) {
      const last = direct.lastMessage;
      await follow(direct.room, direct.identity, last?.identity === direct.identity ? last.name : undefined);
    }
  };
  // Without the right to conversations of two there are none, and that is no problem.
  followAll().catch(() => {});

  const unsubscribes: Unsubscribe[] = [
    client.on('directOpened', ({ room: name, identity }) => {
      if (conversations.peek().length <= directsAtOnce) follow(name, identity).catch(() => {});
    }),
    client.on('mentioned', ({ room: name, record }) => {
      notices.show(`${record.name || record.identity} mentioned you in ${name}.`);
    }),
  ];

  return {
    conversations,
    active,
    unread: computed(() => conversations.value.reduce((sum, one) => sum + one.unread.value, 0)),
    isOpen,
    latest,
    select(conversation) {
      active.value = conversation;
    },
    async openDirect(person) {
      try {
        const name = await client.openDirect(person.identity);
        active.value = await follow(name, person.identity, person.name);
        return true;
      } catch (error) {
        notices.show(explainBriefly(error), 'problem');
        return false;
      }
    },
    close() {
      isClosed = true;
      for (const unsubscribe of unsubscribes) unsubscribe();
      for (const conversation of conversations.peek()) conversation.close();
    },
  };
}
