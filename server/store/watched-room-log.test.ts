import { describe, expect, test } from 'vitest';
import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import { type NewRecord, StoreError } from '../../cluster/room-log.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { createMessageId } from '../../core/ids.ts';
import { createScriptedRoomLog } from '../../signaling/testing/scripted-room-log.ts';
import { watchRoomLog } from './watched-room-log.ts';

const record = (more: Partial<NewRecord> = {}): NewRecord => ({
  room: 'a',
  messageId: createMessageId(),
  kind: 'message',
  sender: 'ada',
  clientId: '',
  contentHash: 'h',
  atMs: 1,
  payload: '{}',
  searchText: 'x',
  mentions: [],
  threadId: '',
  ...more,
});

function setUp(maxSize = 1_000) {
  const clock = new FakeClock();
  const seconds: number[] = [];
  const store = createMemoryRoomLog({ clock, maxSize });
  const watched = watchRoomLog(store, { clock, observeAppend: (taken) => seconds.push(taken) });
  return { clock, seconds, store, watched, log: watched.roomLog };
}

describe('what is watched of a store', () => {
  test('is how many records came, came again, and came with another content', async () => {
    const { log, watched, seconds } = setUp();
    await log.append([record(), record({ clientId: 'c' }), record({ clientId: 'c' })]);
    await log.append([record({ clientId: 'c', contentHash: 'other' })]);
    const target = { kind: 'erase', target: 'm_missing', payload: '' } as const;
    await log.append([record({ kind: 'deleted', amendment: target })]);
    expect(watched.stats()).toMatchObject({
      appended: 2,
      appendCalls: 3,
      duplicates: 1,
      conflicts: 1,
      refused: 1,
      pending: 0,
    });
    expect(seconds).toEqual([0, 0, 0]);
  });

  test('is what waits for its answer', async () => {
    const { log, watched } = setUp();
    const answer = log.append([record(), record()]);
    expect(watched.stats().pending).toBe(2);
    await answer;
    expect(watched.stats().pending).toBe(0);
  });

  test('is that it has no space, until something is stored: a retry that found its record proves nothing', async () => {
    const { clock, log, watched } = setUp();
    const earlier = record({ clientId: 'c' });
    await log.append([earlier]);
    expect([watched.limitation(), watched.stats().writable]).toEqual([undefined, true]);
    await expect(log.append([record({ payload: 'x'.repeat(2_000) })])).rejects.toThrow(StoreError);
    expect(watched.stats()).toMatchObject({ failures: { full: 1, unknown: 0 }, writable: false });
    await log.append([earlier]);
    clock.advance(3_600_000);
    expect(watched.limitation()).toContain('no space left');
    // It can be read: nobody has to go elsewhere.
    expect(watched.obstacle()).toBeUndefined();
    await log.append([record()]);
    expect([watched.limitation(), watched.stats().writable]).toEqual([undefined, true]);
  });

  test('is that it does not answer, until it does or a while is over', async () => {
    const clock = new FakeClock();
    const store = createScriptedRoomLog();
    const watched = watchRoomLog(store, { clock, observeAppend: () => {} });
    store.failNext('unknown');
    await expect(watched.roomLog.append([record()])).rejects.toThrow(StoreError);
    expect(watched.obstacle()).toContain('does not answer');
    expect(watched.limitation()).toBeUndefined();
    clock.advance(20_000);
    expect(watched.obstacle()).toBeUndefined();
  });

  test('does not change what the store says', async () => {
    const { log, store } = setUp();
    await log.append([record()]);
    const request = [{ room: 'a', from: { after: 0 }, maxRecords: 10, maxBytes: 1_000 }];
    expect(await log.read(request)).toEqual(await store.read(request));
    expect(log.durability).toBe('memory');
    await log.close();
    await expect(log.open(['a'])).rejects.toThrow('closed');
  });
});
