// The whole server in a process of its own, as `parley serve` runs it: every policy on, log lines written (to nowhere).

import { randomUUID } from 'node:crypto';
import { loadMediasoup } from '../../media/mediasoup/load-mediasoup.ts';
import { findWorkerBin } from '../../media/mediasoup/worker-bin.ts';
import { createPinoLogger } from '../../server/log-pino.ts';
import { type RunningServer, startServer } from '../../test/support/start-server.ts';
import { answerCalls } from '../support/child-calls.ts';

export type ServerProcess = typeof calls;

/** Every caller has the same address here. What one address may do is counted as always, and limited far away. */
const plenty = { perSecond: 1_000_000, burst: 1_000_000 };

let server: RunningServer | undefined;

const calls = {
  async start() {
    const mediasoup = await loadMediasoup(findWorkerBin());
    const workerPid = new Promise<number>((resolve) => {
      mediasoup.observer.once('newworker', ({ pid }) => resolve(pid));
    });
    server = await startServer(
      {
        gateway: { connectionRate: plenty, messageRatePerIp: plenty, maxConnectionsPerIp: 100_000 },
        // Who has left is forgotten soon, so that minutes of joins need no memory of hours.
        sessions: { resumeGraceMs: 2_000 },
      },
      { log: createPinoLogger({ level: 'info', format: 'json' }) },
    );
    return { wsUrl: server.wsUrl, pid: process.pid, workerPid: await workerPid };
  },

  issueTokens({ count }: { count: number }): string[] {
    return Array.from({ length: count }, () => server?.issueToken({ identity: `bench-${randomUUID()}` }) ?? '');
  },
};

answerCalls(calls, () => server?.close());
