// How many calls a second one process answers: a fixed rate for a minute, then the highest one; then half as many again.

import type { Effort, Findings } from '../../support/findings.ts';
import { startAgent, startProxy } from '../agent-side.ts';
import { type Outcome, runLoad } from '../load.ts';

const fixed = 100;
const lastsMs = 500;
const mostFailed = 0.001;
/** One message that is lost and sent again, and sipp’s own end. */
const mostLateSeconds = 2;
/** More than that sipp could not be trusted with on the core that it has. */
const mostPerSecond = 1_500;
/** Long enough for the second’s worth of calls that a limit lets in at once. */
const overloadSeconds = 8;
/** Of the highest rate: a limit as an operator would set it. */
const limitShare = 0.7;

/** sipp that answers behind Kamailio shares a core with the one that calls. */
const kamailioFrom = 300;

interface Turn extends Outcome {
  readonly perSecond: number;
}

export async function rate({ quick, step }: Effort): Promise<Findings> {
  const seconds = quick ? 10 : 60;
  const turnSeconds = quick ? 4 : 6;
  const offer = async (port: number, perSecond: number, forSeconds: number): Promise<Turn> => {
    const outcome = await runLoad({ port, transport: 'udp', perSecond, calls: perSecond * forSeconds, lastsMs });
    return { ...outcome, perSecond };
  };
  const climb = async (
    name: string,
    port: number,
    from: number,
  ): Promise<{ highest: number; turns: readonly Turn[] }> => {
    const turns: Turn[] = [];
    let highest = 0;
    for (let perSecond = from; perSecond <= mostPerSecond; perSecond = next(perSecond)) {
      step(`${name}: ${perSecond} calls a second`);
      const turn = await offer(port, perSecond, turnSeconds);
      turns.push(turn);
      if (turn.failed >= mostFailed * perSecond * turnSeconds || turn.lateSeconds > mostLateSeconds) break;
      highest = perSecond;
    }
    return { highest, turns };
  };
  await using agent = await startAgent({ transport: 'udp' });
  step(`${fixed} calls a second for ${seconds} s`);
  const steady = await offer(agent.port, fixed, seconds);
  const { highest, turns } = await climb('the agent', agent.port, 200);
  await using kamailio = await startProxy();
  const yardstick = await climb('Kamailio', kamailio.port, kamailioFrom);

  const limit = Math.floor(highest * limitShare);
  const offered = Math.floor(limit * 1.5);
  await using limited = await startAgent({ transport: 'udp', callsPerSecond: limit });
  step('the code of the limited agent settles');
  await offer(limited.port, Math.floor(limit / 2), 5);
  step(`overload: ${offered} calls a second, ${limit} let in`);
  const over = await offer(limited.port, offered, overloadSeconds);
  const stats = await limited.child.call('stats');
  // What failed and was not refused, was let in and not kept, or got no answer; a refusal that is no 503 is as bad.
  const broken = over.failed - Math.min(over.refused, stats.refused) + stats.otherRefusals;
  return {
    title: 'Calls a second',
    method: `Over UDP; each call is answered, lasts ${lastsMs} ms and is ended by the caller. Rates rise by a quarter until a thousandth of the calls fails or the last one ends ${mostLateSeconds} s late, ${turnSeconds} s each; Kamailio passes the same calls on to somebody who answers. What is sent again, after 500 ms, is no failure. Overload: ${offered} calls a second where ${limit} are let in.`,
    table: {
      columns: [
        { title: 'who' },
        { title: 'calls/s', align: 'right' },
        { title: 'calls', align: 'right' },
        { title: 'failed', align: 'right' },
        { title: 'late, s', align: 'right' },
      ],
      rows: [
        ...[steady, ...turns].map((turn) => row('agent', turn)),
        ...yardstick.turns.map((turn) => row('Kamailio', turn)),
      ],
    },
    goals: [
      {
        name: 'rate',
        workload: `${fixed} calls/s for ${seconds} s`,
        goal: 'no call fails',
        measured: `${steady.failed} of ${steady.successful + steady.failed}`,
        reached: steady.failed === 0,
      },
      {
        name: 'highest',
        workload: 'the highest rate',
        goal: 'less than 0.1 % fail; the rate is told',
        measured: `${highest} calls/s; through Kamailio ${yardstickOf(yardstick.highest)}`,
        reached: highest > 0,
      },
      {
        name: 'overload',
        workload: `${offered} calls/s where ${limit} are let in`,
        goal: 'what is let in is kept, the rest gets 503',
        measured: `${over.successful} kept, ${over.refused} × 503, ${broken} broken`,
        reached: broken === 0 && over.refused > 0,
      },
    ],
    notes: [],
    results: { steady, turns, highest, kamailio: yardstick, overload: { limit, offered, ...over, broken, stats } },
  };
}

/** A quarter more, in round numbers. */
function next(perSecond: number): number {
  return Math.round((perSecond * 1.25) / 50) * 50;
}

function row(who: string, { perSecond, successful, failed, lateSeconds }: Turn): string[] {
  return [who, String(perSecond), String(successful + failed), String(failed), lateSeconds.toFixed(1)];
}

function yardstickOf(perSecond: number): string {
  if (perSecond === 0) return `less than ${kamailioFrom}`;
  return next(perSecond) > mostPerSecond ? `${perSecond} and more` : String(perSecond);
}
