// What the page shows of the end-to-end encryption of a call.

import type { DecryptionProblem, Room } from '@parley/client';
import { type ReadonlySignal, signal } from '@preact/signals';
import { checkWordsOf } from './check-words.ts';
import { bytesOfKey } from './room-key.ts';

export interface Encryption {
  readonly isOn: boolean;
  /** Where the call is encrypted: what invitations carry. */
  readonly key: string | undefined;
  /** Those who read the same to each other have the same key. */
  readonly words: ReadonlySignal<readonly string[]>;
  /** By peer id, whose sound and picture cannot be decrypted. */
  readonly problems: ReadonlySignal<ReadonlyMap<string, DecryptionProblem>>;
  close(): void;
}

export function createEncryption(room: Room, key: string | undefined): Encryption {
  const isOn = room.e2ee.enabled;
  const words = signal<readonly string[]>([]);
  const problems = signal<ReadonlyMap<string, DecryptionProblem>>(new Map(room.e2ee.problems));
  const bytes = isOn && key !== undefined ? bytesOfKey(key) : undefined;
  if (bytes !== undefined) {
    void checkWordsOf(bytes).then((found) => {
      words.value = found;
    });
  }
  const unsubscribe = room.on('decryptionChanged', () => {
    problems.value = new Map(room.e2ee.problems);
  });
  return { isOn, key: isOn ? key : undefined, words, problems, close: unsubscribe };
}
