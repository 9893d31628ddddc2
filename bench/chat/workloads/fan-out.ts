// One large room, many small ones, and what the two codecs cost.

import { type Effort, type Findings, type Goal, ms } from '../../support/findings.ts';
import type { Rooms } from '../contest.ts';
import { type Contestant, everybody, ours, oursInProtobuf, peers } from '../contestants.ts';
import type { RunOrder } from '../driver/open-loop.ts';
import { driverLimit, type Summaries, takeTurns } from './rounds.ts';

/** In a thousand rooms: one every 2 s each, and more. */
const smallRates = [500, 2_000];

type Load = Omit<RunOrder, 'serverPid' | 'warmMs' | 'durationMs' | 'drainMs'>;

interface Contest {
  readonly contestants: readonly Contestant[];
  readonly rooms: Rooms;
  readonly load: Load;
  readonly durationMs: number;
  /** Otherwise the load’s own. */
  readonly rates?: readonly number[];
}

/** By messages a second. */
async function measure(
  { contestants, rooms, load, durationMs, rates = [load.perSecond] }: Contest,
  { rounds, quick, step }: Effort,
): Promise<Map<string, Summaries>> {
  const order = { ...load, warmMs: 400, durationMs: quick ? 1_000 : durationMs, drainMs: 600 };
  const orders = new Map(rates.map((perSecond) => [`${perSecond}/s`, { ...order, perSecond }]));
  const onTurn = (contestant: Contestant, rate: string, round: number) =>
    step(`${contestant.title}, ${rate}, ${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}`);
  return await takeTurns({ contestants, rooms, orders, rounds, onTurn });
}

export async function largeRoom(effort: Effort): Promise<Findings> {
  const load = { perSecond: 1_000, publishersPerRoom: 100, textBytes: 100, sampled: 8 };
  const rooms = { rooms: 1, membersPerRoom: 500 };
  const results = only(await measure({ contestants: everybody, rooms, load, durationMs: 1_500 }, effort));
  const bare = cost(results, peers.uwsBatched);
  const socketIo = cost(results, peers.socketIo);
  return {
    title: 'One room of 500',
    method:
      '1,000 messages/s of 100 bytes from 100 of the 500, each due at a fixed time: 500,000 deliveries/s. CPU seconds of the server process with all its threads for a million deliveries; delay from when a message was due, at 8 sampled readers.',
    table: toTable(results, peers.uwsBatched),
    goals: Object.values(ours).flatMap((contestant) => [
      ratioGoal(
        { name: `large-room bare, ${contestant.variant}`, workload: 'large-room' },
        contestant.title,
        cost(results, contestant) / bare,
        '× uWebSockets.js with batching',
        { most: 1.2 },
      ),
      ratioGoal(
        { name: `large-room Socket.IO, ${contestant.variant}`, workload: 'large-room' },
        contestant.title,
        socketIo / cost(results, contestant),
        'times less CPU than Socket.IO on ws',
        {
          least: 5,
        },
      ),
    ]),
    notes: [driverNote],
    results: byName(results),
  };
}

export async function smallRooms(effort: Effort): Promise<Findings> {
  const contestants = [...Object.values(ours), peers.socketIo, peers.socketIoUws, peers.ws, peers.uwsBatched];
  const load = { perSecond: 0, publishersPerRoom: 4, textBytes: 100, sampled: 400 };
  const rooms = { rooms: 1_000, membersPerRoom: 4 };
  const levels = await measure({ contestants, rooms, load, durationMs: 1_500, rates: smallRates }, effort);
  const tables = [...levels].map(([level, results]) => ({ level, ...toTable(results, peers.socketIo) }));
  return {
    title: 'A thousand rooms of 4',
    method: `A message of 100 bytes in each room every 2 s, from its members in turn, which is ${smallRates[0]} messages/s, and four times as many. There is next to nothing to put together here.`,
    table: {
      columns: [{ title: 'messages/s' }, ...(tables[0]?.columns ?? [])],
      rows: tables.flatMap(({ level, rows }) => rows.map((row) => [level, ...row])),
    },
    goals: [...levels].flatMap(([level, results]) =>
      Object.values(ours).map((contestant) =>
        ratioGoal(
          { name: `small-rooms ${level} ${contestant.variant}`, workload: 'small-rooms' },
          `${contestant.title}, ${level}`,
          cost(results, contestant) / cost(results, peers.socketIo),
          '× Socket.IO on ws',
          { most: 0.7 },
        ),
      ),
    ),
    notes: [],
    results: Object.fromEntries([...levels].map(([level, results]) => [level, byName(results)])),
  };
}

export async function codecs(effort: Effort): Promise<Findings> {
  const load = { perSecond: 200, publishersPerRoom: 50, textBytes: 100, sampled: 8 };
  const sides = [ours.memory, oursInProtobuf];
  const rooms = { rooms: 1, membersPerRoom: 500 };
  const results = only(await measure({ contestants: sides, rooms, load, durationMs: 1_500 }, effort));
  return {
    title: 'JSON and protobuf',
    method: '200 messages/s of 100 bytes to a room of 500, from 50 of them.',
    table: toTable(results, ours.memory),
    goals: [],
    notes: [],
    results: byName(results),
  };
}

const driverNote = `\\*: the clients used more than ${100 * driverLimit} % of their core, so delays and deliveries/s may be theirs; CPU seconds stand. Who delivers less than was published falls behind for as long as this goes on.`;

function only(results: ReadonlyMap<string, Summaries>): Summaries {
  return [...results.values()][0] ?? new Map();
}

function byName(results: Summaries) {
  return Object.fromEntries([...results].map(([{ name }, summary]) => [name, summary]));
}

function cost(results: Summaries, contestant: Contestant): number {
  return results.get(contestant)?.cpuSecondsPerMillion ?? Number.NaN;
}

function ratioGoal(
  names: Pick<Goal, 'name' | 'workload'>,
  title: string,
  ratio: number,
  what: string,
  bound: { most: number } | { least: number },
): Goal {
  const most = 'most' in bound;
  return {
    ...names,
    goal: `${title}: ${most ? `at most ${bound.most}` : `at least ${bound.least}`} ${what}`,
    measured: ratio.toFixed(2),
    reached: most ? ratio <= bound.most : ratio >= bound.least,
  };
}

function toTable(results: Summaries, base: Contestant) {
  const right = 'right' as const;
  return {
    columns: [
      { title: 'server' },
      { title: 'CPU-s per million', align: right },
      { title: `× ${base.title}`, align: right },
      { title: 'deliveries/s', align: right },
      { title: 'of due', align: right },
      { title: 'p50 ms', align: right },
      { title: 'p99 ms', align: right },
      { title: 'p99.9 ms', align: right },
      { title: 'bytes each', align: right },
      { title: 'clients’ core', align: right },
    ],
    rows: [...results.values()].map((it) => [
      it.title,
      it.cpuSecondsPerMillion.toFixed(2),
      (it.cpuSecondsPerMillion / cost(results, base)).toFixed(2),
      Math.round(it.deliveriesPerSecond).toLocaleString('en'),
      `${(100 * it.deliveredShare).toFixed(0)} %`,
      ms(it.p50),
      ms(it.p99),
      ms(it.p999),
      it.bytesPerDelivery.toFixed(0),
      `${(100 * it.driverShare).toFixed(0)} %${it.driverShare > driverLimit ? ' \\*' : ''}`,
    ]),
  };
}
