// What a call that goes on holds in memory.

import { setTimeout as delay } from 'node:timers/promises';
import { type Effort, type Findings, kilobytes } from '../../support/findings.ts';
import { startAgent } from '../agent-side.ts';
import { runLoad } from '../load.ts';

const goalBytes = 25 * 1_024;
/** Longer than a transaction lasts after its end. */
const settleMs = 34_000;

export async function memory({ quick, step }: Effort): Promise<Findings> {
  const dialogs = quick ? 500 : 5_000;
  const perSecond = 500;
  await using agent = await startAgent({ transport: 'udp', untraced: true });
  const load = { port: agent.port, transport: 'udp', perSecond } as const;
  step('code and caches settle');
  await runLoad({ ...load, calls: 500, lastsMs: 200 });
  await delay(settleMs);
  const before = await agent.child.call('memory');
  step(`${dialogs} calls that go on`);
  const lastsMs = (1_000 * dialogs) / perSecond + settleMs + 8_000;
  const ended = runLoad({ ...load, calls: dialogs, lastsMs });
  await delay((1_000 * dialogs) / perSecond + settleMs + 2_000);
  const open = await agent.child.call('stats');
  const during = await agent.child.call('memory');
  const { failed } = await ended;
  await delay(settleMs);
  const after = await agent.child.call('memory');
  const left = await agent.child.call('stats');
  const each = (during.bytes - before.bytes) / open.dialogs;
  return {
    title: 'Memory of a call',
    method: `${dialogs} calls over UDP that are answered and go on, when the transactions of their INVITEs are forgotten: heap and buffers of the process, after garbage was collected, divided by the calls; agent, façade and drachtio-srf together. What is kept for traces has a limit of its own and is left out. Then all end.`,
    table: {
      columns: [
        { title: 'when' },
        { title: 'calls', align: 'right' },
        { title: 'heap and buffers, MB', align: 'right' },
        { title: 'RSS, MB', align: 'right' },
      ],
      rows: (
        [
          ['before', 0, before],
          ['during', open.dialogs, during],
          ['after', left.dialogs, after],
        ] as const
      ).map(([when, count, { bytes, rss }]) => [
        when,
        String(count),
        (bytes / 2 ** 20).toFixed(1),
        (rss / 2 ** 20).toFixed(1),
      ]),
    },
    goals: [
      {
        name: 'memory',
        workload: `${dialogs} calls that go on`,
        goal: `at most ${goalBytes / 1_024} KB each`,
        measured: `${kilobytes(each)} KB; ${failed} failed, ${left.dialogs} left`,
        reached: each <= goalBytes && failed === 0 && left.dialogs === 0,
      },
    ],
    notes: [],
    results: { before, during, after, open, left, each, failed },
  };
}
