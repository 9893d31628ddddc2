// Appends to the log in the given folder until it is killed: records c1, c2, … to one of ten rooms each. Says how many were
// answered.

import { writeSync } from 'node:fs';
import { createMessageId } from '../../../core/ids.ts';
import { openSqliteRoomLog } from '../sqlite-room-log.ts';

const [folder = ''] = process.argv.slice(2);
const log = await openSqliteRoomLog({ folder, durability: 'disk' });
for (let made = 0; ; ) {
  const records = Array.from({ length: 100 }, () => {
    const clientId = `c${++made}`;
    return {
      room: `room-${made % 10}`,
      messageId: createMessageId(),
      kind: 'message',
      sender: 'ann',
      clientId,
      contentHash: 'hash',
      atMs: Date.now(),
      payload: '{}',
      searchText: `word${clientId}x`,
      mentions: [],
      threadId: '',
    };
  });
  await log.append(records);
  writeSync(1, `${made}\n`);
}
