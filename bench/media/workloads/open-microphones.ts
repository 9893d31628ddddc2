// Fifty open microphones in one room, of which four speak: what is forwarded, and what of the first syllable is lost.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { silentLogger } from '../../../core/log.ts';
import { createFloor, type Floor } from '../../../media/floor/create-floor.ts';
import { type Child, startChild } from '../../support/child-calls.ts';
import { cpuSecondsOf } from '../../support/cpu-time.ts';
import type { Effort, Findings } from '../../support/findings.ts';
import { median, quantile } from '../../support/statistics.ts';
import { fillRooms, type Meeting } from '../fill-rooms.ts';
import type { Utterance } from '../onsets.ts';
import { packetIntervalMs } from '../opus-stream.ts';
import { createParleySide, type ParleySide } from '../parley-side.ts';
import type { SpeakingCallers } from '../speaking-callers.ts';

const voices = 4;
const goalShare = 1.05;
const goalOnsetMs = 60;

interface Turn {
  readonly sentPackets: number;
  readonly forwardedPackets: number;
  readonly workerMs: number;
  readonly nodeMs: number;
  readonly tapPackets: number;
}

export async function openMicrophones({ rounds, quick, step }: Effort): Promise<Findings> {
  const people = quick ? 16 : 50;
  const utterances = quick ? 20 : 100;
  const turnMs = quick ? 400 : 1_000;
  const meeting: Meeting = {
    name: 'microphones',
    about: '',
    rooms: 1,
    peersPerRoom: people,
    speakersPerRoom: people,
  };
  await using callers = await startChild<SpeakingCallers>(new URL('../speaking-callers.ts', import.meta.url));
  const floor = createFloor({ log: silentLogger });
  const policies = [floor.policy];
  await using full = await createParleySide('every microphone', { overrides: { loudestSpeakers: 0 }, policies });
  await using loudest = await createParleySide('the loudest 4', { overrides: { loudestSpeakers: voices }, policies });
  const sides = [full, loudest];
  for (const side of sides) {
    step(`${people} open microphones, ${side.name}: connecting`);
    await fillRooms(side, meeting, callers);
  }
  const turns = new Map<ParleySide, Turn[]>(sides.map((side) => [side, []]));
  const take = (side: ParleySide) => takeTurn(side, { callers, meeting, turnMs, floor });
  step('warm-up');
  for (const side of sides) await take(side);
  for (let round = 0; round < rounds; round++) {
    step(`round ${round + 1} of ${rounds}`);
    for (const side of round % 2 === 0 ? sides : [...sides].reverse()) turns.get(side)?.push(await take(side));
  }
  step(`${utterances} people start to speak, one after the other`);
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  const heard = await callers.call('utter', { group: `${loudest.name}/${meeting.name}`, utterances });
  delays.disable();
  await floor.close();

  const [all, few] = [full, loudest].map((side) => summarize(turns.get(side) ?? [], people)) as [Summary, Summary];
  const share = few.copies / all.copies;
  const [onset, control] = [summarizeOnsets(heard.first), summarizeOnsets(heard.again)];
  const loopDelayP99Ms = delays.percentile(99) / 1e6;
  const most = people - 1;
  return {
    title: `${people} open microphones`,
    method: `One room, real callers; ${voices} people speak, of the other microphones there is noise. For each packet that comes in: copies to others, and CPU time. Then ${utterances} people start to speak one after the other, in the noise of the rest: lost is what the listener who lost most of it did not get. Each says it again, with the floor that it has by then: what that loses, and when it is heard, is the machine's part.`,
    table: {
      columns: [
        { title: 'forwarded' },
        { title: 'copies a packet', align: 'right' },
        { title: 'worker µs', align: 'right' },
        { title: 'Node.js µs', align: 'right' },
        { title: 'copies for levels', align: 'right' },
      ],
      rows: [
        ['every microphone', ...cells(all)],
        [`the loudest ${voices}`, ...cells(few)],
      ],
    },
    goals: [
      {
        name: 'loudest',
        workload: `${people} open microphones`,
        goal: `packets at most ${goalShare} × ${voices}/${most} of all, that is ${((100 * goalShare * voices) / most).toFixed(1)} %`,
        measured: `${(100 * share).toFixed(1)} %`,
        reached: share <= (goalShare * voices) / most,
      },
      {
        name: 'onset',
        workload: `${utterances} first syllables`,
        goal: `at most ${goalOnsetMs} ms lost, 99th percentile`,
        measured: `${onset.p99Ms.toFixed(0)} ms; median ${onset.p50Ms.toFixed(0)} ms, worst ${onset.maxMs.toFixed(0)} ms; with the floor already ${control.p99Ms.toFixed(0)} ms`,
        reached: onset.p99Ms <= goalOnsetMs && heard.first.every(({ listeners }) => listeners === most),
      },
    ],
    notes: [
      `First syllables by packets lost: ${histogram(heard.first)}; with the floor already: ${histogram(heard.again)}.`,
      `From the first packet of a syllable to the first that the last listener hears: ${ranges(onset)} ms (median, 99th percentile), with the floor already ${ranges(control)} ms. Node.js itself was ${loopDelayP99Ms.toFixed(0)} ms late (99th percentile of its event loop), the senders ${heard.lateTicks} times by more than a packet.`,
    ],
    results: { people, all, few, share, onset, control, loopDelayP99Ms, lateTicks: heard.lateTicks },
  };
}

