// Appends a record to the log in the given folder, and never comes to hear of the answer. Says `open` before.

import { createMessageId } from '../../../core/ids.ts';
import { openSqliteRoomLog } from '../sqlite-room-log.ts';

const [folder = '', room = '', clientId = ''] = process.argv.slice(2);
const log = await openSqliteRoomLog({ folder, durability: 'disk' });
await new Promise((written) => process.stdout.write('open\n', written));
if (room !== '') {
  void log.append([
    {
      room,
      messageId: createMessageId(),
      kind: 'message',
      sender: 'ann',
      clientId,
      contentHash: 'hash',
      atMs: Date.now(),
      payload: '{}',
      searchText: 'a text',
      mentions: [],
      threadId: '',
    },
  ]);
}
// Calls are sent at the end of the turn.
await Promise.resolve();
// The thread of the store goes on; this one hears nothing any more.
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
