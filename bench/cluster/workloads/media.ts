// What a packet of media costs, and how much later it comes, when it goes to another worker, or to another node.

import { Scope } from '../../../core/scope.ts';
import { fillRooms, type Meeting } from '../../media/fill-rooms.ts';
import type { ForwardingSide } from '../../media/forwarding-side.ts';
import type { SpeakingCallers } from '../../media/speaking-callers.ts';
import { startChild } from '../../support/child-calls.ts';
import { cpuSecondsOf } from '../../support/cpu-time.ts';
import type { Effort, Findings } from '../../support/findings.ts';
import { median } from '../../support/statistics.ts';
import { type Crossing, createCrossingSide, crossings } from '../crossing-sides.ts';

interface Turn {
  /** Of all workers, for each packet that arrived. */
  readonly workerUs: number;
  readonly p50: number;
  readonly p99: number;
  readonly lost: number;
}

/** Everybody hears one other: a packet that crosses leaves the other side once. */
const meeting: Meeting = { name: 'crossing', about: '', rooms: 20, peersPerRoom: 2, speakersPerRoom: 2 };
const turnsPerRound = 4;

export async function media({ rounds, quick, step }: Effort): Promise<Findings> {
  await using callers = await startChild<SpeakingCallers>(new URL('../../media/speaking-callers.ts', import.meta.url));
  await using scope = new Scope();
  const sides = new Map<Crossing, ForwardingSide>();
  for (const name of crossings) {
    step(`${name}: connecting`);
    const side = await createCrossingSide(name);
    scope.defer(async () => side[Symbol.asyncDispose]());
    await fillRooms(side, meeting, callers);
    sides.set(name, side);
  }
  const turns = new Map<Crossing, Turn[]>(crossings.map((name) => [name, []]));
  const takeTurn = async (name: Crossing): Promise<Turn> => {
    const { workerPids = [] } = sides.get(name) ?? {};
    const before = cpuSecondsOf(workerPids);
    const order = { group: `${name}/${meeting.name}`, durationMs: quick ? 500 : 1_200, copies: 1, timed: true };
    const { receivedPackets, expectedPackets, delayMs } = await callers.call('speak', order);
    const workerUs = (1e6 * (cpuSecondsOf(workerPids) - before)) / receivedPackets;
    return { workerUs, ...delayMs, lost: expectedPackets - receivedPackets };
  };
  const all = rounds * turnsPerRound;
  // Round 0 warms up, and is not counted.
  for (let round = 0; round <= all; round++) {
    step(round === 0 ? 'warming up' : `round ${round} of ${all}`);
    for (const name of round % 2 === 1 ? crossings : crossings.toReversed()) {
      const turn = await takeTurn(name);
      if (round > 0) turns.get(name)?.push(turn);
    }
  }
  return toFindings(turns);
}

function toFindings(turns: ReadonlyMap<Crossing, readonly Turn[]>): Findings {
  const of = (name: Crossing, figure: (turn: Turn) => number) => median((turns.get(name) ?? []).map(figure));
  const base = crossings[0];
  const right = 'right' as const;
  const speakers = meeting.rooms * meeting.speakersPerRoom;
  return {
    title: 'Media that crosses',
    method: `${speakers} speak, in pairs, 50 packets of Opus a second each, and one hears each of them, over real ICE, DTLS and SRTP: listeners are on the speaker’s router, on a router of another worker of the node, or on one of another node, to which a pipe with SRTP leads over the loopback. CPU is that of all workers together; delay is from the speaker’s call to the listener’s, both in one process, encryption at both ends included.`,
    table: {
      columns: [
        { title: 'listeners on' },
        { title: 'worker µs a packet', align: right },
        { title: 'ratio', align: right },
        { title: 'p50 ms', align: right },
        { title: 'p99 ms', align: right },
        { title: 'later, p50 ms', align: right },
        { title: 'lost', align: right },
      ],
      rows: crossings.map((name) => [
        name,
        of(name, ({ workerUs }) => workerUs).toFixed(1),
        (of(name, ({ workerUs }) => workerUs) / of(base, ({ workerUs }) => workerUs)).toFixed(2),
        of(name, ({ p50 }) => p50).toFixed(2),
        of(name, ({ p99 }) => p99).toFixed(2),
        (of(name, ({ p50 }) => p50) - of(base, ({ p50 }) => p50)).toFixed(2),
        String((turns.get(name) ?? []).reduce((sum, { lost }) => sum + lost, 0)),
      ]),
    },
    goals: [],
    notes: [],
    results: Object.fromEntries(turns),
  };
}
