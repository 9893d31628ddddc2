import { phoneKeys } from './keys.ts';

interface KeypadProps {
  readonly onPress: (digit: string) => void;
  readonly label: string;
}

/** The keys of a telephone. Held down, 0 is a plus, as on any of them. */
export function Keypad({ onPress, label }: KeypadProps) {
  return (
    <fieldset class="keypad" aria-label={label}>
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
