import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { explainBriefly } from '../errors/explain-error.ts';
import type { Conversation } from '../state/conversation.ts';
import { IconButton } from '../ui/icon-button.tsx';
import type { MessageEntry } from './chat-entry.ts';
import { excerpt } from './excerpt.ts';
import { markWords } from './mark-words.ts';

interface Results {
  readonly query: string;
  readonly found: readonly MessageEntry[];
  readonly more: boolean;
}

const pauseMs = 250;
const when = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' });

/** Finds messages by their words; a press on one brings it into view. */
export function SearchView({ conversation }: { conversation: Conversation }) {
  const field = useRef<HTMLInputElement>(null);
  const query = useSignal('');
  const results = useSignal<Results | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const wanted = query.value.trim();

  const search = async (text: string, before: readonly MessageEntry[]): Promise<void> => {
    try {
      const { found, more } = await conversation.search(text, before.at(-1)?.seq);
      // Another word was written meanwhile.
      if (query.peek().trim() !== text) return;
      problem.value = undefined;
      results.value = { query: text, found: [...before, ...found], more };
    } catch (error) {
      if (query.peek().trim() === text) problem.value = explainBriefly(error);
    }
  };

  useLayoutEffect(() => field.current?.focus(), []);
  useEffect(() => {
    if (wanted === '') {
      results.value = undefined;
      return;
    }
    const timer = setTimeout(() => void search(wanted, []), pauseMs);
    return () => clearTimeout(timer);
  }, [wanted, conversation]);

  const shown = results.value;
  return (
    <search class="search">
      <header class="view-header">
        <IconButton
          icon="arrowLeft"
          label="Back to all messages"
          class="quiet"
          onClick={() => {
            conversation.view.value = { name: 'messages' };
          }}
        />
        <input
          ref={field}
          type="search"
          value={query.value}
          aria-label="Search messages"
          placeholder="Search messages"
          maxLength={120}
          onInput={(event) => {
            query.value = event.currentTarget.value;
          }}
        />
      </header>
      <div class="search-results">
        <p class={shown?.found.length === 0 ? 'search-hint' : 'search-count'} role="status">
          {problem.value ?? (shown !== undefined && countText(shown))}
        </p>
        {shown === undefined && problem.value === undefined && (
          <p class="search-hint">Finds messages that have all the words, the newest first.</p>
        )}
        <ul>
          {shown?.found.map((message) => (
            <li key={message.id}>
              <button type="button" class="search-result" onClick={() => void conversation.show(message.id)}>
                <span class="message-head">
                  <strong>{conversation.nameOf(message.identity)}</strong>
                  <time dateTime={new Date(message.sentAtMs).toISOString()}>{when.format(message.sentAtMs)}</time>
                </span>
                <span class="search-text" dir="auto">
                  {markWords(excerpt(message.text, 240), shown.query).map((part) =>
                    part.found ? <mark>{part.text}</mark> : part.text,
                  )}
                </span>
              </button>
            </li>
          ))}
        </ul>
        {shown?.more && (
          <button type="button" class="button small" onClick={() => void search(shown.query, shown.found)}>
            More results
          </button>
        )}
      </div>
    </search>
  );
}

function countText({ found, more }: Results): string {
  if (found.length === 0) return 'Nothing found. Try fewer words, or only their beginnings.';
  if (more) return `The newest ${found.length} results`;
  return found.length === 1 ? '1 result' : `${found.length} results`;
}
