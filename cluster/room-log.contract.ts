// What every engine of the port does. It goes through the port alone and uses rooms of its own, so that it can run against a
// store that others use too.

import { afterAll, describe, expect, test } from 'vitest';
import { describeAmendments } from './contract/amendments.contract.ts';
import { describeAppends } from './contract/appends.contract.ts';
import { describeModel } from './contract/model.contract.ts';
import { describeReads } from './contract/reads.contract.ts';
import { describeRetention } from './contract/retention.contract.ts';
import { ContractRoom } from './contract/room.contract.ts';
import { describeSearch } from './contract/search.contract.ts';
import { describeWatermarks } from './contract/watermarks.contract.ts';
import { type RoomLog, StoreError } from './room-log.ts';

/** Opens two logs: one for all tests, and one for the test of closing. They may be of the same store. */
export function describeRoomLog(engine: string, open: () => Promise<RoomLog>): void {
  describe(`room log: ${engine}`, () => {
    let opened: Promise<RoomLog> | undefined;
    const shared = () => {
      opened ??= open();
      return opened;
    };
    afterAll(async () => (await opened)?.close());
    describeAppends(shared);
    describeAmendments(shared);
    describeReads(shared);
    describeSearch(shared);
    describeRetention(shared);
    describeWatermarks(shared);
    describeModel(shared);

    test('close() carries out what was called before, and what comes later fails as closed', async () => {
      const room = await ContractRoom.open(open);
      const last = room.message();
      await room.log.close();
      await expect(last).resolves.toMatchObject({ seq: 1 });
      const error = await room.message().catch((it: unknown) => it);
      expect(error).toBeInstanceOf(StoreError);
      expect((error as StoreError).kind).toBe('closed');
      await room.log.close();
    });
  });
}
