// What a moderator can do to others, with the outcome told as a notice.

import type { Restriction, Room, RoomSettings, Unsubscribe } from '@parley/client';
import { type ReadonlySignal, signal } from '@preact/signals';
import { explainBriefly } from '../errors/explain-error.ts';
import type { Notices } from './notices.ts';
import type { Person, Sent } from './roster.ts';

export interface RemovedPerson {
  readonly identity: string;
  readonly name: string;
  /** When it ends by itself; undefined: when a moderator ends it. */
  readonly untilMs: number | undefined;
}

export interface Moderation {
  readonly isAllowed: boolean;
  readonly removed: ReadonlySignal<readonly RemovedPerson[]>;
  /** Those who may not write in the chat. */
  readonly silenced: ReadonlySignal<readonly RemovedPerson[]>;
  readonly settings: ReadonlySignal<RoomSettings>;
  refreshRemoved(): Promise<void>;
  /** `lock`: only a moderator can end it. */
  mute(sent: Sent, options: { muted: boolean; lock?: boolean }): Promise<void>;
  remove(person: Person, explanation: string): Promise<void>;
  /** Without a duration until `allow`. */
  ban(person: Person, durationMs: number | undefined, explanation: string): Promise<void>;
  /** Lets somebody read and not write, without a duration until `unsilence`. */
  silence(person: Pick<Person, 'identity' | 'name'>, durationMs: number | undefined): Promise<void>;
  unsilence(person: Pick<Person, 'identity' | 'name'>): Promise<void>;
  lowerHand(person: Person): Promise<void>;
  requestUnmute(person: Person): Promise<void>;
  allow(person: Pick<RemovedPerson, 'identity' | 'name'>): Promise<void>;
  configure(changes: Partial<RoomSettings>): Promise<void>;
  close(): void;
}

const rememberedNames = 200;

export function createModeration(room: Room, notices: Notices): Moderation {
  const isAllowed = room.grants.includes('moderate');
  const removed = signal<readonly RemovedPerson[]>([]);
  const silenced = signal<readonly RemovedPerson[]>([]);
  const settings = signal(room.settings);
  // The server keeps identities only; the names are those seen here, the last ones of them.
  const names = new Map<string, string>();

  const attempt = async (action: () => Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      notices.show(explainBriefly(error), 'problem');
    }
  };

  const refreshRemoved = (): Promise<void> =>
    attempt(async () => {
      if (!isAllowed) return;
      const restrictions = await room.listRestrictions();
      const named = (kind: Restriction['kind']): RemovedPerson[] =>
        restrictions
          .filter((restriction) => restriction.kind === kind)
          .map(({ identity, untilMs }) => ({ identity, untilMs, name: nameOf(identity) }));
      removed.value = named('banned');
      silenced.value = named('muted');
    });

  const nameOf = (identity: string): string => {
    for (const peer of room.peers.values()) if (peer.identity === identity) return peer.name || identity;
    return names.get(identity) ?? identity;
  };

  const remember = ({ identity, name }: Pick<Person, 'identity' | 'name'>): void => {
    names.set(identity, name);
    const [oldest] = names.keys();
    if (names.size > rememberedNames && oldest !== undefined) names.delete(oldest);
  };

  const unsubscribes: Unsubscribe[] = [
    room.on('rulesChanged', () => {
      settings.value = { ...room.settings };
    }),
    // What another moderator did is in the log.
    room.chat.on('records', ({ records }) => {
      if (records.some(({ kind }) => /^(?:un)?(?:banned|muted)$/.test(kind))) void refreshRemoved();
    }),
  ];

  return {
    isAllowed,
    removed,
    silenced,
    settings,
    refreshRemoved,
    mute: ({ producerId }, options) =>
      attempt(async () => {
        if (producerId !== undefined) await room.muteProducer(producerId, options);
      }),
    remove: (person, explanation) =>
      attempt(async () => {
        await room.removePeer(person.peerId, explanation);
        remember(person);
        notices.show(`${person.name} was removed from the room.`);
        await refreshRemoved();
      }),
    allow: (person) =>
      attempt(async () => {
        await room.allowIdentity(person.identity);
        notices.show(`${person.name} can join again.`);
        await refreshRemoved();
      }),
    ban: (person, durationMs, explanation) =>
      attempt(async () => {
        await room.banIdentity(person.identity, {
          ...(durationMs !== undefined && { durationMs }),
          ...(explanation !== '' && { explanation }),
        });
        remember(person);
        notices.show(`${person.name} is banned from the room.`);
        await refreshRemoved();
      }),
    silence: (person, durationMs) =>
      attempt(async () => {
        await room.muteIdentity(person.identity, durationMs === undefined ? {} : { durationMs });
        remember(person);
        notices.show(`${person.name} can read the chat, not write.`);
        await refreshRemoved();
      }),
    unsilence: (person) =>
      attempt(async () => {
        await room.unmuteIdentity(person.identity);
        notices.show(`${person.name} can write again.`);
        await refreshRemoved();
      }),
    lowerHand: ({ peerId }) => attempt(() => room.lowerHand(peerId)),
    requestUnmute: ({ peerId, name }) =>
      attempt(async () => {
        await room.requestUnmute(peerId);
        notices.show(`${name} was asked to unmute.`);
      }),
    configure: (changes) =>
      attempt(async () => {
        await room.configure(changes);
      }),
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}
