// Parley's gateway with Parley's signaling behind it.

import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import { answerCalls } from '../support/child-calls.ts';
import { startWholeParley } from '../support/whole-parley.ts';
import type { BenchServer } from './sides.ts';

let close = async () => {};

answerCalls(
  {
    async listen() {
      const parley = await startWholeParley(createMemoryRoomLog());
      close = parley.close;
      return parley.port;
    },
  } satisfies BenchServer,
  () => close(),
);
