// Chat over two nodes: many small rooms, and one large one, whose members are on both.

import { type Effort, type Findings, type Goal, ms } from '../../support/findings.ts';
import { type Climb, climb, type RateSummary, type Summaries } from '../climb.ts';
import { everybody, ours, peers } from '../contestants.ts';

interface Contest extends Pick<Climb, 'rooms' | 'rates'> {
  readonly workload: string;
  readonly title: string;
  readonly about: string;
  readonly publishersPerRoom: number;
  readonly sampled: number;
  /** Rates that are asked for: what of them is not reached is said so. */
  readonly wanted: readonly number[];
  /** Those of them that are far beyond what anybody reaches. */
  readonly beyond?: readonly number[];
}

const textBytes = 100;
const goalShare = 0.5;
/** Above this the clients, not the server, may be what was measured. */
const driverLimit = 0.85;

export const smallRooms = (effort: Effort): Promise<Findings> =>
  contest(effort, {
    workload: 'small-rooms',
    title: 'A thousand rooms of 4 over two nodes',
    about: 'Two members of each room are at one node, two at the other; all of them write in turn.',
    rooms: { rooms: 1_000, membersPerRoom: 4 },
    rates: [1_000, 2_000, 4_000, 10_000],
    wanted: [1_000, 10_000],
    publishersPerRoom: 4,
    sampled: 444,
  });

export const largeRoom = (effort: Effort): Promise<Findings> =>
  contest(effort, {
    workload: 'large-room',
    title: 'One room of 500 over two nodes',
    about: '250 members are at each node; all of them write in turn.',
    rooms: { rooms: 1, membersPerRoom: 500 },
    rates: [100, 200, 400, 1_000, 2_000],
    wanted: [1_000, 10_000],
    beyond: [10_000],
    publishersPerRoom: 500,
    sampled: 8,
  });

async function contest({ rounds, quick, step }: Effort, what: Contest): Promise<Findings> {
  const { rooms, rates, wanted, beyond = [], publishersPerRoom, sampled } = what;
  const always = wanted.filter((rate) => !beyond.includes(rate));
  const durationMs = quick ? 1_000 : 2_000;
  const order = { publishersPerRoom, textBytes, sampled, warmMs: 400, durationMs, drainMs: 600 };
  const found = await climb({ contestants: everybody, rooms, order, rates, always, rounds, step });
  return {
    title: what.title,
    method: `${what.about} Messages of ${textBytes} bytes; each contestant climbs ${rates.map(count).join(', ')} messages/s until what is published does not arrive any more, and tries ${always.map(count).join(' and ')} in any case. Delays are those of messages from the other node, from when they were due.`,
    table: toTable(found, what.wanted),
    goals: toGoals(found, what),
    notes: [...what.wanted.flatMap((rate) => describeMissing(found, rate))].map((note) => `${what.title}: ${note}`),
    results: Object.fromEntries(Array.from(found, ([{ name }, summaries]) => [name, summaries])),
  };
}

/** Against each peer at the rates that are wanted, and at the highest that both reach. */
function toGoals(found: Summaries, { workload, wanted, beyond = [] }: Contest): Goal[] {
  return Object.values(peers).flatMap((peer) => {
    const pairs = (found.get(ours) ?? []).flatMap((mine) => {
      const theirs = found.get(peer)?.find(({ perSecond }) => perSecond === mine.perSecond);
      return theirs ? [{ mine, theirs }] : [];
    });
    const highest = pairs.filter(({ mine, theirs }) => mine.reached && theirs.reached).at(-1);
    const isCompared = ({ perSecond }: RateSummary) => wanted.includes(perSecond) && !beyond.includes(perSecond);
    return pairs
      .filter((pair) => pair === highest || isCompared(pair.mine))
      .flatMap(({ mine, theirs }) => {
        const rate = `${count(mine.perSecond)}/s`;
        const share = mine.usPerDelivery / theirs.usPerDelivery;
        const lags = (it: RateSummary) => (it.reached ? '' : `, ${percent(it.deliveredShare)} of it arriving in time`);
        return [
          {
            name: `${workload} CPU`,
            workload,
            goal: `${rate}: at most half of the CPU per delivered message of ${peer.title}`,
            measured: `${share.toFixed(2)} of it: ${mine.usPerDelivery.toFixed(2)} µs${lags(mine)} against ${theirs.usPerDelivery.toFixed(2)} µs${lags(theirs)}`,
            reached: share <= goalShare,
          },
          {
            name: `${workload} p99`,
            workload,
            goal: `${rate}: a lower p99 than ${peer.title}`,
            measured: `${ms(mine.p99)} ms${lags(mine)} against ${ms(theirs.p99)} ms${lags(theirs)}`,
            // Who falls behind gets later for as long as it lasts.
            reached: mine.reached && (!theirs.reached || mine.p99 < theirs.p99),
          },
        ];
      });
  });
}

function describeMissing(found: Summaries, rate: number): string[] {
  return [...found].flatMap(([{ title }, summaries]) => {
    if (summaries.some(({ perSecond, reached }) => perSecond === rate && reached)) return [];
    const highest = summaries.filter(({ reached }) => reached).at(-1);
    const reaches = highest ? `${count(highest.perSecond)}/s is the highest of these rates that it reaches` : 'none is';
    return [`${title} does not reach ${count(rate)}/s here: ${reaches}.`];
  });
}

function toTable(found: Summaries, wanted: readonly number[]) {
  const right = 'right' as const;
  const rates = [...new Set([...found.values()].flat().map(({ perSecond }) => perSecond))].sort((a, b) => a - b);
  const shown = rates.filter(
    (rate) => wanted.includes(rate) || [...found.values()].some((of) => of.some((it) => it.perSecond === rate)),
  );
  return {
    columns: [
      { title: 'messages/s' },
      { title: 'server' },
      { title: 'node µs a message', align: right },
      { title: 'Redis µs a message', align: right },
      { title: 'node µs a delivery', align: right },
      { title: 'Redis µs a delivery', align: right },
      { title: 'both', align: right },
      { title: 'p50 ms', align: right },
      { title: 'p99 ms', align: right },
      { title: 'arrives', align: right },
      { title: 'their core', align: right },
      { title: 'clients’ core', align: right },
    ],
    rows: shown.flatMap((rate) =>
      Array.from(found, ([{ title }, summaries]) => {
        const summary = summaries.find(({ perSecond }) => perSecond === rate);
        return [count(rate), title, ...(summary ? cellsOf(summary) : Array.from({ length: 10 }, () => '–'))];
      }),
    ),
  };
}

function cellsOf(it: RateSummary): string[] {
  return [
    it.nodeUsPerMessage.toFixed(1),
    it.redisUsPerMessage.toFixed(1),
    it.nodeUsPerDelivery.toFixed(2),
    it.redisUsPerDelivery.toFixed(2),
    it.usPerDelivery.toFixed(2),
    ms(it.p50),
    ms(it.p99),
    it.reached ? percent(it.deliveredShare) : `${percent(it.deliveredShare)}, not reached`,
    percent(it.serverShare),
    `${percent(it.driverShare)}${it.driverShare > driverLimit ? ' \\*' : ''}`,
  ];
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
const count = (value: number): string => Math.round(value).toLocaleString('en');
