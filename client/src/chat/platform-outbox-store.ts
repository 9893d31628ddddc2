import { createMemoryOutboxStore } from './memory-outbox-store.ts';
import type { OutboxStore } from './outbox-store.ts';

/** IndexedDB in browsers, memory elsewhere. Its code is fetched with the first use: a reader that never writes needs none. */
export function platformOutboxStore(): OutboxStore {
  const { indexedDB } = globalThis as { indexedDB?: unknown };
  if (indexedDB === undefined) return createMemoryOutboxStore();
  let store: Promise<OutboxStore> | undefined;
  const open = (): Promise<OutboxStore> => {
    store ??= import('./indexed-db-outbox-store.ts').then(
      ({ createIndexedDbOutboxStore }) => createIndexedDbOutboxStore(),
      (error: unknown) => {
        store = undefined;
        throw error;
      },
    );
    return store;
  };
  return {
    load: async (owner) => (await open()).load(owner),
    put: async (owner, entry) => (await open()).put(owner, entry),
    remove: async (owner, clientId) => (await open()).remove(owner, clientId),
    close: async () => (await store)?.close(),
  };
}
