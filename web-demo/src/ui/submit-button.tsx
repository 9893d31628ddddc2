interface SubmitButtonProps {
  readonly text: string;
  readonly isBusy: boolean;
  /** In the place of `text`, as in “Signing in…”. */
  readonly busyText: string;
}

export function SubmitButton({ text, isBusy, busyText }: SubmitButtonProps) {
  return (
    <button type="submit" class="button primary large" disabled={isBusy}>
      {isBusy && <span class="spinner" aria-hidden="true" />}
      {isBusy ? busyText : text}
    </button>
  );
}
