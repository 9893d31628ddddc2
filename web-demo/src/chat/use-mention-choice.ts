import { type Signal, useSignal } from '@preact/signals';
import type { Conversation } from '../state/conversation.ts';
import { findMentionable, type Mentionable, type MentionQuery, mentionQuery } from './mentions.ts';

export interface MentionChoice {
  readonly query: MentionQuery | undefined;
  /** Who is offered; nobody when no mention is being written. */
  readonly people: readonly Mentionable[];
  readonly chosen: number;
  /** The person that a key takes, `moved` when it was for the list, undefined when it is for somebody else. */
  onKey(key: string): Mentionable | 'moved' | undefined;
}

export function useMentionChoice(conversation: Conversation, text: string, caret: Signal<number>): MentionChoice {
  const index = useSignal(0);
  /** The text in which the list was sent away with Escape. */
  const dismissed = useSignal<string | undefined>(undefined);
  const query = dismissed.value === text ? undefined : mentionQuery(text, Math.min(caret.value, text.length));
  const found = query === undefined ? [] : findMentionable(conversation.people.value, query.text);
  // A name that is written in full needs no list: Enter sends then.
  const people = found.length === 1 && found[0]?.name.toLocaleLowerCase() === query?.text.trim() ? [] : found;
  const chosen = people.length === 0 ? 0 : index.value % people.length;
  return {
    query,
    people,
    chosen,
    onKey(key) {
      if (people.length === 0) return undefined;
      if (key === 'Enter' || key === 'Tab') {
        index.value = 0;
        return people[chosen];
      }
      if (key === 'ArrowDown') index.value = (chosen + 1) % people.length;
      else if (key === 'ArrowUp') index.value = (chosen + people.length - 1) % people.length;
      else if (key === 'Escape') dismissed.value = text;
      else return undefined;
      return 'moved';
    },
  };
}
