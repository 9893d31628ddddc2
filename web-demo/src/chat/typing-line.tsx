import { typingText } from './typing-text.ts';

/** Not read aloud: people who stop and start would bury everything else. */
export function TypingLine({ names }: { names: readonly string[] }) {
  return (
    <p class="typing" aria-live="off">
      {names.length > 0 && (
        <>
          <span class="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {typingText(names)}
        </>
      )}
    </p>
  );
}
