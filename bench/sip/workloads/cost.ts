// What a call costs, from INVITE to BYE: one that is answered, one that is passed on, and one through Kamailio.

import type { Effort, Findings } from '../../support/findings.ts';
import { median, sum } from '../../support/statistics.ts';
import { startAgent, startPassing, startProxy } from '../agent-side.ts';
import { ownerNames } from '../cpu-shares.ts';
import { type Load, runLoad } from '../load.ts';

const goalMs = 2.5;
const perSecond = 100;
const settling = 1_000;

export async function cost({ rounds, quick, step }: Effort): Promise<Findings> {
  const calls = quick ? 300 : 500;
  await using answeredUdp = await startAgent({ transport: 'udp' });
  await using answeredTcp = await startAgent({ transport: 'tcp' });
  await using passedUdp = await startPassing('udp');
  await using passedTcp = await startPassing('tcp');
  await using kamailio = await startProxy();
  const contestants = [
    { name: 'answered, UDP', transport: 'udp', side: answeredUdp },
    { name: 'answered, TCP', transport: 'tcp', side: answeredTcp },
    { name: 'passed on, UDP', transport: 'udp', side: passedUdp },
    { name: 'passed on, TCP', transport: 'tcp', side: passedTcp },
    { name: 'through Kamailio, UDP', transport: 'udp', side: kamailio },
  ] as const;
  const loadOf = ({ transport, side }: (typeof contestants)[number]): Load => {
    return { port: side.port, transport, perSecond, calls, lastsMs: 200 };
  };
  for (const one of contestants) {
    step(`${one.name}: code and caches settle`);
    await runLoad({ ...loadOf(one), perSecond: 2 * perSecond, calls: quick ? calls : settling });
  }
  const turns = contestants.map(({ name }) => ({ name, failed: 0, cpuMs: [] as number[] }));
  for (let round = 1; round <= rounds; round++) {
    for (const [at, one] of contestants.entries()) {
      step(`${one.name}: round ${round} of ${rounds}`);
      const before = one.side.cpuSeconds();
      const { successful, failed } = await runLoad(loadOf(one));
      turns[at]?.cpuMs.push((1_000 * (one.side.cpuSeconds() - before)) / successful);
      if (turns[at]) turns[at].failed += failed;
    }
  }
  const rows = turns.map((turn) => ({ ...turn, median: median(turn.cpuMs) }));

  // For a look at its functions, as the developer tools of Chromium show them.
  const { PARLEY_BENCH_PROFILE: file } = process.env;
  step('whose code it is');
  await answeredUdp.child.call('profile');
  await runLoad(loadOf(contestants[0]));
  const shares = await answeredUdp.child.call('shares', { file });
  const percent = (...owners: readonly (keyof typeof shares)[]) =>
    `${(100 * sum(owners.map((owner) => shares[owner]))).toFixed(0)} %`;
  const through = rows.at(-1)?.median ?? Number.NaN;
  return {
    title: 'What a call costs',
    method: `CPU time of the process for one call of INVITE, ACK and BYE, at ${perSecond} calls a second. The agent has its application in the same process: it answers, or passes each call on as two calls, one to each side, each with a dialog of its own. Kamailio is a proxy that keeps transactions and stays in the way; it keeps no dialogs, and no application decides.`,
    table: {
      columns: [
        { title: 'call' },
        { title: 'CPU ms', align: 'right' },
        { title: 'of Kamailio’s', align: 'right' },
        { title: 'failed', align: 'right' },
      ],
      rows: rows.map((row) => [
        row.name,
        row.median.toFixed(2),
        (row.median / through).toFixed(1),
        `${row.failed} of ${rounds * calls}`,
      ]),
    },
    goals: rows
      .filter(({ name }) => name.startsWith('answered'))
      .map(({ name, median: cpuMs, failed }) => ({
        name: 'cost',
        workload: `a call, ${name}`,
        goal: `at most ${goalMs} ms CPU from INVITE to BYE`,
        measured: `${cpuMs.toFixed(2)} ms`,
        reached: cpuMs <= goalMs && failed === 0,
      })),
    notes: [
      `Of the time of a call that is answered over UDP, ${percent('agent')} is the agent (messages, transactions, dialogs, defence), ${percent('façade')} its side of drachtio’s protocol and ${percent('ladder')} what it keeps for traces; ${percent('drachtio-srf')} is drachtio-srf, the application’s library, which reads each message once more; ${percent('Node.js')} Node.js reading its sockets, ${percent('garbage')} the collection of garbage of all of them. By a profile of one round more.`,
    ],
    results: { rows, shares: Object.fromEntries(ownerNames.map((owner) => [owner, shares[owner]])) },
  };
}
