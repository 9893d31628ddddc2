import type { OutboxEntry, OutboxStore } from './outbox-store.ts';

/** Keeps messages as long as the process lives. */
export function createMemoryOutboxStore(): OutboxStore {
  const owners = new Map<string, Map<string, OutboxEntry>>();
  return {
    async load(owner) {
      return [...(owners.get(owner)?.values() ?? [])];
    },
    async put(owner, entry) {
      const entries = owners.get(owner) ?? new Map<string, OutboxEntry>();
      owners.set(owner, entries);
      entries.set(entry.clientId, entry);
    },
    async remove(owner, clientId) {
      const entries = owners.get(owner);
      entries?.delete(clientId);
      if (entries?.size === 0) owners.delete(owner);
    },
    async close() {},
  };
}
