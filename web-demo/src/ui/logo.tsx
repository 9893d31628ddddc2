/** A letter P that is also a speech bubble. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect class="logo-ground" width="32" height="32" rx="9" />
      <path class="logo-letter" d="M9 25V13a7 7 0 0 1 14 0 7 7 0 0 1-7 7h-2" />
      <circle class="logo-spark" cx="16" cy="13" r="2.4" />
    </svg>
  );
}
