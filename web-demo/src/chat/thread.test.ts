import { expect, test } from 'vitest';
import { entry } from './testing-entries.ts';
import { countReplies, threadEntries } from './thread.ts';

const root = entry('ada', 1, { id: 'root', key: 'root' });
const reply = entry('ben', 2, { id: 'r', key: 'r', threadId: 'root', replyTo: 'root' });

test('countReplies() counts answers that are not deleted, by the first message of their thread', () => {
  const deleted = entry('ben', 3, { threadId: 'root', deletedBy: 'ben' });
  expect([...countReplies([root, reply, deleted])]).toEqual([['root', 1]]);
});

test('threadEntries() overlays what was fetched by what follows the log, and ends with what is on its way', () => {
  const waiting = entry('me', 0, { seq: undefined, key: 'w', replyTo: 'root', state: 'sending' });
  const edited = { ...reply, text: 'edited' };
  const other = entry('cleo', 5);
  expect(threadEntries('root', [root, reply], [edited, other, waiting])).toEqual([root, edited, waiting]);
});
