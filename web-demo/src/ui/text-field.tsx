import type { ComponentChildren } from 'preact';

export interface TextFieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  /** What is wrong with it; undefined: nothing. */
  readonly problem?: string | undefined;
  readonly type?: 'text' | 'password';
  readonly maxLength?: number;
  readonly placeholder?: string;
  /** What a browser may complete it with; by default it is not to touch it. */
  readonly autocomplete?: string;
  /** Beside the label. */
  readonly head?: ComponentChildren;
  /** At the end of the field itself. */
  readonly button?: ComponentChildren;
  readonly onInput: (value: string) => void;
}

/** A line of text with its name, and with what is wrong with it. */
export function TextField({ id, label, problem, type = 'text', head, button, onInput, ...rest }: TextFieldProps) {
  const { autocomplete = 'off', ...others } = rest;
  const common = {
    ...others,
    id,
    autocomplete,
    // Only the name of a person is written as people write.
    ...(autocomplete !== 'name' && { autocapitalize: 'none' as const, spellcheck: false }),
    'aria-invalid': problem !== undefined,
    'aria-describedby': problem === undefined ? undefined : `${id}-problem`,
    onInput: (event: InputEvent & { readonly currentTarget: HTMLInputElement }) => onInput(event.currentTarget.value),
  };
  const input = type === 'password' ? <input type="password" {...common} /> : <input {...common} />;
  const name = <label for={id}>{label}</label>;
  return (
    <div class="field">
      {head === undefined ? (
        name
      ) : (
        <div class="field-head">
          {name}
          {head}
        </div>
      )}
      {button === undefined ? (
        input
      ) : (
        <div class="input-with-button">
          {input}
          {button}
        </div>
      )}
      {problem !== undefined && (
        <p class="field-problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
