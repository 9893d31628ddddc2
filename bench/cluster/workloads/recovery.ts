// How long people wait after each fault: what `npm run test:chaos` found and left behind.

import { readFileSync } from 'node:fs';
import type { Findings } from '../../support/findings.ts';

interface Times {
  readonly p50: number;
  readonly worst: number;
}

interface Recovery {
  readonly fault: string;
  /** In words. */
  readonly about?: string;
  readonly rounds: number;
  /** Undefined or null: there was none to wait for. */
  readonly chatMs?: Times | null;
  readonly mediaMs?: Times | null;
  readonly membersMs?: Times | null;
  readonly lost: number;
  readonly doubled: number;
  readonly reordered: number;
  readonly gaps: number;
}

const file = new URL('../../results/recovery.json', import.meta.url);

export async function recovery(): Promise<Findings> {
  const found = read();
  const right = 'right' as const;
  return {
    title: 'Recovery from faults',
    method:
      found.length > 0
        ? 'From the fault to the first message that reaches everybody, to media that flows again, and to members that all nodes agree on, in seconds: the median and the worst of the rounds. Acknowledged messages that were lost, doubled or told in another order, and gaps that people were told of. Everybody writes all the while; what waited goes first, at the 10 messages a second that a person may send (40 at once): after a minute without Redis that is most of the time. By `npm run test:chaos`.'
        : 'Not measured: `npm run test:chaos` was not run here, and leaves bench/results/recovery.json behind.',
    table: {
      columns: [
        { title: 'fault' },
        { title: 'rounds', align: right },
        { title: 'chat', align: right },
        { title: 'media', align: right },
        { title: 'members', align: right },
        { title: 'lost', align: right },
        { title: 'doubled', align: right },
        { title: 'reordered', align: right },
        { title: 'gaps', align: right },
      ],
      rows: found.map(
        ({ fault, about = fault, rounds, chatMs, mediaMs, membersMs, lost, doubled, reordered, gaps }) => [
          about,
          String(rounds),
          ...[chatMs, mediaMs, membersMs].map(seconds),
          ...[lost, doubled, reordered, gaps].map(String),
        ],
      ),
    },
    goals: [],
    notes: [],
    results: found,
  };
}

function seconds(times: Times | null | undefined): string {
  return times ? `${(times.p50 / 1000).toFixed(1)} / ${(times.worst / 1000).toFixed(1)}` : '–';
}

function read(): readonly Recovery[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as readonly Recovery[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