async function takeTurn(
  side: ParleySide,
  {
    callers,
    meeting,
    turnMs,
    floor,
  }: { callers: Child<SpeakingCallers>; meeting: Meeting; turnMs: number; floor: Floor },
): Promise<Turn> {
  const before = { worker: cpuSecondsOf(side.workerPids), node: process.cpuUsage(), tapped: floor.stats().tapPackets };
  // What does not come of the others is not waited for.
  const counted = await callers.call('speak', {
    group: `${side.name}/${meeting.name}`,
    durationMs: turnMs,
    copies: meeting.peersPerRoom - 1,
    voices,
  });
  const node = process.cpuUsage(before.node);
  return {
    sentPackets: counted.sentPackets,
    forwardedPackets: counted.receivedPackets,
    workerMs: 1000 * (cpuSecondsOf(side.workerPids) - before.worker),
    nodeMs: (node.user + node.system) / 1000,
    tapPackets: floor.stats().tapPackets - before.tapped,
  };
}

interface Summary {
  /** Of each packet that came in, medians of the turns. */
  readonly copies: number;
  readonly workerUs: number;
  readonly nodeUs: number;
  readonly levels: number;
  readonly lostShare: number;
}

function summarize(turns: readonly Turn[], people: number): Summary {
  const each = (read: (turn: Turn) => number) => median(turns.map((turn) => read(turn) / turn.sentPackets));
  const copies = each(({ forwardedPackets }) => forwardedPackets);
  return {
    copies,
    workerUs: each(({ workerMs }) => 1000 * workerMs),
    nodeUs: each(({ nodeMs }) => 1000 * nodeMs),
    levels: each(({ tapPackets }) => tapPackets),
    lostShare: 1 - copies / (people - 1),
  };
}

interface OnsetSummary {
  /** Lost of the first syllable. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly heardP50Ms: number;
  readonly heardP99Ms: number;
}

function summarizeOnsets(heard: readonly Utterance[]): OnsetSummary {
  const lostMs = heard.map(({ lostPackets }) => lostPackets * packetIntervalMs);
  const afterMs = heard.map(({ heardAfterMs }) => heardAfterMs);
  return {
    p50Ms: quantile(lostMs, 0.5),
    p99Ms: quantile(lostMs, 0.99),
    maxMs: Math.max(...lostMs),
    heardP50Ms: quantile(afterMs, 0.5),
    heardP99Ms: quantile(afterMs, 0.99),
  };
}

function ranges({ heardP50Ms, heardP99Ms }: OnsetSummary): string {
  return `${heardP50Ms.toFixed(0)}, ${heardP99Ms.toFixed(0)}`;
}

function cells({ copies, workerUs, nodeUs, levels }: Summary): string[] {
  return [copies.toFixed(2), workerUs.toFixed(1), nodeUs.toFixed(1), levels.toFixed(2)];
}

function histogram(heard: readonly Utterance[]): string {
  const counts = new Map<number, number>();
  for (const { lostPackets } of heard) counts.set(lostPackets, (counts.get(lostPackets) ?? 0) + 1);
  return [...counts]
    .sort(([one], [other]) => one - other)
    .map(([lost, count]) => `${count} × ${lost}`)
    .join(', ');
}
