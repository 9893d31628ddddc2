import { expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { StoreThread } from './store-thread.ts';

const options = {
  database: { file: '', durability: 'disk', checkUpToBytes: 0 } as const,
  log: silentLogger,
  clock: systemClock,
  entry: new URL('./testing/dying-worker.mjs', import.meta.url),
};

test('when the thread dies, what it had not answered fails as unknown, and a new thread serves what comes later', async () => {
  const thread = await StoreThread.start(options);
  const answered = thread.call('rooms', '', 1);
  const dying = thread.call('search', { room: 'r', query: 'q', before: 1, limit: 1 });
  const behind = thread.call('rooms', '', 1);
  await expect(dying).rejects.toMatchObject({ name: 'StoreError', kind: 'unknown' });
  await expect(behind).rejects.toMatchObject({ kind: 'unknown' });
  await expect(answered).resolves.toEqual([]);
  await expect(thread.call('rooms', '', 1)).rejects.toMatchObject({ kind: 'busy' });
  await eventually(() => thread.call('rooms', '', 1).catch(() => undefined), 'the thread serves again');
  await thread.close();
});

test('beyond 20,000 rooms and requests that wait, further calls fail as busy', async () => {
  const thread = await StoreThread.start(options);
  const names = Array.from({ length: 1000 }, (_, at) => `room-${at}`);
  const calls = Array.from({ length: 19 }, () => thread.call('open', names));
  const single = Array.from({ length: 1000 }, () => thread.call('rooms', '', 1));
  await expect(thread.call('rooms', '', 1)).rejects.toMatchObject({ kind: 'busy' });
  await Promise.all([...calls, ...single]);
  await expect(thread.call('rooms', '', 1)).resolves.toEqual([]);
  await thread.close();
});
