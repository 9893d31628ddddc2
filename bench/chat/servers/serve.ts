// What every server process answers, whatever it is made of.

import { Session } from 'node:inspector/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { answerCalls } from '../../support/child-calls.ts';
import type { ChatServer, Memory, ServerSetup } from '../contestants.ts';

interface Running {
  readonly port: number;
  close(): void | Promise<void>;
}

export function serve(start: (setup: ServerSetup) => Promise<Running>): void {
  let running: Running | undefined;
  answerCalls(
    {
      async listen(setup: ServerSetup) {
        running = await start(setup);
        return running.port;
      },
      memory,
    } satisfies ChatServer,
    () => running?.close(),
  );
}

/**
 * As V8 holds when it is told that memory is low: otherwise the young generation, which grows with the first
 * thousands of connections, and pages that are half empty would count as theirs. Several times: what the first collection
 * lets go of, as handles and buffers, the next frees.
 */
async function memory(): Promise<Memory> {
  const session = new Session();
  session.connect();
  for (let times = 0; times < 4; times++) {
    await session.post('HeapProfiler.collectGarbage');
    await delay(100);
  }
  session.disconnect();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed + external };
}
