import 'fake-indexeddb/auto';
import { afterAll, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { createLocks } from '../../test/locks.ts';
import { createIndexedDbOutboxStore } from './indexed-db-outbox-store.ts';
import { createMemoryOutboxStore } from './memory-outbox-store.ts';
import { describeOutboxStore } from './outbox-store.contract.ts';
import type { OutboxEntry } from './outbox-store.ts';

// Other files run in this process as well, and are to have no IndexedDB.
afterAll(() => {
  const names = Object.getOwnPropertyNames(globalThis).filter((name) => /^(?:IDB|indexedDB$)/.test(name));
  for (const name of names) Reflect.deleteProperty(globalThis, name);
  expect('indexedDB' in globalThis).toBe(false);
});

let databases = 0;
const freshName = () => `outbox-${databases++}`;

describeOutboxStore('memory', createMemoryOutboxStore);
describeOutboxStore('IndexedDB', () => createIndexedDbOutboxStore({ databaseName: freshName(), locks: undefined }));
describeOutboxStore('IndexedDB with locks', () =>
  createIndexedDbOutboxStore({ databaseName: freshName(), locks: createLocks() }),
);

/** Three of one browser. */
function openTabs() {
  const options = { databaseName: freshName(), locks: createLocks() };
  const open = () => createIndexedDbOutboxStore(options);
  return [open(), open(), open()] as const;
}

const entry = { room: 'standup', clientId: 'a', text: 'hello', mentions: [], createdAtMs: 1 };

it('what was put into IndexedDB is there in the next life of the page', async () => {
  const databaseName = freshName();
  const before = createIndexedDbOutboxStore({ databaseName });
  await before.put('ada', entry);
  await before.close();
  const after = createIndexedDbOutboxStore({ databaseName });
  expect(await after.load('ada')).toEqual([entry]);
  await after.close();
});

it('a tab that lives keeps its entries to itself, and leaves them to one other when it ends', async () => {
  const [first, second, third] = openTabs();
  await first.put('ada', entry);
  expect(await second.load('ada')).toEqual([]);
  await first.close();
  const loaded = await Promise.all([second.load('ada'), third.load('ada')]);
  expect(loaded.flat()).toEqual([entry]);
  await Promise.all([second.close(), third.close()]);
});

it('tells the others when a tab that had entries ended', async () => {
  const [first, second, idle] = openTabs();
  const freed: OutboxEntry[][] = [];
  second.onFreed?.(() => void second.load('ada').then((entries) => freed.push([...entries])));
  await first.put('ada', entry);
  await idle.load('ada');
  expect(await second.load('ada')).toEqual([]);
  expect(await second.load('ada')).toEqual([]);
  await idle.close();
  expect(freed).toEqual([]);
  await first.close();
  await eventually(() => freed.length > 0, 'the second is told');
  expect(freed).toEqual([[entry]]);
  await second.close();
});
