import type { Reaction } from './chat-entry.ts';
import { nameList } from './name-list.ts';

/** What the picker offers, with what a screen reader calls it. */
export const offeredReactions = [
  { emoji: '👍', text: 'Thumbs up' },
  { emoji: '❤️', text: 'Heart' },
  { emoji: '😂', text: 'Tears of joy' },
  { emoji: '🎉', text: 'Party' },
  { emoji: '😮', text: 'Surprised' },
  { emoji: '😢', text: 'Sad' },
  { emoji: '👀', text: 'Eyes' },
  { emoji: '🙏', text: 'Thank you' },
] as const;

export interface ReactionSummary {
  readonly emoji: string;
  readonly count: number;
  /** The reader is among them. */
  readonly own: boolean;
  /** “You and Ben reacted with 👍”. */
  readonly title: string;
}

export function summarizeReactions(
  reactions: readonly Reaction[],
  ownIdentity: string,
  nameOf: (identity: string) => string,
): ReactionSummary[] {
  return reactions
    .filter(({ identities }) => identities.length > 0)
    .map(({ emoji, identities }) => {
      const own = identities.includes(ownIdentity);
      const others = identities.filter((identity) => identity !== ownIdentity).map(nameOf);
      const names = nameList([...(own ? ['You'] : []), ...others]);
      return { emoji, own, count: identities.length, title: `${names} reacted with ${emoji}` };
    });
}
