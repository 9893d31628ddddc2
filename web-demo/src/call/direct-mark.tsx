import type { Call } from '../state/call.ts';

/** Said to everybody whose call goes past the server, and to screen readers when that begins. */
export function DirectMark({ call }: { readonly call: Call }) {
  const isOn = call.direct.isOn.value;
  return (
    <p
      class={isOn ? 'direct-mark' : 'visually-hidden'}
      aria-live="polite"
      title={isOn ? 'You send to each other, not through the server: each of you can see the other’s addresses.' : ''}
    >
      {isOn && 'Direct call'}
    </p>
  );
}
