interface AccountProps {
  readonly text: string;
  readonly isLost: boolean;
  readonly onSignOut: () => void;
}

/** Who is signed in, and whether the server can be reached. */
export function Account({ text, isLost, onSignOut }: AccountProps) {
  return (
    <div class="account">
      <p role="status" data-lost={isLost}>
        <span class="dot" aria-hidden="true" />
        <span class="account-text">{isLost ? 'Connection lost, coming back…' : text}</span>
      </p>
      <button type="button" class="button small" onClick={onSignOut}>
        Sign out
      </button>
    </div>
  );
}
