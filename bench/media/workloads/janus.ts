// One voice to many listeners against Debian's Janus, where it is installed.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startChild } from '../../support/child-calls.ts';
import type { Effort, Findings, Goal } from '../../support/findings.ts';
import type { SideSummary } from '../forwarding-rounds.ts';
import type { JanusContest } from '../janus-contest.ts';
import { hasJanus } from '../janus-process.ts';

const goalShare = 0.5;
const network = new URL('../../support/node-in-own-network.sh', import.meta.url);

export async function janus({ rounds, quick, step }: Effort): Promise<Findings> {
  const problem = problemHere();
  const crowds: { listeners: number; room: SideSummary; janus: SideSummary }[] = [];
  for (const listeners of problem !== undefined ? [] : quick ? [50] : [100, 300]) {
    step(`${listeners} listeners`);
    await using contest = await startChild<JanusContest>(new URL('../janus-contest.ts', import.meta.url), {
      through: network,
    });
    const options = { listeners, rounds: 4 * rounds, turnMs: quick ? 400 : 600 };
    crowds.push({ listeners, ...(await contest.call('measure', options)) });
  }
  return {
    title: 'One voice to N listeners, against Janus',
    method:
      'The same with Janus of Debian 12 and its VideoRoom plugin as it comes: full ICE, a thread for each of its sessions, and no header extensions, which spares it reading them. Both stand in one network of their own. CPU seconds are those of all threads; the ratio is that of a turn and the turn of Janus in the same round.',
    table: {
      columns: [
        { title: 'listeners', align: 'right' },
        { title: 'server' },
        { title: 'packets/s', align: 'right' },
        { title: 'CPU-s per million', align: 'right' },
        { title: 'ratio', align: 'right' },
        { title: 'lost', align: 'right' },
      ],
      rows: crowds.flatMap(({ listeners, room, janus: other }) => [
        row(listeners, 'Parley room', room),
        row(listeners, 'Janus', other),
      ]),
    },
    goals: crowds.map(
      ({ listeners, room }): Goal => ({
        name: 'janus',
        workload: `one voice to ${listeners}`,
        goal: `at most ${goalShare} of the CPU of Janus`,
        measured: room.ratio.toFixed(2),
        reached: room.ratio <= goalShare,
      }),
    ),
    notes: problem === undefined ? [] : [`Janus was not measured: ${problem}.`],
    results: { crowds },
  };
}

function problemHere(): string | undefined {
  if (!hasJanus()) return 'it is not installed (Debian: apt-get install janus)';
  const { status, stderr } = spawnSync(fileURLToPath(network), ['--version'], { encoding: 'utf8' });
  return status === 0 ? undefined : `a network of its own cannot be made here, which root may: ${stderr.trim()}`;
}

function row(listeners: number, server: string, side: SideSummary): string[] {
  return [
    String(listeners),
    server,
    side.packetsPerSecond.toFixed(0),
    side.cpuSecondsPerMillion.toFixed(2),
    side.ratio.toFixed(2),
    String(side.lostPackets),
  ];
}
