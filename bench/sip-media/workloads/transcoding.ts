// A leg that is transcoded from Opus to PCMU: here, and by rtpengine in the same run.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../../support/child-calls.ts';
import { processCpuSeconds } from '../../support/cpu-time.ts';
import type { Effort, Findings } from '../../support/findings.ts';
import { pin, serverCore } from '../../support/pin.ts';
import { median } from '../../support/statistics.ts';
import { type BenchCodec, describeEnd, portOf } from '../formats.ts';
import type { LoadProcess, Talk } from '../processes/load-process.ts';
import { type Rtpengine, startRtpengine } from '../rtpengine.ts';
import { nextSsrc, openPhones, openStage, type Stage } from '../stage.ts';

const packetsPerSecond = 50;

interface Figures {
  readonly name: string;
  readonly against: string;
  /** In CPU seconds a second of a leg, of each round. */
  readonly perLeg: readonly number[];
  /** Packets that came of those that should. */
  readonly served: number;
  readonly rtpengine: boolean;
}

interface Contest {
  readonly name: string;
  /** Legs that hear one Opus voice. */
  readonly legsPerVoice: number;
  readonly phonesSpeak: boolean;
  /** What rtpengine is measured with: it shares nothing between calls. */
  readonly against: string;
}

const contests: readonly Contest[] = [
  { name: 'one way', legsPerVoice: 1, phonesSpeak: false, against: 'one way' },
  { name: 'both ways', legsPerVoice: 1, phonesSpeak: true, against: 'both ways' },
  { name: 'one way, ten phones hear one voice', legsPerVoice: 10, phonesSpeak: false, against: 'one way' },
];

export async function transcoding({ rounds, quick, step }: Effort): Promise<Findings> {
  const legs = quick ? 10 : 40;
  const turnSeconds = quick ? 4 : 5;
  const figures: Figures[] = [];
  let isInstalled = true;
  for (const contest of contests) {
    step(`${contest.name}: the mixer`);
    figures.push(await measureOurs(contest, legs, rounds, turnSeconds));
    if (contest.against !== contest.name) continue;
    step(`${contest.name}: rtpengine`);
    const theirs = await measureTheirs(contest, legs, rounds, turnSeconds);
    if (theirs) figures.push(theirs);
    else isInstalled = false;
  }
  const ratioOf = ({ perLeg, against }: Figures) =>
    median(perLeg) / median(figures.find((one) => one.rtpengine && one.name === against)?.perLeg ?? []);
  return {
    title: 'Transcoding, against rtpengine',
    method: `${legs} legs of PCMU, each with a voice in Opus of a browser (48 kHz, 20 ms) for it alone, or ten legs with one voice: the CPU of all that is involved, here the thread, the main loop and the worker that brings the voice. rtpengine${isInstalled ? '' : ' (not installed here)'} runs in user space and has a call for each leg. Where phones speak as well, rtpengine has to make Opus of it; here it goes into the room as it came. In percent of a core, per leg: the median of ${rounds} turns of ${turnSeconds} s.`,
    table: {
      columns: [
        { title: 'legs' },
        { title: 'by' },
        { title: 'CPU per leg', align: 'right' },
        { title: 'of rtpengine’s', align: 'right' },
        { title: 'served', align: 'right' },
      ],
      rows: figures.map((one) => [
        one.name,
        one.rtpengine ? 'rtpengine' : 'mixer and worker',
        `${(100 * median(one.perLeg)).toFixed(3)} %`,
        isInstalled ? ratioOf(one).toFixed(2) : '–',
        `${(100 * one.served).toFixed(1)} %`,
      ]),
    },
    goals: figures
      .filter(({ rtpengine }) => isInstalled && !rtpengine)
      .map((one) => ({
        name: 'transcoding',
        workload: `transcoding, ${one.name}`,
        goal: 'a leg costs at most what it costs rtpengine',
        measured: `${ratioOf(one).toFixed(2)} times that`,
        reached: ratioOf(one) <= 1,
      })),
    notes: isInstalled ? [] : ['rtpengine is not installed here: `apt-get install rtpengine-daemon`.'],
    results: { legs, figures },
  };
}

