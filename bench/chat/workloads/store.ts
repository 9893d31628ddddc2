// The log on disk alone, next to what the disk does by itself: where the limit of acknowledgements lies.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../../support/child-calls.ts';
import { compiledModule } from '../../support/compile.ts';
import { withDeadline } from '../../support/deadline.ts';
import { type Effort, type Findings, ms } from '../../support/findings.ts';
import { pin, serverCore } from '../../support/pin.ts';
import { median } from '../../support/statistics.ts';
import type { StoreResult, StoreSide } from '../store/store-side.ts';

const textBytes = 100;
/** As many as the server hands over in one call at most. */
const group = 256;
/** What a record of this size takes in a file. */
const recordBytes = 400;
const goalPerSecond = 20_000;
const steadyPerSecond = 10_000;
const callMs = 60_000;

const raw = [1, group].map((records) => ({ name: `raw-${records}`, records }));
const stores = [10, 500].map((rooms) => ({ name: `sqlite-${rooms}`, rooms }));

export async function storeAlone({ rounds, quick, step }: Effort): Promise<Findings> {
  const durationMs = quick ? 700 : 1_500;
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  const turns = new Map<string, StoreResult[]>();
  const add = (name: string, result: StoreResult) => turns.set(name, [...(turns.get(name) ?? []), result]);
  try {
    await using side = await startChild<StoreSide>(compiledModule('chat/store/store-side.ts'));
    pin(side.pid, serverCore);
    const call = <Result>(promise: Promise<Result>) => withDeadline(promise, callMs, 'the store');
    await call(side.call('open', folder));
    const append = async (rooms: number, perSecond: number) =>
      await call(side.call('append', { rooms, textBytes, group, perSecond, durationMs }));
    for (const { rooms } of stores) await append(rooms, 0);
    for (let round = 1; round <= rounds; round++) {
      step(`round ${round} of ${rounds}`);
      for (const { name, records } of raw) {
        const order = { folder, bytes: records * recordBytes, durationMs: durationMs / 2 };
        add(name, await call(side.call('sync', order)));
      }
      for (const { name, rooms } of stores) {
        add(name, await append(rooms, 0));
        add(`${name}-steady`, await append(rooms, steadyPerSecond));
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const of = (name: string, figure: (turn: StoreResult) => number) => median((turns.get(name) ?? []).map(figure));
  const perSecond = (name: string) => of(name, ({ appends, seconds }) => appends / seconds);
  const right = 'right' as const;
  const rawRow = ({ name, records }: (typeof raw)[number]) => [
    `append to a file and fdatasync, ${records === 1 ? 'one record' : `${records} records`} of ${recordBytes} bytes a time`,
    count(records * perSecond(name)),
    count(perSecond(name)),
    ms(of(name, ({ p50 }) => p50)),
    ms(of(name, ({ p99 }) => p99)),
    of(name, ({ cpuSeconds, appends }) => (1e6 * cpuSeconds) / (records * appends)).toFixed(1),
  ];
  const storeRow = (name: string, title: string) => [
    title,
    count(perSecond(name)),
    count(of(name, ({ calls, seconds }) => calls / seconds)),
    ms(of(name, ({ p50 }) => p50)),
    ms(of(name, ({ p99 }) => p99)),
    of(name, ({ cpuSeconds, appends }) => (1e6 * cpuSeconds) / appends).toFixed(1),
  ];
  return {
    title: 'The log on disk alone',
    method: `Records with ${textBytes} bytes of text, in calls of at most ${group} with two under way as the server makes them, each answered when it is on disk; as many as it takes, and ${steadyPerSecond.toLocaleString('en')}/s due at fixed times. Beside it what the same disk does with a file. All on one core.`,
    table: {
      columns: [
        { title: 'what' },
        { title: 'records/s', align: right },
        { title: 'writes/s', align: right },
        { title: 'p50 ms', align: right },
        { title: 'p99 ms', align: right },
        { title: 'CPU-s per million', align: right },
      ],
      rows: [
        ...raw.map(rawRow),
        ...stores.flatMap(({ name, rooms }) => [
          storeRow(name, `SQLite, ${rooms} rooms`),
          storeRow(`${name}-steady`, `SQLite, ${rooms} rooms, ${steadyPerSecond.toLocaleString('en')}/s`),
        ]),
      ],
    },
    goals: stores.map(({ name, rooms }) => ({
      name: `store ${rooms}`,
      workload: 'store',
      goal: `the log on disk alone, ${rooms} rooms: at least ${goalPerSecond.toLocaleString('en')} records/s on one core`,
      measured: `${count(perSecond(name))}/s, p99 ${ms(of(`${name}-steady`, ({ p99 }) => p99))} ms at ${steadyPerSecond.toLocaleString('en')}/s; a file takes ${count(group * perSecond(`raw-${group}`))}/s`,
      reached: perSecond(name) >= goalPerSecond,
    })),
    notes: [],
    results: Object.fromEntries(turns),
  };
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
