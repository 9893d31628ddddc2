import type { Signal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import { Icon, type IconName } from '../ui/icon.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Keypad } from './keypad.tsx';

interface DialPadProps {
  readonly text: Signal<string>;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly action: string;
  readonly icon?: IconName;
  readonly disabled?: boolean;
  readonly onKey?: (digit: string) => void;
  readonly onDial: (text: string) => void;
  /** The panel that it is in gives it the focus. */
  readonly focusFirst?: boolean;
}

/** Whom to call, typed or by keys. */
export function DialPad({ text, label, hint, action, icon = 'phone', onKey, onDial, ...props }: DialPadProps) {
  const { disabled = false, focusFirst = false } = props;
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const isEmpty = text.value.trim() === '';
  return (
    <form
      class="dial-pad"
      aria-label={action}
      onSubmit={(event) => {
        event.preventDefault();
        if (isEmpty) field.current?.focus();
        else if (!disabled) onDial(text.peek().trim());
      }}
    >
      <div class="field">
        <label for={id}>{label}</label>
        <div class="input-with-button">
          <input
            ref={field}
            id={id}
            class="dial-field"
            value={text.value}
            maxLength={128}
            inputMode="tel"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            enterkeyhint="go"
            aria-describedby={hint === undefined ? undefined : `${id}-hint`}
            data-first-focus={focusFirst ? '' : undefined}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
          {!isEmpty && (
            <IconButton
              icon="backspace"
              label="Delete the last character"
              tip="Delete"
              class="quiet"
              onClick={() => {
                text.value = [...text.peek()].slice(0, -1).join('');
              }}
            />
          )}
        </div>
        {hint !== undefined && (
          <p class="field-hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
      <Keypad
        label="Keys"
        onPress={(digit) => {
          onKey?.(digit);
          text.value = `${text.peek()}${digit}`.slice(0, 128);
        }}
      />
      <button type="submit" class="button primary large dial-button" aria-disabled={isEmpty || disabled}>
        <Icon name={icon} />
        {action}
      </button>
    </form>
  );
}
