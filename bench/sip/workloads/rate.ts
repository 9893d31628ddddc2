// How many calls a second one process answers: a fixed rate for a minute, then the highest one; then half as many again.

import type { Effort, Findings } from '../../support/findings.ts';
import { startAgent } from '../agent-side.ts';
import { runLoad } from '../load.ts';

const fixed = 100;
const lastsMs = 500;
const mostFailed = 0.001;

export async function rate({ quick, step }: Effort): Promise<Findings> {
  const seconds = quick ? 10 : 60;
  const turnSeconds = quick ? 5 : 15;
  await using agent = await startAgent({ transport: 'udp' });
  const offer = (perSecond: number, forSeconds: number, port = agent.port) =>
    runLoad({ port, transport: 'udp', perSecond, calls: perSecond * forSeconds, lastsMs });
  step(`${fixed} calls a second for ${seconds} s`);
  const steady = await offer(fixed, seconds);

  const turns: { readonly perSecond: number; readonly failed: number; readonly calls: number }[] = [];
  let highest = 0;
  for (let perSecond = 200; perSecond <= 2_000; perSecond += 100) {
    step(`${perSecond} calls a second`);
    const { successful, failed } = await offer(perSecond, turnSeconds);
    turns.push({ perSecond, failed, calls: successful + failed });
    if (failed / (successful + failed) >= mostFailed) break;
    highest = perSecond;
  }

  // A limit a little below the highest rate, as an operator would set it.
  const limit = Math.floor(highest * 0.8);
  const offered = Math.floor(limit * 1.5);
  await using limited = await startAgent({ transport: 'udp', callsPerSecond: limit });
  step(`overload: ${offered} calls a second, ${limit} let in`);
  const over = await offer(offered, turnSeconds, limited.port);
  const { refused } = await limited.child.call('stats');
  // What failed without being refused was let in, and not kept.
  const broken = Math.max(0, over.failed - refused);
  return {
    title: 'Calls a second',
    method: `Over UDP; each call is answered, lasts ${lastsMs} ms and is ended by the caller. Rates rise by 100 until a thousandth of the calls fails. Overload: ${offered} calls a second where ${limit} are let in.`,
    table: {
      columns: [
        { title: 'calls/s', align: 'right' },
        { title: 'calls', align: 'right' },
        { title: 'failed', align: 'right' },
      ],
      rows: [{ perSecond: fixed, calls: steady.successful + steady.failed, failed: steady.failed }, ...turns].map(
        ({ perSecond, calls, failed }) => [String(perSecond), String(calls), String(failed)],
      ),
    },
    goals: [
      {
        name: 'rate',
        workload: `${fixed} calls/s for ${seconds} s`,
        goal: 'no call fails',
        measured: `${steady.failed} of ${steady.successful + steady.failed}`,
        reached: steady.failed === 0 && steady.successful === fixed * seconds,
      },
      {
        name: 'highest',
        workload: 'the highest rate',
        goal: 'less than 0.1 % fail; the rate is told',
        measured: `${highest} calls/s`,
        reached: highest > 0,
      },
      {
        name: 'overload',
        workload: `${offered} calls/s where ${limit} are let in`,
        goal: 'what is let in is kept, the rest gets 503',
        measured: `${over.successful} kept, ${refused} × 503, ${broken} broken`,
        reached: broken === 0 && over.successful > 0,
      },
    ],
    notes: [],
    results: { steady, turns, highest, overload: { limit, offered, ...over, refused, broken } },
  };
}
