// What the others in a room notice of one who has stopped reading.

import { setTimeout as delay } from 'node:timers/promises';
import { type Goal, ms } from '../../support/findings.ts';
import { median } from '../../support/statistics.ts';
import { Entrant } from '../contest.ts';
import { ours } from '../contestants.ts';

export interface Others {
  /** The others' p99 in each turn, in pairs. */
  readonly without: readonly number[];
  readonly withStalled: readonly number[];
  readonly arrived: number;
  readonly expected: number;
}

const membersPerRoom = 500;
const load = {
  perSecond: 100,
  publishersPerRoom: 50,
  textBytes: 4_000,
  sampled: 40,
  drainMs: 3_000,
  warmMs: 500,
  readsAcks: true,
};
/**
 * What the kernel takes for a reader that has stopped, some megabytes, would last for as long as a turn: a second room that it
 * is in fills that first.
 */
const fill = {
  group: 0,
  perSecond: 600,
  publishersPerRoom: 30,
  textBytes: 16_000,
  sampled: 1,
  drainMs: 3_000,
  warmMs: 0,
  readsAcks: true,
};
const fillMs = 1_000;
const withinMs = 15_000;
const refillMs = 500;
const goalShare = 1.2;

export const othersTitle = `The others’ delay: in a room of ${membersPerRoom} with ${load.perSecond} messages/s of 4,000 bytes in one server, turns in which everybody reads alternate with turns in which one has stopped, after a second room has filled what the kernel holds for it, so that it is pulling from the log; medians of the turns’ p99.`;

interface Order {
  readonly pairs: number;
  readonly durationMs: number;
  step(text: string): void;
}

export async function othersOf({ pairs, durationMs, step }: Order): Promise<Others> {
  await using entrant = await Entrant.start(ours.disk);
  await entrant.open({ rooms: 1, membersPerRoom: fill.publishersPerRoom });
  await entrant.open({ rooms: 1, membersPerRoom });
  await entrant.driver.call('enterToo', fill.group);
  await delay(refillMs);
  const without: number[] = [];
  const withStalled: number[] = [];
  let arrived = 0;
  let expected = 0;
  const turns = [
    async () => {
      // The same load has gone before, so that the server is as warm as in the other turn.
      await entrant.run({ ...fill, durationMs: fillMs });
      without.push((await entrant.run({ ...load, durationMs })).delayMs.p99);
    },
    async () => {
      await entrant.driver.call('stall', 1);
      const filled = await entrant.run({ ...fill, durationMs: fillMs });
      const result = await entrant.run({ ...load, durationMs, stalled: 1 });
      withStalled.push(result.delayMs.p99);
      const due = filled.total + result.total;
      expected += due;
      arrived += (await entrant.driver.call('goOn', { expected: due, withinMs })).arrived;
    },
  ];
  for (let pair = 1; pair <= pairs; pair++) {
    step(`the others of ${membersPerRoom}, pair ${pair} of ${pairs}`);
    for (const turn of pair % 2 === 1 ? turns : turns.toReversed()) {
      await turn();
      await delay(refillMs);
    }
  }
  return { without, withStalled, arrived, expected };
}

export function toGoal({ without, withStalled }: Others): Goal {
  const [base, stalled] = [median(without), median(withStalled)];
  return {
    name: 'stalled others',
    workload: 'stalled',
    goal: `${ours.disk.title}: the others’ p99 within 20 % of that without the stalled reader, in a room of ${membersPerRoom}`,
    measured: `${ms(stalled)} ms with, ${ms(base)} ms without: ${(100 * (stalled / base - 1)).toFixed(0)} % (${without.length} pairs of turns)`,
    reached: stalled / base <= goalShare,
  };
}
