import { useSignal } from '@preact/signals';
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../state/conversation.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { ComposerContext } from './composer-context.tsx';
import { MentionList } from './mention-list.tsx';
import { insertMention, type Mentionable } from './mentions.ts';
import { excessBytes } from './text-limit.ts';
import { useMentionChoice } from './use-mention-choice.ts';
import { useWritingHint } from './use-writing-hint.ts';

/** Where a message is written. Enter sends, Shift and Enter begin a new line, Up in an empty field edits the last one. */
export function Composer({ conversation }: { conversation: Conversation }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const text = conversation.draft.value;
  const writing = conversation.writing.value;
  const caret = useSignal(text.length);
  const mention = useMentionChoice(conversation, text, caret);
  const hint = useWritingHint(conversation);
  const excess = excessBytes(text);
  // Slow mode is of messages: an edit may be sent.
  const blocked = hint?.blocks === true && writing.mode !== 'edit';
  const canSend = text.trim() !== '' && excess === 0 && !blocked;

  // It grows with its text, up to the height that the style sheet allows.
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) field.current?.focus();
    isFirst.current = false;
  }, [writing]);

  const submit = (): void => {
    if (!canSend) return;
    conversation.submit(text.trim());
    field.current?.focus();
  };

  const choose = (person: Mentionable): void => {
    const query = mention.query;
    if (query === undefined) return;
    const next = insertMention(text, query, person.name);
    conversation.draft.value = next.text;
    caret.value = next.caret;
    // The caret is set when the field has the text.
    requestAnimationFrame(() => field.current?.setSelectionRange(next.caret, next.caret));
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    // While an input method composes, its keys belong to it.
    if (event.isComposing) return;
    const chosen = mention.onKey(event.key);
    if (chosen !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      if (chosen !== 'moved') choose(chosen);
      return;
    }
    if (event.key === 'Escape' && writing.mode !== 'message') {
      event.stopPropagation();
      conversation.stopWriting();
    } else if (event.key === 'ArrowUp' && text === '' && writing.mode === 'message') {
      const last = conversation.entries
        .peek()
        .findLast((one) => one.kind === 'message' && one.own && one.seq !== undefined && one.deletedBy === undefined);
      if (last?.kind !== 'message') return;
      event.preventDefault();
      conversation.startEdit(last);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  };

  const listId = `${id}-mentions`;
  const isListed = mention.people.length > 0;
  const notes = [...(excess > 0 ? [`${id}-problem`] : []), ...(hint === undefined ? [] : [`${id}-hint`])];
  return (
    <form
      class="composer"
      aria-label="Write a message"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ComposerContext conversation={conversation} />
      {isListed && <MentionList id={listId} people={mention.people} chosen={mention.chosen} onChoose={choose} />}
      <div class="composer-box">
        <textarea
          ref={field}
          data-first-focus
          rows={1}
          value={text}
          aria-label="Message"
          aria-describedby={notes.length > 0 ? notes.join(' ') : undefined}
          aria-autocomplete="list"
          aria-controls={isListed ? listId : undefined}
          aria-activedescendant={isListed ? `${listId}-${mention.chosen}` : undefined}
          placeholder={placeholder(conversation)}
          enterkeyhint="send"
          onInput={(event) => {
            const { value, selectionStart } = event.currentTarget;
            conversation.draft.value = value;
            caret.value = selectionStart;
            conversation.setTyping(value !== '' && writing.mode !== 'edit');
          }}
          onSelect={(event) => {
            caret.value = event.currentTarget.selectionStart;
          }}
          onKeyDown={onKeyDown}
        />
        <IconButton
          icon={writing.mode === 'edit' ? 'check' : 'send'}
          label={writing.mode === 'edit' ? 'Save' : 'Send'}
          class="send"
          type="submit"
          disabled={!canSend}
        />
      </div>
      {hint !== undefined && (
        <p id={`${id}-hint`} class="composer-hint">
          {hint.text}
        </p>
      )}
      {excess > 0 && (
        <p id={`${id}-problem`} class="field-problem" role="alert">
          Too long to send at once: take out about {Math.ceil(excess / 100) * 100} characters.
        </p>
      )}
    </form>
  );
}

function placeholder(conversation: Conversation): string {
  if (conversation.view.value.name === 'thread') return 'Reply in the thread';
  return conversation.isDirect ? `Message ${conversation.title.value}` : 'Message everyone';
}
