import { useLayoutEffect, useRef } from 'preact/hooks';
import { digitOf, phoneKeys } from './keys.ts';

interface KeypadProps {
  readonly onPress: (digit: string) => void;
  readonly label: string;
  /** The keys of the keyboard are to be taken at once. */
  readonly takesFocus?: boolean;
}

/** The keys of a telephone, pressed here or on the keyboard while the focus is among them. */
export function Keypad({ onPress, label, takesFocus = false }: KeypadProps) {
  const keys = useRef<HTMLFieldSetElement>(null);
  // Before the next key press is handled: whoever opens the keys by the keyboard types on.
  useLayoutEffect(() => {
    if (takesFocus) keys.current?.focus();
  }, []);
  return (
    <fieldset
      ref={keys}
      class="keypad"
      aria-label={label}
      tabIndex={-1}
      onKeyDown={(event) => {
        const digit = event.ctrlKey || event.metaKey || event.altKey ? undefined : digitOf(event.key);
        if (digit === undefined) return;
        event.stopPropagation();
        onPress(digit);
      }}
    >
      {phoneKeys.map(({ digit, letters, spoken }) => (
        <button
          key={digit}
          type="button"
          class="keypad-key"
          aria-label={spoken}
          data-digit={digit}
          onClick={() => onPress(digit)}
        >
          <span>{digit}</span>
          {letters !== '' && <small aria-hidden="true">{letters}</small>}
        </button>
      ))}
    </fieldset>
  );
}
