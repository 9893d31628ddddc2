// One room over two workers: what the busier of them has to do of what one would have to do alone.

import { startChild } from '../../support/child-calls.ts';
import type { Effort, Findings } from '../../support/findings.ts';
import { median, quantile } from '../../support/statistics.ts';
import { fillRooms, type Meeting } from '../fill-rooms.ts';
import { measureRounds, type Turn } from '../forwarding-rounds.ts';
import { createParleySide } from '../parley-side.ts';
import type { SpeakingCallers } from '../speaking-callers.ts';

const goalFactor = 1.8;

export async function twoWorkers({ rounds, quick, step }: Effort): Promise<Findings> {
  const meeting: Meeting = {
    name: 'workers',
    about: '',
    rooms: 1,
    peersPerRoom: quick ? 52 : 154,
    speakersPerRoom: 4,
  };
  await using callers = await startChild<SpeakingCallers>(new URL('../speaking-callers.ts', import.meta.url));
  await using one = await createParleySide('one worker');
  // Full from the start: whoever comes goes to the worker that has promised less.
  const placementLimits = { fullAt: 0, minGain: 0 };
  await using two = await createParleySide('two workers', { overrides: { workers: 2 }, placementLimits });
  const sides = [one, two];
  for (const side of sides) {
    step(`${side.name}: connecting`);
    await fillRooms(side, meeting, callers);
  }
  const options = { sides, meeting, callers, turnMs: quick ? 400 : 600 };
  await measureRounds({ ...options, rounds: 1, onRound: () => step('warm-up') });
  const all = 4 * rounds;
  const turns = await measureRounds({
    ...options,
    rounds: all,
    onRound: (round) => step(`round ${round + 1} of ${all}`),
  });
  const [ofOne, ofTwo] = sides.map((side) => turns.get(side) ?? []) as [Turn[], Turn[]];
  const factors = ofOne.map((turn, round) => {
    const other = ofTwo[round];
    return other === undefined ? Number.NaN : perMillion(turn, 'busiest') / perMillion(other, 'busiest');
  });
  const factor = median(factors);
  return {
    title: 'One room over two workers',
    method: `${meeting.peersPerRoom} people in one room, ${meeting.speakersPerRoom} of them speak; on one worker, and on two with pipes between them. How much more two carry is what one has to do for a packet against what the busier of the two has to do for one: on a machine with a core for each, the busier one is full first.`,
    table: {
      columns: [
        { title: 'room on' },
        { title: 'CPU-s per million', align: 'right' },
        { title: 'of the busiest worker', align: 'right' },
        { title: 'lost', align: 'right' },
      ],
      rows: [
        ['one worker', ...cells(ofOne)],
        ['two workers', ...cells(ofTwo)],
      ],
    },
    goals: [
      {
        name: 'workers',
        workload: 'one room over two workers',
        goal: `carries ${goalFactor} times what one carries, by CPU time`,
        measured: factor.toFixed(2),
        reached: factor >= goalFactor,
      },
    ],
    notes: [`Two workers: quartiles ${quantile(factors, 0.25).toFixed(2)}–${quantile(factors, 0.75).toFixed(2)}.`],
    results: { factor, factors, one: ofOne, two: ofTwo },
  };
}

function perMillion(turn: Turn, which: 'all' | 'busiest'): number {
  return (1e6 * (which === 'all' ? turn.workerCpuSeconds : turn.busiestCpuSeconds)) / turn.forwardedPackets;
}

function cells(turns: readonly Turn[]): string[] {
  return [
    median(turns.map((turn) => perMillion(turn, 'all'))).toFixed(2),
    median(turns.map((turn) => perMillion(turn, 'busiest'))).toFixed(2),
    String(turns.reduce((sum, turn) => sum + turn.lostPackets, 0)),
  ];
}
