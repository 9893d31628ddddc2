// Parley with the log of its rooms in memory or on disk.

import { createMemoryRoomLog } from '../../../cluster/memory/memory-room-log.ts';
import { openSqliteRoomLog } from '../../../cluster/sqlite/sqlite-room-log.ts';
import { startWholeParley } from '../../support/whole-parley.ts';
import { serve } from './serve.ts';

serve(async ({ variant, folder, ...setup }) =>
  startWholeParley(
    variant === 'memory' ? createMemoryRoomLog() : await openSqliteRoomLog({ folder, durability: 'disk' }),
    setup,
  ),
);
