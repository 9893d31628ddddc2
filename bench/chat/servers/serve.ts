// What every server process answers, whatever it is made of.

import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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

/** Several times, with pauses: what the first collection lets go of, as handles and buffers, the next frees. */
async function memory(): Promise<Memory> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let times = 0; times < 4; times++) {
    collect();
    await delay(100);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed + external };
}
