// The callers of benchmarks of forwarding, in a process of their own: some speak, all hear, everything is counted.

import { setTimeout as sleep } from 'node:timers/promises';
import { answerCalls } from '../support/child-calls.ts';
import { quantile } from '../support/statistics.ts';
import { Onsets, type Speaker, utter } from './onsets.ts';
import { createOpusStream, markOf, packetIntervalMs } from './opus-stream.ts';
import { createRtpCaller, type RemoteTransport, type RtpCaller } from './rtp-caller.ts';
import { answerSdp, offerSdp, type SdpCaller } from './sdp-caller.ts';
import { createVp8Stream } from './vp8-stream.ts';

export type SpeakingCallers = typeof calls;

/** Callers that are measured together. */
interface Group {
  readonly speakers: Speaker[];
  readonly onsets: Onsets;
  receivedPackets: number;
  /** Of the packets that came while they are timed. */
  delaysMs: number[] | undefined;
}

/** What an open microphone sends while nobody speaks into it. */
const noiseDbov = -65;

const callers: (RtpCaller | SdpCaller)[] = [];
const groups = new Map<string, Group>();

const calls = {
  /** Makes a caller that waits for the server's end. With `speaks`, it sends while its group speaks. */
  open({ group: name, ssrc, speaks, shows = false }: OpenOptions) {
    const group = groupOf(name);
    const caller = createRtpCaller({ ssrc, onRtp: (packet) => receive(group, ssrc, packet) });
    const stream = shows ? createVp8Stream({ ssrc }) : createOpusStream({ ssrc });
    if (speaks) group.speakers.push({ caller, stream });
    return { caller: callers.push(caller) - 1, dtlsParameters: caller.dtlsParameters };
  },

  connect({ caller, remote }: { caller: number; remote: RemoteTransport }) {
    const found = callers[caller];
    return found && 'dtlsParameters' in found ? found.connect(remote) : undefined;
  },

  /** The same with session descriptions: with the server's offer it listens, without one it offers to speak. */
  async openSdp({ group: name, ssrc, address, offer }: OpenSdpOptions) {
    const group = groupOf(name);
    const options = { ssrc, address, onRtp: (packet: Buffer) => receive(group, ssrc, packet) };
    const caller = offer === undefined ? await offerSdp(options) : await answerSdp(offer, options);
    if (offer === undefined) group.speakers.push({ caller, stream: createOpusStream({ ssrc }) });
    return { caller: callers.push(caller) - 1, sdp: caller.sdp };
  },

  connectSdp({ caller, answer }: { caller: number; answer?: string }) {
    const found = callers[caller];
    return found && 'sdp' in found ? found.connect(answer) : undefined;
  },

  /**
   * Lets a group speak for a while, and waits for the copies of each packet, or until none arrives any more. `voices`: how many
   * of them speak, all by default; of the others there is noise. `timed`: tells how long packets took, of sounds alone.
   */
  async speak({ group: name, durationMs, copies, timed = false, ...paces }: SpeakOptions) {
    const group = requireGroup(name);
    group.receivedPackets = 0;
    group.delaysMs = timed ? [] : undefined;
    const sentPackets = await sendPaced(group.speakers, durationMs, paces);
    const expectedPackets = sentPackets * copies;
    await drained(group, expectedPackets);
    const { receivedPackets, delaysMs = [] } = group;
    group.delaysMs = undefined;
    const delayMs = { p50: quantile(delaysMs, 0.5), p99: quantile(delaysMs, 0.99) };
    return { sentPackets, expectedPackets, receivedPackets, delayMs };
  },

  /** One after the other says something, while all microphones of the group are open. */
  async utter({ group: name, utterances }: { group: string; utterances: number }) {
    const { speakers, onsets } = requireGroup(name);
    return utter(speakers, onsets, { utterances, noiseDbov });
  },

  closeAll() {
    for (const caller of callers.splice(0)) caller.close();
    groups.clear();
  },
};

interface OpenOptions {
  readonly group: string;
  readonly ssrc: number;
  readonly speaks: boolean;
  /** A picture instead of a sound. */
  readonly shows?: boolean;
}

interface OpenSdpOptions {
  readonly group: string;
  readonly ssrc: number;
  /** Where its ICE is. */
  readonly address: string;
  readonly offer?: string;
}

function groupOf(name: string): Group {
  const group = groups.get(name) ?? { speakers: [], onsets: new Onsets(), receivedPackets: 0, delaysMs: undefined };
  groups.set(name, group);
  return group;
}

function receive(group: Group, listener: number, packet: Buffer): void {
  group.receivedPackets++;
  // Marks are 32 bits of microseconds.
  group.delaysMs?.push(((microseconds() - markOf(packet)) >>> 0) / 1_000);
  if (group.onsets.isOpen) group.onsets.receive(listener, packet);
}

const microseconds = (): number => Math.round(1_000 * performance.now()) >>> 0;

interface SpeakOptions {
  readonly group: string;
  readonly durationMs: number;
  readonly copies: number;
  readonly timed?: boolean;
  readonly voices?: number;
  /** Between two packets of one sender. */
  readonly intervalMs?: number;
}

function requireGroup(name: string): Group {
  const group = groups.get(name);
  if (group === undefined) throw new Error(`There is no group ${name}.`);
  return group;
}

/** What has not come after so long a silence is lost. */
const quietMs = 300;
/** After a delay no more than this goes out at once: a burst would overflow the worker's socket. */
const maxBurst = 32;

/** Sends every stream's packets, evenly over the interval. What a busy machine delays is sent late, not left out. */
async function sendPaced(
  speakers: readonly Speaker[],
  durationMs: number,
  { voices = Number.POSITIVE_INFINITY, intervalMs = packetIntervalMs }: Pick<SpeakOptions, 'voices' | 'intervalMs'>,
): Promise<number> {
  const total = speakers.length * Math.round(durationMs / intervalMs);
  const startedMs = performance.now();
  for (let sent = 0; sent < total; ) {
    const due = Math.ceil(((performance.now() - startedMs) / intervalMs) * speakers.length);
    for (const until = Math.min(due, total, sent + maxBurst); sent < until; sent++) {
      const at = sent % speakers.length;
      const { caller, stream } = speakers[at] as Speaker;
      caller.send(stream.next({ mark: microseconds(), ...(at >= voices && { levelDbov: noiseDbov }) }));
    }
    await sleep(1);
  }
  return total;
}

async function drained(group: Group, expectedPackets: number): Promise<void> {
  for (let before = -1; before !== group.receivedPackets; ) {
    before = group.receivedPackets;
    for (let waitedMs = 0; waitedMs < quietMs && group.receivedPackets < expectedPackets; waitedMs += 10)
      await sleep(10);
  }
}

answerCalls(calls, calls.closeAll);
