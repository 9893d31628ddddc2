// One voice to many listeners through one worker: a room of Parley against a bare router.

import { startChild } from '../../support/child-calls.ts';
import type { Effort, Findings, Goal } from '../../support/findings.ts';
import { createBareSide } from '../bare-router.ts';
import { fillRooms, type Meeting } from '../fill-rooms.ts';
import { measureRounds, type SideSummary, summarize } from '../forwarding-rounds.ts';
import type { ForwardingSide } from '../forwarding-side.ts';
import { createParleySide } from '../parley-side.ts';
import type { SpeakingCallers } from '../speaking-callers.ts';

const goalRatio = 1.05;

interface Crowd {
  readonly listeners: number;
  readonly summaries: ReadonlyMap<string, SideSummary>;
}

export async function fanOut({ rounds, quick, step }: Effort): Promise<Findings> {
  const sizes = quick ? [50, 100] : [100, 300, 500];
  const crowds: Crowd[] = [];
  for (const listeners of sizes) {
    const meeting: Meeting = {
      name: `fan-out-${listeners}`,
      about: '',
      rooms: 1,
      peersPerRoom: listeners + 1,
      speakersPerRoom: 1,
    };
    crowds.push({ listeners, summaries: await measureCrowd(meeting, { rounds: 6 * rounds, step }) });
  }
  return {
    title: 'One voice to N listeners',
    method:
      'CPU seconds of the worker for a million packets to N listeners with real ICE, DTLS and SRTP, 50 packets a second to each. The sides have the same callers and take turns; a ratio compares a turn with the mean of the two bare routers in the same round.',
    table: {
      columns: [
        { title: 'listeners', align: 'right' },
        { title: 'server' },
        { title: 'packets/s', align: 'right' },
        { title: 'CPU-s per million', align: 'right' },
        { title: 'ratio', align: 'right' },
        { title: 'quartiles', align: 'right' },
        { title: 'lost', align: 'right' },
      ],
      rows: crowds.flatMap(({ listeners, summaries }) =>
        [...summaries].map(([server, side]) => [
          String(listeners),
          server,
          side.packetsPerSecond.toFixed(0),
          side.cpuSecondsPerMillion.toFixed(2),
          side.ratio.toFixed(3),
          `${side.ratioLow.toFixed(2)}–${side.ratioHigh.toFixed(2)}`,
          String(side.lostPackets),
        ]),
      ),
    },
    goals: crowds.map(goalOf),
    notes: [],
    results: Object.fromEntries(crowds.map(({ listeners, summaries }) => [listeners, Object.fromEntries(summaries)])),
  };
}

function goalOf({ listeners, summaries }: Crowd): Goal {
  const room = summaries.get(names.room);
  const bases = [names.bare, names.bareAgain].map((name) => summaries.get(name)?.ratio ?? Number.NaN).sort();
  return {
    name: 'fan-out',
    workload: `one voice to ${listeners}`,
    goal: `at most ${goalRatio} of the CPU of a bare router`,
    measured: `${room?.ratio.toFixed(3)}; the two bare ones ${bases.map((ratio) => ratio.toFixed(3)).join(' and ')}`,
    reached: room !== undefined && room.ratio <= goalRatio,
  };
}

const names = { bare: 'bare router', bareAgain: 'bare router again', room: 'Parley room' } as const;

async function measureCrowd(
  meeting: Meeting,
  { rounds, step }: Pick<Effort, 'rounds' | 'step'>,
): Promise<Map<string, SideSummary>> {
  const what = `${meeting.peersPerRoom - 1} listeners`;
  await using callers = await startChild<SpeakingCallers>(new URL('../speaking-callers.ts', import.meta.url));
  await using bare = await createBareSide(names.bare);
  await using room = await createParleySide(names.room);
  await using bareAgain = await createBareSide(names.bareAgain);
  const sides: ForwardingSide[] = [bare, room, bareAgain];
  for (const side of sides) {
    step(`${what}: ${side.name}: connecting`);
    await fillRooms(side, meeting, callers);
  }
  const turnMs = 400;
  const options = { sides, meeting, callers, turnMs };
  // For code, caches and estimates to settle.
  await measureRounds({ ...options, rounds: 1, onRound: () => step(`${what}: warm-up`) });
  const onRound = (round: number) => step(`${what}: round ${round + 1} of ${rounds}`);
  const turns = await measureRounds({ ...options, rounds, onRound });
  const bases = [bare, bareAgain].map((side) => turns.get(side) ?? []);
  return new Map(sides.map((side) => [side.name, summarize(turns.get(side) ?? [], bases, turnMs)]));
}
