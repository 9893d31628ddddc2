// What a recording costs for each track: in the process that writes files, and in the worker that sends it copies.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import { createPeerId, type RoomId } from '../../../core/ids.ts';
import { silentLogger } from '../../../core/log.ts';
import type { RoomMedia } from '../../../media/media.ts';
import { RecorderProcess } from '../../../media/recording/recorder-process.ts';
import type { Peer } from '../../../signaling/peer.ts';
import { RoomRecording } from '../../../signaling/recording/room-recording.ts';
import { Roster } from '../../../signaling/roster.ts';
import { type Child, startChild } from '../../support/child-calls.ts';
import { cpuSecondsOf } from '../../support/cpu-time.ts';
import type { Effort, Findings } from '../../support/findings.ts';
import { median } from '../../support/statistics.ts';
import { opusRtpParameters, packetIntervalMs } from '../opus-stream.ts';
import { createParleySide, type ParleySide } from '../parley-side.ts';
import type { SpeakingCallers } from '../speaking-callers.ts';
import { vp8IntervalMs, vp8RtpParameters } from '../vp8-stream.ts';

const roomName = 'recorded' as RoomId;

interface Kind {
  readonly name: string;
  readonly tracks: number;
  readonly isPicture: boolean;
  /** Cores a track. */
  readonly goal: number;
}

const kinds: readonly Kind[] = [
  { name: 'sound in Opus', tracks: 8, isPicture: false, goal: 0.02 },
  { name: 'picture in VP8, 1 Mbit/s', tracks: 4, isPicture: true, goal: 0.05 },
];

/** How long a recording opens: its files, the first key frames, and code that runs for the first time. */
const openingMs = 3_000;

interface Cost extends Kind {
  /** CPU time of the recorder in milliseconds a track for the opening of a recording, of the first one and of those after it. */
  readonly openings: { readonly first: number; readonly later: number };
  /** Cores a track, medians of the turns. */
  readonly recorder: number;
  readonly worker: number;
  readonly bytes: number;
  readonly lostPackets: number;
}

export async function recording({ rounds, quick, step }: Effort): Promise<Findings> {
  const turnMs = quick ? 1_500 : 10_000;
  const costs: Cost[] = [];
  for (const kind of kinds) costs.push(await measureKind(kind, { rounds, turnMs, step }));
  return {
    title: 'Recording',
    method: `The tracks of one room are sent ${rounds} times ${turnMs / 1000} s without and with a recording of them, in turns. Cores a track: all of the recorder’s process, and what the worker needs more than without. The first ${openingMs / 1000} s of each recording, in which files are opened, are counted apart, in CPU time; of the very first, with code that no compiler has seen yet, by itself.`,
    table: {
      columns: [
        { title: 'tracks' },
        { title: 'recorder, cores a track', align: 'right' },
        { title: 'worker, cores a track', align: 'right' },
        { title: 'opening, ms a track', align: 'right' },
        { title: 'written', align: 'right' },
        { title: 'lost', align: 'right' },
      ],
      rows: costs.map(({ name, tracks, recorder, worker, openings: { first, later }, bytes, lostPackets }) => [
        `${tracks} × ${name}`,
        recorder.toFixed(4),
        worker.toFixed(4),
        `${first.toFixed(0)}, later ${Number.isNaN(later) ? '–' : later.toFixed(0)}`,
        `${(bytes / 1e6).toFixed(2)} MB`,
        String(lostPackets),
      ]),
    },
    goals: costs.map(({ name, goal, recorder, worker }) => ({
      name: 'recording',
      workload: `recording of a ${name}`,
      goal: `at most ${goal} of a core a track`,
      measured: (recorder + worker).toFixed(4),
      reached: recorder + worker <= goal,
    })),
    notes: [],
    results: { costs },
  };
}

