import { expect, test } from 'vitest';
import { newRecord } from '../contract/room.contract.ts';
import { describeRoomLog } from '../room-log.contract.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { createMemoryRoomLog } from './memory-room-log.ts';

describeRoomLog('memory', async () => createMemoryRoomLog());
describeRoomLog('memory of several nodes', async () => new MemoryCluster().join('node').roomLog);

test('answers of the memory engine are there in the turn of the call', async () => {
  const log = createMemoryRoomLog();
  let isThere = false;
  void log.append([newRecord('room')]).then(() => {
    isThere = true;
  });
  await Promise.resolve();
  expect(isThere).toBe(true);
});

test('beyond its size the memory engine refuses appends as full, and takes them again after a trim', async () => {
  const log = createMemoryRoomLog({ maxSize: 5000 });
  const big = () => newRecord('room', { payload: 'x'.repeat(3000), searchText: '' });
  await log.append([big()]);
  await expect(log.append([big()])).rejects.toMatchObject({ name: 'StoreError', kind: 'full' });
  expect((await log.open(['room']))[0]?.head.seq).toBe(1);
  await log.trim('room', { beforeMs: Number.MAX_SAFE_INTEGER, keep: 0 });
  expect(await log.append([big()])).toMatchObject([{ seq: 2 }]);
});
