import type { Call } from '../state/call.ts';

/** Nothing opens it yet. */
export function RecordingPanel(_: { readonly call: Call; readonly onClose: () => void }) {
  return null;
}
