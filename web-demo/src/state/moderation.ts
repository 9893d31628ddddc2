// What a moderator can do to others, with the outcome told as a notice.

import type { Room } from '@parley/client';
import { type ReadonlySignal, signal } from '@preact/signals';
import { explainBriefly } from '../errors/explain-error.ts';
import type { Notices } from './notices.ts';
import type { Person, Sent } from './roster.ts';

export interface RemovedPerson {
  readonly identity: string;
  readonly name: string;
}

export interface Moderation {
  readonly isAllowed: boolean;
  readonly removed: ReadonlySignal<readonly RemovedPerson[]>;
  refreshRemoved(): Promise<void>;
  /** `lock`: only a moderator can end it. */
  mute(sent: Sent, options: { muted: boolean; lock?: boolean }): Promise<void>;
  remove(person: Person, explanation: string): Promise<void>;
  allow(person: RemovedPerson): Promise<void>;
}

const rememberedNames = 200;

export function createModeration(room: Room, notices: Notices): Moderation {
  const isAllowed = room.grants.includes('moderate');
  const removed = signal<readonly RemovedPerson[]>([]);
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
      const identities = await room.listRemoved();
      removed.value = identities.map((identity) => ({ identity, name: names.get(identity) ?? identity }));
    });

  return {
    isAllowed,
    removed,
    refreshRemoved,
    mute: ({ producerId }, options) =>
      attempt(async () => {
        if (producerId !== undefined) await room.muteProducer(producerId, options);
      }),
    remove: (person, explanation) =>
      attempt(async () => {
        await room.removePeer(person.peerId, explanation);
        names.set(person.identity, person.name);
        const [oldest] = names.keys();
        if (names.size > rememberedNames && oldest !== undefined) names.delete(oldest);
        notices.show(`${person.name} was removed from the room.`);
        await refreshRemoved();
      }),
    allow: (person) =>
      attempt(async () => {
        await room.allowIdentity(person.identity);
        notices.show(`${person.name} can join again.`);
        await refreshRemoved();
      }),
  };
}
