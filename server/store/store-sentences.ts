import type { StoreError } from '../../cluster/room-log.ts';

/** What the store says of itself: what is wrong, and in a second sentence, where there is one, what to do. */
export function storeSentences(error: StoreError): { readonly what: string; readonly mend: string | undefined } {
  const [, what = error.message, mend] = /^(.*?\.) ([A-Z].*)$/s.exec(error.message) ?? [];
  return { what, mend };
}
