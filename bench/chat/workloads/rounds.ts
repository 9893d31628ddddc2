import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../../support/statistics.ts';
import { type Entrant, Field, type Rooms } from '../contest.ts';
import type { Contestant } from '../contestants.ts';
import type { RunOrder, RunResult } from '../driver/open-loop.ts';

export interface Rounds {
  readonly contestants: readonly Contestant[];
  readonly rooms: Rooms;
  /** By their names: in each round a contestant has a turn of each. */
  readonly orders: ReadonlyMap<string, Omit<RunOrder, 'serverPid'>>;
  readonly rounds: number;
  onTurn(contestant: Contestant, order: string, round: number): void;
}

/** What a contestant needed and reached: medians of its turns. */
export interface Summary {
  readonly title: string;
  readonly cpuSecondsPerMillion: number;
  readonly deliveriesPerSecond: number;
  /** Of what should have arrived in the time. */
  readonly deliveredShare: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly bytesPerDelivery: number;
  readonly deliveriesPerFrame: number;
  /** The most that the clients used of their core in any turn. */
  readonly driverShare: number;
  readonly lost: number;
  readonly repeated: number;
  readonly turns: readonly RunResult[];
}

/** Long enough for the events of joining to be over. */
const settleMs = 1_000;
/** Above this the clients, not the server, may be what was measured. */
export const driverLimit = 0.85;

export type Summaries = ReadonlyMap<Contestant, Summary>;

/**
 * Rounds in which each has its turns, every other one backwards, after one to warm up; what came of them by order. Who is
 * still behind after a turn starts anew.
 */
export async function takeTurns({
  contestants,
  rooms,
  orders,
  rounds,
  onTurn,
}: Rounds): Promise<Map<string, Summaries>> {
  await using field = new Field();
  for (const contestant of contestants) await (await field.add(contestant)).open(rooms);
  await delay(settleMs);
  const names = [...orders.keys()];
  const turns = new Map(
    names.map((name) => [name, new Map<Entrant, RunResult[]>(field.entrants.map((it) => [it, []]))]),
  );
  // Round 0 warms up with the last order, as of a server that has run for a while, and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const entrant of round % 2 === 1 ? field.entrants : field.entrants.toReversed()) {
      for (const name of round === 0 ? names.slice(-1) : names) {
        const order = orders.get(name);
        if (!order) continue;
        onTurn(entrant.contestant, name, round);
        const result = await entrant.run(order);
        if (round > 0) turns.get(name)?.get(entrant)?.push(result);
        if (result.drained || (round === rounds && name === names.at(-1))) continue;
        await entrant.close();
        await entrant.open(rooms);
        await delay(settleMs);
      }
    }
  }
  return new Map(
    [...turns].map(([name, ofEntrants]) => [
      name,
      new Map([...ofEntrants].map(([{ contestant }, results]) => [contestant, summarize(contestant, results)])),
    ]),
  );
}

function summarize({ title }: Contestant, turns: readonly RunResult[]): Summary {
  const of = (figure: (turn: RunResult) => number) => median(turns.map(figure));
  const drained = turns.filter((turn) => turn.drained);
  return {
    title,
    cpuSecondsPerMillion: of((turn) => (1e6 * turn.serverCpuSeconds) / turn.deliveries),
    deliveriesPerSecond: of((turn) => turn.deliveries / turn.seconds),
    deliveredShare: of((turn) => turn.deliveries / turn.expected),
    p50: of((turn) => turn.delayMs.p50),
    p99: of((turn) => turn.delayMs.p99),
    p999: of((turn) => turn.delayMs.p999),
    bytesPerDelivery: of((turn) => turn.bytes / turn.deliveries),
    deliveriesPerFrame: of((turn) => turn.deliveries / turn.frames),
    driverShare: Math.max(...turns.map((turn) => turn.driverShare)),
    lost: drained.reduce((sum, turn) => sum + turn.lost, 0),
    repeated: turns.reduce((sum, turn) => sum + turn.repeated, 0),
    turns,
  };
}