async function measureOurs(
  { name, legsPerVoice, phonesSpeak, against }: Contest,
  legs: number,
  rounds: number,
  turnSeconds: number,
): Promise<Figures> {
  await using stage = await openStage();
  for (let voice = 0; voice < legs / legsPerVoice; voice++) {
    const room = `room-${voice}`;
    const talks: Talk[] = [await openVoice(stage, room)];
    for (const way of await openPhones(stage, { room, count: legsPerVoice, perSocket: 1 })) {
      if (phonesSpeak) talks.push({ way, codec: 'PCMU', says: 'speech' });
    }
    await stage.load.call('talk', { talks });
  }
  await sleep(3_000);
  const perLeg: number[] = [];
  const served: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await stage.load.call('count');
    const { main, mixer, worker } = await stage.costPerSecond(turnSeconds);
    const { received } = await stage.load.call('count');
    perLeg.push((main + mixer + worker) / legs);
    // Nobody but phones listens.
    served.push(received / (legs * packetsPerSecond * turnSeconds));
  }
  return { name, against, perLeg, served: median(served), rtpengine: false };
}

/** As a browser's track that is on another worker or node: plain RTP into the room. */
async function openVoice({ server, load }: Stage, room: string): Promise<Talk> {
  const ssrc = nextSsrc();
  const [from] = await load.call('openSockets', { count: 1 });
  if (!from) throw new Error('A socket was not opened.');
  const port = await server.call('openSource', { room, port: from.port, codec: 'opus', ssrc });
  return { way: { socket: from.socket, port }, codec: 'opus', ssrc, tellsLevel: true, says: 'speech' };
}

async function measureTheirs(
  { name, phonesSpeak, against }: Contest,
  legs: number,
  rounds: number,
  turnSeconds: number,
): Promise<Figures | undefined> {
  await using rtpengine = await startRtpengine();
  if (!rtpengine) return undefined;
  // Its load alone is needed of the stage.
  await using stage = await openStage();
  pin(rtpengine.pid, serverCore);
  for (let leg = 0; leg < legs; leg++) {
    const { browser, phone } = await openCall(rtpengine, stage.load, `${name}-${leg}`);
    const talks: Talk[] = [{ way: browser, codec: 'opus', says: 'speech' }];
    if (phonesSpeak) talks.push({ way: phone, codec: 'PCMU', says: 'speech' });
    await stage.load.call('talk', { talks });
  }
  await sleep(3_000);
  const perLeg: number[] = [];
  const served: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await stage.load.call('count');
    const before = processCpuSeconds(rtpengine.pid);
    const startedMs = performance.now();
    await sleep(1_000 * turnSeconds);
    const took = (performance.now() - startedMs) / 1_000;
    perLeg.push((processCpuSeconds(rtpengine.pid) - before) / took / legs);
    const { received } = await stage.load.call('count');
    served.push(received / (legs * packetsPerSecond * took * (phonesSpeak ? 2 : 1)));
  }
  return { name, against, perLeg, served: median(served), rtpengine: true };
}

/** A call from a browser's Opus to a phone's PCMU. */
async function openCall(rtpengine: Rtpengine, load: Child<LoadProcess>, call: string) {
  const [caller, callee] = await load.call('openSockets', { count: 2 });
  if (!caller || !callee) throw new Error('A socket was not opened.');
  const common = { 'call-id': call.replaceAll(/\W/g, '-'), replace: ['origin'], ICE: 'remove' };
  const end = (port: number, codec: BenchCodec) => describeEnd(port, codec);
  const codec = { mask: ['opus'], transcode: ['PCMU'] };
  const offer = { ...common, command: 'offer', 'from-tag': 'a', sdp: end(caller.port, 'opus'), codec };
  const offered = await rtpengine.ask(offer);
  const answer = { ...common, command: 'answer', 'from-tag': 'a', 'to-tag': 'b', sdp: end(callee.port, 'PCMU') };
  const answered = await rtpengine.ask(answer);
  return {
    browser: { socket: caller.socket, port: portOf(answered.sdp) },
    phone: { socket: callee.socket, port: portOf(offered.sdp) },
  };
}
