/**
 * Of a button whose action is under way: a further press does nothing. One that is disabled would lose the focus, and the keyboard
 * with it.
 */
export function unlessBusy(isBusy: boolean, act: () => void): { 'aria-disabled': boolean; onClick: () => void } {
  return {
    'aria-disabled': isBusy,
    onClick: () => {
      if (!isBusy) act();
    },
  };
}
