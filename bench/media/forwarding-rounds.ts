import type { Child } from '../support/child-calls.ts';
import { processCpuSeconds } from '../support/cpu-time.ts';
import { median, quantile, sum } from '../support/statistics.ts';
import type { Meeting } from './fill-rooms.ts';
import type { MeasuredSide } from './forwarding-side.ts';
import type { SpeakingCallers } from './speaking-callers.ts';

/** One side's turn: everybody in its rooms speaks for a while, nobody elsewhere does. */
export interface Turn {
  /** Of all workers of the side. */
  readonly workerCpuSeconds: number;
  /** Of the one that had most to do. */
  readonly busiestCpuSeconds: number;
  /** Of this process, which holds the Node.js side of every room. */
  readonly nodeCpuSeconds: number;
  readonly forwardedPackets: number;
  readonly lostPackets: number;
}

/** Turns of one side; the one at the same place of another side came right before or after it. */
export type Turns = readonly Turn[];

export interface RoundsOptions {
  readonly sides: readonly MeasuredSide[];
  readonly meeting: Meeting;
  readonly callers: Child<SpeakingCallers>;
  readonly rounds: number;
  readonly turnMs: number;
  readonly onRound: (round: number) => void;
}

/** Rounds in which each side has one turn. The order turns from round to round, so that nobody always follows the same. */
export async function measureRounds(options: RoundsOptions): Promise<Map<MeasuredSide, Turns>> {
  const turns = new Map<MeasuredSide, Turn[]>(options.sides.map((side) => [side, []]));
  for (let round = 0; round < options.rounds; round++) {
    options.onRound(round);
    for (const side of inTurn(options.sides, round)) turns.get(side)?.push(await takeTurn(side, options));
  }
  return turns;
}

/** Every side in every place, forwards and backwards. */
function inTurn<Side>(sides: readonly Side[], round: number): readonly Side[] {
  const first = Math.floor(round / 2) % sides.length;
  const order = [...sides.slice(first), ...sides.slice(0, first)];
  return round % 2 === 0 ? order : order.reverse();
}

async function takeTurn(side: MeasuredSide, { meeting, callers, turnMs }: RoundsOptions): Promise<Turn> {
  const nodeBefore = process.cpuUsage();
  const before = side.workerPids.map(processCpuSeconds);
  const group = `${side.name}/${meeting.name}`;
  const copies = meeting.peersPerRoom - 1;
  const counted = await callers.call('speak', { group, durationMs: turnMs, copies });
  const took = side.workerPids.map((pid, at) => processCpuSeconds(pid) - (before[at] ?? 0));
  const node = process.cpuUsage(nodeBefore);
  return {
    workerCpuSeconds: sum(took),
    busiestCpuSeconds: Math.max(...took),
    nodeCpuSeconds: (node.user + node.system) / 1e6,
    forwardedPackets: counted.receivedPackets,
    lostPackets: counted.expectedPackets - counted.receivedPackets,
  };
}

export interface SideSummary {
  /** CPU seconds of the worker per million packets that arrived: the median turn. */
  readonly cpuSecondsPerMillion: number;
  /** Against the mean of the bases in the same round: median and quartiles of all rounds. */
  readonly ratio: number;
  readonly ratioLow: number;
  readonly ratioHigh: number;
  readonly forwardedPackets: number;
  readonly lostPackets: number;
  readonly packetsPerSecond: number;
  /** CPU of Node.js while the side had its turns, in percent of a core. */
  readonly nodeCpuPercent: number;
}

export function summarize(turns: Turns, bases: readonly Turns[], turnMs: number): SideSummary {
  const costs = turns.map(cost);
  const ratios = costs.map((value, round) => {
    const inThisRound = bases.map((base) => base[round]).filter((turn) => turn !== undefined);
    return (value * inThisRound.length) / sum(inThisRound.map(cost));
  });
  const forwardedPackets = sum(turns.map((turn) => turn.forwardedPackets));
  const seconds = (turns.length * turnMs) / 1000;
  return {
    cpuSecondsPerMillion: median(costs),
    ratio: median(ratios),
    ratioLow: quantile(ratios, 0.25),
    ratioHigh: quantile(ratios, 0.75),
    forwardedPackets,
    lostPackets: sum(turns.map((turn) => turn.lostPackets)),
    packetsPerSecond: forwardedPackets / seconds,
    nodeCpuPercent: (100 * sum(turns.map((turn) => turn.nodeCpuSeconds))) / seconds,
  };
}

function cost({ workerCpuSeconds, forwardedPackets }: Turn): number {
  return (1e6 * workerCpuSeconds) / forwardedPackets;
}
