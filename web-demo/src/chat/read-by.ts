import type { ChatEntry } from './chat-entry.ts';

export interface ReadBy {
  /** The message that the line stands under. */
  readonly key: string;
  readonly identities: readonly string[];
}

/** The newest message that somebody read who did not write it, and who those are. */
export function readBy(
  entries: readonly ChatEntry[],
  markers: ReadonlyMap<string, { readonly readSeq: number }>,
  ownIdentity: string,
): ReadBy | undefined {
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry = entries[index];
    if (entry?.kind !== 'message' || entry.seq === undefined) continue;
    const { seq, identity: author } = entry;
    const identities = [...markers]
      .filter(([identity, { readSeq }]) => identity !== ownIdentity && identity !== author && readSeq >= seq)
      .map(([identity]) => identity);
    if (identities.length > 0) return { key: entry.key, identities };
  }
  return undefined;
}
