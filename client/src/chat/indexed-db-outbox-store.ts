import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { OutboxEntry, OutboxStore } from './outbox-store.ts';
import { TabLocks } from './tab-locks.ts';

interface Schema extends DBSchema {
  entries: {
    /** The order in which they were put. */
    key: number;
    value: Row;
    indexes: { byOwner: string; byClientId: [owner: string, clientId: string] };
  };
}

interface Row {
  readonly order?: number;
  readonly owner: string;
  readonly clientId: string;
  /** The tab that sends it, as long as it lives. */
  readonly tab: string;
  readonly entry: OutboxEntry;
}

export interface IndexedDbOutboxOptions {
  readonly databaseName?: string;
  /** By default those of the platform; undefined: tabs do not know of each other, and may send a message at the same time. */
  readonly locks?: LockManager | undefined;
}

/**
 * Keeps messages over reloads. Each is sent by one tab: `load` gives those that no other tab has, where the platform can tell.
 */
export function createIndexedDbOutboxStore(options: IndexedDbOutboxOptions = {}): OutboxStore {
  const name = options.databaseName ?? 'parley-outbox';
  const tabs = new TabLocks(name, 'locks' in options ? options.locks : platformLocks());
  let opening: Promise<IDBPDatabase<Schema>> | undefined;
  let freed = () => {};
  const watched = new Set<string>();

  /** A page that is reloaded may still live when the next one loads; without this, what it left would wait for a third. */
  function watch(tab: string): void {
    if (watched.has(tab)) return;
    watched.add(tab);
    void tabs.ended(tab).then(() => {
      watched.delete(tab);
      freed();
    });
  }

  function open(): Promise<IDBPDatabase<Schema>> {
    opening ??= openDatabase(name, () => {
      opening = undefined;
    }).catch((error: unknown) => {
      // What kept it from opening may be over the next time.
      opening = undefined;
      throw error;
    });
    return opening;
  }

  /** The same steps for all, so that calls stay in order. */
  async function ready(): Promise<IDBPDatabase<Schema>> {
    await tabs.known();
    return open();
  }

  return {
    async load(owner) {
      const database = await ready();
      return tabs.exclusively(async (livingTabs) => {
        const transaction = database.transaction('entries', 'readwrite');
        const loaded: OutboxEntry[] = [];
        // By one owner the index is in the order of the keys.
        let cursor = await transaction.store.index('byOwner').openCursor(owner);
        while (cursor) {
          const row = cursor.value;
          if (row.tab === tabs.id || !livingTabs.has(row.tab)) {
            loaded.push(row.entry);
            await cursor.update({ ...row, tab: tabs.id });
          } else watch(row.tab);
          cursor = await cursor.continue();
        }
        await transaction.done;
        return loaded;
      });
    },
    async put(owner, entry) {
      const database = await ready();
      const transaction = database.transaction('entries', 'readwrite');
      const order = await transaction.store.index('byClientId').getKey([owner, entry.clientId]);
      const row = { owner, clientId: entry.clientId, tab: tabs.id, entry };
      await transaction.store.put(order === undefined ? row : { ...row, order });
      await transaction.done;
    },
    async remove(owner, clientId) {
      const database = await ready();
      const transaction = database.transaction('entries', 'readwrite');
      const order = await transaction.store.index('byClientId').getKey([owner, clientId]);
      if (order !== undefined) await transaction.store.delete(order);
      await transaction.done;
    },
    onFreed(listener) {
      freed = listener;
    },
    async close() {
      freed = () => {};
      tabs.close();
      watched.clear();
      const database = await opening?.catch(() => undefined);
      opening = undefined;
      database?.close();
    },
  };
}

function openDatabase(name: string, onClosed: () => void): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(name, 1, {
    upgrade(database) {
      const entries = database.createObjectStore('entries', { keyPath: 'order', autoIncrement: true });
      entries.createIndex('byOwner', 'owner');
      entries.createIndex('byClientId', ['owner', 'clientId'], { unique: true });
    },
    // A later version of this page wants to change the database: it waits for this connection.
    blocking: (_current, _blocked, event) => {
      (event.target as IDBDatabase).close();
      onClosed();
    },
    terminated: onClosed,
  });
}

function platformLocks(): LockManager | undefined {
  return (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
}
