// What every engine of the outbox store does.

import { describe, expect, it } from 'vitest';
import type { OutboxEntry, OutboxStore } from './outbox-store.ts';

const owner = 'wss://example.org/ws ada';

function entry(clientId: string, changes: Partial<OutboxEntry> = {}): OutboxEntry {
  return { room: 'standup', clientId, text: `text of ${clientId}`, mentions: [], createdAtMs: 1, ...changes };
}

const ids = (entries: readonly OutboxEntry[]) => entries.map(({ clientId }) => clientId);

export function describeOutboxStore(engine: string, create: () => OutboxStore): void {
  describe(`the outbox store on ${engine}`, () => {
    async function withStore(test: (store: OutboxStore) => Promise<void>): Promise<void> {
      const store = create();
      try {
        await test(store);
      } finally {
        await store.close();
      }
    }

    it('an owner that nothing was put for has nothing', () =>
      withStore(async (store) => {
        expect(await store.load(owner)).toEqual([]);
      }));

    it('gives back what was put, whole and in order', () =>
      withStore(async (store) => {
        const all = [
          entry('c', { replyTo: 'm1', mentions: ['bob'] }),
          entry('a', { room: 'other', failure: { reason: 'MUTED', message: 'no' } }),
          entry('b', { text: '¡qué tal! 👋' }),
        ];
        for (const each of all) await store.put(owner, each);
        expect(await store.load(owner)).toEqual(all);
      }));

    it('an entry that is put again keeps its place', () =>
      withStore(async (store) => {
        for (const id of ['a', 'b']) await store.put(owner, entry(id));
        await store.put(owner, entry('a', { text: 'changed' }));
        const loaded = await store.load(owner);
        expect(loaded.map(({ clientId, text }) => [clientId, text])).toEqual([
          ['a', 'changed'],
          ['b', 'text of b'],
        ]);
      }));

    it('forgets what is removed, and only that', () =>
      withStore(async (store) => {
        for (const id of ['a', 'b', 'c']) await store.put(owner, entry(id));
        await store.remove(owner, 'b');
        await store.remove(owner, 'there is none such');
        expect(ids(await store.load(owner))).toEqual(['a', 'c']);
      }));

    it('owners have nothing to do with each other', () =>
      withStore(async (store) => {
        await store.put(owner, entry('a'));
        await store.put('wss://example.org/ws bob', entry('a', { text: 'of Bob' }));
        await store.remove('wss://example.org/ws bob', 'a');
        expect(await store.load(owner)).toEqual([entry('a')]);
      }));

    it('calls that are not waited for are carried out in order', () =>
      withStore(async (store) => {
        const calls = Array.from({ length: 50 }, (_, index) => store.put(owner, entry(`c${index}`)));
        const removal = store.remove(owner, 'c0');
        await Promise.all([...calls, removal]);
        expect(ids(await store.load(owner))).toEqual(Array.from({ length: 49 }, (_, index) => `c${index + 1}`));
      }));
  });
}
