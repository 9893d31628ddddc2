import { expect, it } from 'vitest';
import { createDeferred } from '../waiting.ts';
import { createMemoryOutboxStore } from './memory-outbox-store.ts';
import { OutboxKeeper } from './outbox-keeper.ts';
import type { OutboxEntry } from './outbox-store.ts';

const owner = 'wss://example.org/ws ada';
const entry = (clientId: string): OutboxEntry => ({
  room: 'standup',
  clientId,
  text: clientId,
  mentions: [],
  createdAtMs: 1,
});

it('what is removed while it is loaded is not loaded', async () => {
  const memory = createMemoryOutboxStore();
  const mayAnswer = createDeferred<void>();
  const store = {
    ...memory,
    async load(of: string) {
      const read = await memory.load(of);
      await mayAnswer.promise;
      return read;
    },
  };
  const keeper = new OutboxKeeper({ store, timeoutMs: 20_000, onFailed: () => {} });
  for (const id of ['a', 'b']) keeper.put(owner, entry(id));
  const loading = keeper.load(owner);
  keeper.remove(owner, 'a');
  mayAnswer.resolve();
  expect(await loading).toEqual([entry('b')]);
  expect(await keeper.load(owner)).toEqual([entry('b')]);
  await keeper.close();
});
