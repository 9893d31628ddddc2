// What a packet costs a worker when it goes through a room of Parley, against a bare mediasoup router: same worker
// binary, same callers, one run. Nothing of ours touches a packet, so a room should cost next to nothing.

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createBareSide } from './media/bare-router.ts';
import { copiesPerTick, fillRooms, type Meeting } from './media/fill-rooms.ts';
import { measureRounds, type SideSummary, summarize } from './media/forwarding-rounds.ts';
import { createParleySide, type ParleySide } from './media/parley-side.ts';
import type { SpeakingCallers } from './media/speaking-callers.ts';
import { startChild } from './support/child-calls.ts';
import { cpuSecondsOf, type MachineLoad, startLoadMeter, worstOf } from './support/cpu-time.ts';
import { createProgress } from './support/progress.ts';
import { publishReport } from './support/report.ts';

interface MeetingResult {
  readonly bare: SideSummary;
  /** The same on another worker: how far apart two equal things are here. */
  readonly bareAgain: SideSummary;
  readonly room: SideSummary;
  /** CPU of the worker for one reading of all counters, which GET /metrics asks for. */
  readonly statsCpuMs: number;
  readonly statsTracks: number;
}

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
// Many short turns: what others do to the machine changes slowly, and falls on all sides of a round alike.
const rounds = flags.quick ? 6 : 60;
const turnMs = flags.quick ? 400 : 600;
const meetings: readonly Meeting[] = [
  { name: 'stage', about: '4 speak, 100 more listen', rooms: 1, peersPerRoom: 104, speakersPerRoom: 4 },
  { name: 'calls', about: '20 rooms of 4, all speak', rooms: 20, peersPerRoom: 4, speakersPerRoom: 4 },
];

const progress = createProgress('forwarding');
const loads: MachineLoad[] = [];
const results = new Map<Meeting, MeetingResult>();
for (const meeting of meetings) results.set(meeting, await measureMeeting(meeting));
progress.done();

publishReport(
  {
    name: 'forwarding',
    title: 'Forwarding: a room against a bare mediasoup router',
    method:
      'CPU seconds of the media worker for a million forwarded Opus packets, from callers with real ICE, DTLS and SRTP, 50 packets a second each way. ' +
      'The three have the same callers and worker binary and take turns; a ratio compares a turn with the mean of the two bare routers in the same round; its median and quartiles are those of all rounds.',
    table: {
      columns: [
        { title: 'meeting' },
        { title: 'server' },
        { title: 'packets/s', align: 'right' },
        { title: 'CPU-s per million', align: 'right' },
        { title: 'ratio', align: 'right' },
        { title: 'quartiles', align: 'right' },
        { title: 'lost', align: 'right' },
      ],
      rows: [...results].flatMap(([meeting, { bare, bareAgain, room }]) => [
        toRow(`${meeting.name}: ${meeting.about}`, 'bare router', bare),
        toRow('', 'bare router again', bareAgain),
        toRow('', 'Parley room', room),
      ]),
    },
    notes: [
      'The goal is a ratio within 1.05. How far the two bare routers stand apart is what equal servers differ by in this run.',
      ...[...results].map(
        ([meeting, { statsCpuMs, statsTracks }]) =>
          `${meeting.name}: one reading of the traffic counters, at most every 5 s and only when GET /metrics is asked, took the worker ${statsCpuMs.toFixed(1)} ms for ${statsTracks} tracks; the turns are without it.`,
      ),
    ],
    packages: ['mediasoup', 'node-datachannel'],
    load: worstOf(loads),
    settings: { rounds, turnMs, packetsPerSecondPerSpeaker: 50 },
    results: Object.fromEntries([...results].map(([meeting, result]) => [meeting.name, { ...meeting, ...result }])),
  },
  { record: !flags.quick },
);
async function measureMeeting(meeting: Meeting): Promise<MeetingResult> {
  progress.step(`${meeting.name}: ${meeting.about}: connecting`);
  await using callers = await startChild<SpeakingCallers>(new URL('media/speaking-callers.ts', import.meta.url));
  await using bare = await createBareSide('bare');
  await using bareAgain = await createBareSide('bare again');
  await using room = await createParleySide('room');
  const sides = [bare, room, bareAgain];
  for (const side of sides) await fillRooms(side, meeting, callers);
  const load = startLoadMeter([process.pid, callers.pid, ...sides.flatMap(({ workerPids }) => workerPids)]);
  const onRound = (round: number) => progress.step(`${meeting.name}: round ${round + 1} of ${rounds}`);
  // One round for code, caches and estimates to settle.
  await measureRounds({
    sides,
    meeting,
    callers,
    rounds: 1,
    turnMs,
    onRound: () => progress.step(`${meeting.name}: warm-up`),
  });
  const turns = await measureRounds({ sides, meeting, callers, rounds, turnMs, onRound });
  const bases = [bare, bareAgain].map((side) => turns.get(side) ?? []);
  const of = (side: (typeof sides)[number]) => summarize(turns.get(side) ?? [], bases, turnMs);
  loads.push(load.stop());
  return {
    bare: of(bare),
    bareAgain: of(bareAgain),
    room: of(room),
    statsCpuMs: await measureStats(room),
    statsTracks: meeting.rooms * meeting.speakersPerRoom + copiesPerTick(meeting),
  };
}

/** What one reading of the counters costs the worker. */
async function measureStats({ media, workerPids }: ParleySide): Promise<number> {
  const before = cpuSecondsOf(workerPids);
  await media.stats();
  await sleep(50);
  return (cpuSecondsOf(workerPids) - before) * 1000;
}

function toRow(meeting: string, server: string, side: SideSummary): string[] {
  return [
    meeting,
    server,
    side.packetsPerSecond.toFixed(0),
    side.cpuSecondsPerMillion.toFixed(2),
    side.ratio.toFixed(3),
    `${side.ratioLow.toFixed(2)}–${side.ratioHigh.toFixed(2)}`,
    String(side.lostPackets),
  ];
}
