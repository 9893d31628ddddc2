import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Chat } from '../state/chat.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { excessBytes } from './text-limit.ts';

/** Where a message is written. Enter sends, Shift and Enter begin a new line. */
export function Composer({ chat }: { chat: Chat }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const text = chat.draft.value;
  const excess = excessBytes(text);
  const canSend = text.trim() !== '' && excess === 0;

  // It grows with its text, up to the height that the style sheet allows.
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  const submit = (): void => {
    if (!canSend) return;
    chat.send(text.trim());
    chat.draft.value = '';
    field.current?.focus();
  };

  return (
    <form
      class="composer"
      aria-label="Write a message"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div class="composer-box">
        <textarea
          ref={field}
          data-first-focus
          rows={1}
          value={text}
          aria-label="Message"
          aria-describedby={excess > 0 ? 'composer-problem' : undefined}
          placeholder="Message everyone"
          enterkeyhint="send"
          onInput={(event) => {
            chat.draft.value = event.currentTarget.value;
          }}
          onKeyDown={(event) => {
            // While an input method composes, Enter belongs to it.
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            submit();
          }}
        />
        <IconButton icon="send" label="Send" class="send" type="submit" disabled={!canSend} />
      </div>
      {excess > 0 && (
        <p id="composer-problem" class="field-problem" role="alert">
          Too long to send at once: take out about {Math.ceil(excess / 100) * 100} characters.
        </p>
      )}
    </form>
  );
}
