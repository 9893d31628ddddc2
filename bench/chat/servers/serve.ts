// What every server process answers, whatever it is made of.

import { Session } from 'node:inspector/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { answerCalls } from '../../support/child-calls.ts';
import type { ChatServer, Memory, ServerSetup } from '../contestants.ts';

interface Running {
  readonly port: number;
  close(): void | Promise<void>;
}

const linesOfProfile = 25;

export function serve(start: (setup: ServerSetup) => Promise<Running>): void {
  let running: Running | undefined;
  let profiler: Session | undefined;
  answerCalls(
    {
      async listen(setup: ServerSetup) {
        running = await start(setup);
        return running.port;
      },
      memory,
      rss: () => process.memoryUsage.rss(),
      async startProfile() {
        profiler = new Session();
        profiler.connect();
        await profiler.post('Profiler.enable');
        await profiler.post('Profiler.start');
      },
      async stopProfile() {
        if (!profiler) return '';
        const { profile } = await profiler.post('Profiler.stop');
        profiler.disconnect();
        const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, describe(callFrame)]));
        const selfUs = new Map<string, number>();
        for (const [at, node] of (profile.samples ?? []).entries()) {
          const name = names.get(node) ?? '?';
          selfUs.set(name, (selfUs.get(name) ?? 0) + (profile.timeDeltas?.[at] ?? 0));
        }
        const total = profile.endTime - profile.startTime;
        return [...selfUs]
          .sort(([, a], [, b]) => b - a)
          .slice(0, linesOfProfile)
          .map(([name, us]) => `${((100 * us) / total).toFixed(1).padStart(5)} %  ${name}`)
          .join('\n');
      },
    } satisfies ChatServer,
    () => running?.close(),
  );
}

function describe({
  functionName,
  url,
  lineNumber,
}: {
  functionName: string;
  url: string;
  lineNumber: number;
}): string {
  const place = url === '' ? '' : `  ${url.replace(/^.*\/(?=[^/]+\/[^/]+$)/, '')}:${lineNumber + 1}`;
  return `${functionName || '(anonymous)'}${place}`;
}

/** Twice with a pause: what the first collection lets go of, as handles and buffers, the second frees. */
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
