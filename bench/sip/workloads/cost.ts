// What a call costs, from INVITE to BYE: one that is answered, one that is passed on, and one through Kamailio.

import type { Effort, Findings } from '../../support/findings.ts';
import { median } from '../../support/statistics.ts';
import { type Side, startAgent, startPassing, startProxy } from '../agent-side.ts';
import { runLoad } from '../load.ts';

const goalMs = 2.5;
const perSecond = 100;

export async function cost({ rounds, quick, step }: Effort): Promise<Findings> {
  const calls = quick ? 500 : 1_500;
  const starts: Readonly<Record<string, { readonly transport: 'udp' | 'tcp'; start(): Promise<Side> }>> = {
    'answered, UDP': { transport: 'udp', start: () => startAgent({ transport: 'udp' }) },
    'answered, TCP': { transport: 'tcp', start: () => startAgent({ transport: 'tcp' }) },
    'passed on, UDP': { transport: 'udp', start: () => startPassing('udp') },
    'passed on, TCP': { transport: 'tcp', start: () => startPassing('tcp') },
    'Kamailio, UDP': { transport: 'udp', start: startProxy },
  };
  const rows = [];
  for (const [name, { transport, start }] of Object.entries(starts)) {
    await using side = await start();
    const load = { port: side.port, transport, perSecond, calls, lastsMs: 200 };
    step(`${name}: code and caches settle`);
    await runLoad(load);
    const turns: { readonly cpuMs: number; readonly failed: number }[] = [];
    for (let round = 1; round <= rounds; round++) {
      step(`${name}: round ${round} of ${rounds}`);
      const before = side.cpuSeconds();
      const { successful, failed } = await runLoad(load);
      turns.push({ cpuMs: (1_000 * (side.cpuSeconds() - before)) / successful, failed });
    }
    const failed = turns.reduce((total, turn) => total + turn.failed, 0);
    rows.push({ name, cpuMs: median(turns.map(({ cpuMs }) => cpuMs)), failed, turns });
  }
  const goals = rows
    .filter(({ name }) => name.startsWith('answered'))
    .map(({ name, cpuMs }) => ({
      name: 'cost',
      workload: `a call, ${name}`,
      goal: `at most ${goalMs} ms CPU from INVITE to BYE`,
      measured: `${cpuMs.toFixed(2)} ms`,
      reached: cpuMs <= goalMs,
    }));
  return {
    title: 'What a call costs',
    method: `CPU time of the process for one call, at ${perSecond} calls a second: the agent with its application on drachtio-srf, which answers or passes on (two calls then, one to each side), and Kamailio as a proxy that keeps transactions and stays in the way.`,
    table: {
      columns: [{ title: 'call' }, { title: 'CPU ms', align: 'right' }, { title: 'failed', align: 'right' }],
      rows: rows.map(({ name, cpuMs, failed }) => [name, cpuMs.toFixed(2), String(failed)]),
    },
    goals,
    notes: [],
    results: { rows },
  };
}