async function measureKind(
  kind: Kind,
  { rounds, turnMs, step }: { rounds: number; turnMs: number; step: (text: string) => void },
): Promise<Cost> {
  const { name, tracks, isPicture } = kind;
  step(`${name}: connecting`);
  await using callers = await startChild<SpeakingCallers>(new URL('../speaking-callers.ts', import.meta.url));
  await using side = await createParleySide(name, { overrides: { loudestSpeakers: 0, dynacast: false } });
  const room = side.media.openRoom(name);
  for (let at = 0; at < tracks; at++) await send(room, { callers, group: name, ssrc: 700_000 + at, isPicture });
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-recording-'));
  const recorder = await RecorderProcess.create({
    options: { folder, maxRunning: 1, maxHours: 1, minFreeBytes: 0, retention: { days: 0, bytes: 0 } },
    clock: systemClock,
    log: silentLogger,
  });
  const take = (pids: readonly number[], forMs = turnMs) =>
    takeTurn(side, { callers, group: name, turnMs: forMs, isPicture, pids });
  const without: Turn[] = [];
  const openings: Turn[] = [];
  const withIt: Turn[] = [];
  try {
    await take([]);
    for (let round = 1; round <= rounds; round++) {
      step(`${name}: round ${round} of ${rounds}`);
      without.push(await take([]));
      const running = await recorder.start({ room: name, title: name, sources: [], startedBy: 'bench' });
      // The process stays from the first recording on.
      const pids = recorderPids();
      const follows = new RoomRecording({
        room: { media: room, name: roomName, roster: new Roster<Peer>() },
        running,
        log: silentLogger,
      });
      openings.push(await take(pids, openingMs));
      withIt.push(await take(pids));
      const ended = new Promise((resolve) => running.events.once('ended', resolve));
      running.stop();
      await ended;
      follows.close();
    }
    const { bytes, lostPackets } = recorder.stats();
    const worker = median(withIt.map((turn, at) => turn.worker - (without[at]?.worker ?? 0))) / tracks;
    const [first = Number.NaN, ...later] = openings.map(({ recorderMs }) => recorderMs / tracks);
    return {
      ...kind,
      openings: { first, later: later.length > 0 ? median(later) : Number.NaN },
      recorder: median(withIt.map((turn) => turn.recorder)) / tracks,
      worker,
      bytes,
      lostPackets,
    };
  } finally {
    await recorder.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Cores. */
interface Turn {
  readonly worker: number;
  readonly recorder: number;
  /** CPU time. */
  readonly recorderMs: number;
}

async function takeTurn(
  side: ParleySide,
  options: {
    callers: Child<SpeakingCallers>;
    group: string;
    turnMs: number;
    isPicture: boolean;
    pids: readonly number[];
  },
): Promise<Turn> {
  const { callers, group, turnMs, isPicture, pids } = options;
  const startedMs = performance.now();
  const before = [cpuSecondsOf(side.workerPids), cpuSecondsOf(pids)] as const;
  const intervalMs = isPicture ? vp8IntervalMs : packetIntervalMs;
  await callers.call('speak', { group, durationMs: turnMs, copies: 0, intervalMs });
  const seconds = (performance.now() - startedMs) / 1000;
  const spent = [cpuSecondsOf(side.workerPids) - before[0], cpuSecondsOf(pids) - before[1]] as const;
  return { worker: spent[0] / seconds, recorder: spent[1] / seconds, recorderMs: spent[1] * 1000 };
}

async function send(
  room: RoomMedia,
  {
    callers,
    group,
    ssrc,
    isPicture,
  }: { callers: Child<SpeakingCallers>; group: string; ssrc: number; isPicture: boolean },
): Promise<void> {
  const peerId = createPeerId();
  const { caller, dtlsParameters } = await callers.call('open', { group, ssrc, speaks: true, shows: isPicture });
  const transport = await room.createTransport(peerId, { direction: 'send', rtpCapabilities: undefined });
  const { transportId } = transport;
  await room.connectTransport(peerId, transportId, dtlsParameters);
  await callers.call('connect', { caller, remote: transport });
  const of = isPicture
    ? ({ kind: 'video', source: 'camera', rtpParameters: vp8RtpParameters(ssrc) } as const)
    : ({ kind: 'audio', source: 'microphone', rtpParameters: opusRtpParameters(ssrc) } as const);
  await room.produce(peerId, { transportId, owner: peerId, paused: false, ...of });
}

/** Children of this process that record; only Linux tells. */
function recorderPids(): number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number);
  return children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('media/recording/'));
}
