// What the bridge adds between a mouth and an ear: from the packet in which a tone begins to the one in which others hear it begin.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Effort, Findings } from '../../support/findings.ts';
import { ms } from '../../support/findings.ts';
import { quantile } from '../../support/statistics.ts';
import type { BenchCodec } from '../formats.ts';
import { nextSsrc, openBrowser, openPhones, openStage, type Stage } from '../stage.ts';

const goalMs = 60;
const settleMs = 10_000;

interface Company {
  readonly name: string;
  /** What the browser speaks; undefined: there is none. */
  readonly browser: BenchCodec | undefined;
  readonly phones: number;
}

const companies: readonly Company[] = [
  { name: 'mixed', browser: 'opus', phones: 2 },
  { name: 'one-to-one, passed through', browser: 'PCMU', phones: 1 },
  { name: 'two phones, passed through', browser: undefined, phones: 2 },
];

export async function delay({ rounds, quick, step }: Effort): Promise<Findings> {
  const roomsOfEach = quick ? 4 : 8;
  const seconds = quick ? 12 : 12 * rounds;
  await using stage = await openStage();
  step('phones and browsers come into their rooms');
  for (const company of companies) {
    for (let at = 0; at < roomsOfEach; at++) await enter(stage, company, `${company.name}/${at}`);
  }
  // Microphones are open for a while before anybody says something: jitter buffers start with more than they need.
  step('jitter buffers settle');
  await sleep(settleMs);
  step(`they speak in turns for ${seconds} s`);
  await stage.load.call('count');
  await stage.load.call('startTurns');
  await sleep(1_000 * seconds);
  const rooms = await stage.load.call('stopTurns');
  const { lateMs } = await stage.load.call('count');

  const paths = companies.flatMap(({ name }) => {
    const here = rooms.filter((room) => room.name.startsWith(`${name}/`));
    const kinds = [...new Set(here.flatMap(({ delaysMs }) => Object.keys(delaysMs)))].sort();
    return kinds.map((kind) => {
      const all = here.flatMap(({ delaysMs }) => delaysMs[kind] ?? []);
      return {
        name,
        kind,
        tones: all.length,
        p50: quantile(all, 0.5),
        p95: quantile(all, 0.95),
        most: Math.max(...all),
      };
    });
  });
  const missed = rooms.reduce((sum, room) => sum + room.missed, 0);
  const worst = Math.max(...paths.map(({ p95 }) => p95));
  const isWhole = missed === 0 && paths.length === 6;
  return {
    title: 'From mouth to ear',
    method: `In ${roomsOfEach} rooms each, one after the other says a tone: phones in PCMU, browsers over ICE, DTLS and SRTP in Opus where voices are mixed. From when the packet with its first sample was sent to when a packet came in which it is heard, and how far inside; Opus’ own delay is in it, what phones and browsers themselves add for packets and jitter is not. Everybody sends at another place between two ticks.`,
    table: {
      columns: [
        { title: 'room' },
        { title: 'from → to' },
        ...['tones', 'p50, ms', 'p95, ms', 'most, ms'].map((title) => ({ title, align: 'right' as const })),
      ],
      rows: paths.map(({ name, kind, tones, p50, p95, most }) => [
        name,
        kind,
        String(tones),
        ms(p50),
        ms(p95),
        ms(most),
      ]),
    },
    goals: [
      {
        name: 'delay',
        workload: 'mouth to ear',
        goal: `the bridge adds at most ${goalMs} ms at p95, on every way`,
        measured: `${ms(worst)} ms on the slowest way`,
        reached: isWhole && worst <= goalMs,
      },
    ],
    notes: [
      `While delays were measured, phones and browsers sent up to ${ms(lateMs)} ms late, which jitter buffers follow.`,
      ...(isWhole ? [] : [`${missed} tones were not heard in time, and ${paths.length} of 6 ways had any.`]),
    ],
    results: { paths, missed, lateMs },
  };
}

async function enter(stage: Stage, { browser: codec, phones }: Company, room: string): Promise<void> {
  const ssrc = nextSsrc();
  const browser = codec === undefined ? undefined : await openBrowser(stage, { room, codec, ssrc });
  const ends = await openPhones(stage, { room, count: phones, perSocket: 1 });
  await browser?.listen();
  await stage.load.call('talkInTurns', {
    talks: [
      ...ends.map((way) => ({ room, kind: 'phone', way, codec: 'PCMU' }) as const),
      ...(browser && codec
        ? [
            {
              room,
              kind: 'browser',
              way: { caller: browser.mouth },
              ears: browser.ears,
              codec,
              ssrc,
              tellsLevel: true,
            } as const,
          ]
        : []),
    ],
  });
}
