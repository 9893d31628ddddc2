// Everybody climbs the same rates, one after the other, for as long as what is published also arrives.

import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../support/statistics.ts';
import type { ClusterContestant } from './contestants.ts';
import { Nodes, type NodesOrder, type NodesResult, type Rooms } from './nodes.ts';

export interface Climb {
  readonly contestants: readonly ClusterContestant[];
  readonly rooms: Rooms;
  readonly order: Omit<NodesOrder, 'perSecond' | 'readsAcks'>;
  /** Ascending. */
  readonly rates: readonly number[];
  /** Those among them that everybody tries, whatever it reached before. */
  readonly always: readonly number[];
  readonly rounds: number;
  step(text: string): void;
}

/** Of one contestant at one rate: medians of its turns. Microseconds. */
export interface RateSummary {
  readonly perSecond: number;
  /** Everything arrived, and in time, in most turns. */
  readonly reached: boolean;
  readonly turns: number;
  readonly nodeUsPerMessage: number;
  readonly redisUsPerMessage: number;
  readonly nodeUsPerDelivery: number;
  readonly redisUsPerDelivery: number;
  /** Of both. */
  readonly usPerDelivery: number;
  readonly deliveriesPerSecond: number;
  /** Of what should have arrived in the time. */
  readonly deliveredShare: number;
  /** From when a message was due to a reader at another node. */
  readonly p50: number;
  readonly p99: number;
  /** Of the core of nodes and Redis. */
  readonly serverShare: number;
  /** The most that the clients used of their core. */
  readonly driverShare: number;
  readonly lost: number;
  readonly repeated: number;
  readonly refused: number;
  readonly unanswered: number;
}

export type Summaries = ReadonlyMap<ClusterContestant, readonly RateSummary[]>;

/** Long enough for the events of joining to be over. */
const settleMs = 1_000;
const deliveredLeast = 0.97;
const warmRates = 2;

export async function climb({ contestants, rooms, order, rates, always, rounds, step }: Climb): Promise<Summaries> {
  const turns = new Map<ClusterContestant, Map<number, NodesResult[]>>();
  for (const contestant of contestants) turns.set(contestant, new Map(rates.map((rate) => [rate, []])));
  const all: Nodes[] = [];
  try {
    for (const contestant of contestants) {
      step(`${contestant.title}: ${rooms.rooms * rooms.membersPerRoom} clients come`);
      const nodes = await Nodes.start(contestant);
      all.push(nodes);
      await nodes.open(rooms);
    }
    await delay(settleMs);
    // Round 0 warms up, as servers that have run for a while, and is not counted.
    for (let round = 0; round <= rounds; round++) {
      for (const nodes of round % 2 === 1 ? all : all.toReversed()) {
        let isBehind = false;
        for (const perSecond of round === 0 ? rates.slice(0, warmRates) : rates) {
          const { contestant } = nodes;
          if (isBehind && !always.includes(perSecond)) continue;
          step(`${contestant.title}, ${perSecond}/s, ${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}`);
          // Only Parley acknowledges.
          const readsAcks = contestant.module === 'parley';
          const result = await nodes.run({ ...order, readsAcks, perSecond });
          if (round > 0) turns.get(contestant)?.get(perSecond)?.push(result);
          if (isReached(result)) continue;
          isBehind = true;
          if (round === rounds && perSecond === rates.at(-1)) continue;
          // What is under way would be part of the next turn.
          await nodes.open(rooms);
          await delay(settleMs);
        }
      }
    }
  } finally {
    await Promise.all(all.map((nodes) => nodes[Symbol.asyncDispose]()));
  }
  return new Map(
    Array.from(turns, ([contestant, ofRates]) => [
      contestant,
      Array.from(ofRates)
        .filter(([, results]) => results.length > 0)
        .map(([perSecond, results]) => summarize(perSecond, results, rounds)),
    ]),
  );
}

function isReached({ deliveries, expected, drained, lost, acks }: NodesResult): boolean {
  return drained && lost === 0 && acks.refused === 0 && deliveries >= deliveredLeast * expected;
}

function summarize(perSecond: number, turns: readonly NodesResult[], rounds: number): RateSummary {
  const of = (figure: (turn: NodesResult) => number) => median(turns.map(figure));
  const total = (figure: (turn: NodesResult) => number) => turns.reduce((sum, turn) => sum + figure(turn), 0);
  const micro = 1e6;
  return {
    perSecond,
    reached: 2 * turns.filter(isReached).length > rounds,
    turns: turns.length,
    nodeUsPerMessage: of((turn) => (micro * turn.nodeCpuSeconds) / turn.published),
    redisUsPerMessage: of((turn) => (micro * turn.redisCpuSeconds) / turn.published),
    nodeUsPerDelivery: of((turn) => (micro * turn.nodeCpuSeconds) / turn.deliveries),
    redisUsPerDelivery: of((turn) => (micro * turn.redisCpuSeconds) / turn.deliveries),
    usPerDelivery: of((turn) => (micro * (turn.nodeCpuSeconds + turn.redisCpuSeconds)) / turn.deliveries),
    deliveriesPerSecond: of((turn) => turn.deliveries / turn.seconds),
    deliveredShare: of((turn) => turn.deliveries / turn.expected),
    p50: of((turn) => turn.delayMs.p50),
    p99: of((turn) => turn.delayMs.p99),
    serverShare: of((turn) => (turn.nodeCpuSeconds + turn.redisCpuSeconds) / turn.seconds),
    driverShare: Math.max(...turns.map(({ driverShare }) => driverShare)),
    lost: total(({ lost }) => lost),
    repeated: total(({ repeated }) => repeated),
    refused: total(({ acks }) => acks.refused),
    unanswered: total(({ acks }) => acks.unanswered),
  };
}
