// The callers of bench/forwarding.ts, in a process of their own: some speak, all hear, everything is counted.

import { setTimeout as sleep } from 'node:timers/promises';
import { answerCalls } from '../support/child-calls.ts';
import { createOpusStream, type OpusStream, packetIntervalMs } from './opus-stream.ts';
import { createRtpCaller, type RemoteTransport, type RtpCaller } from './rtp-caller.ts';

export type SpeakingCallers = typeof calls;

interface Speaker {
  readonly caller: RtpCaller;
  readonly stream: OpusStream;
}

/** Callers that are measured together. */
interface Group {
  readonly speakers: Speaker[];
  receivedPackets: number;
}

const callers: RtpCaller[] = [];
const groups = new Map<string, Group>();

const calls = {
  /** Makes a caller that waits for the server's end. With `speaks`, it sends while its group speaks. */
  open({ group: name, ssrc, speaks }: { group: string; ssrc: number; speaks: boolean }) {
    const group = groups.get(name) ?? { speakers: [], receivedPackets: 0 };
    groups.set(name, group);
    const caller = createRtpCaller({
      ssrc,
      onRtp: () => {
        group.receivedPackets++;
      },
    });
    if (speaks) group.speakers.push({ caller, stream: createOpusStream({ ssrc }) });
    return { caller: callers.push(caller) - 1, dtlsParameters: caller.dtlsParameters };
  },

  connect({ caller, remote }: { caller: number; remote: RemoteTransport }) {
    return callers[caller]?.connect(remote);
  },

  /** Lets a group speak for a while, and waits for the copies of each packet, or until none arrives any more. */
  async speak({ group: name, durationMs, copies }: { group: string; durationMs: number; copies: number }) {
    const group = groups.get(name);
    if (group === undefined) throw new Error(`There is no group ${name}.`);
    group.receivedPackets = 0;
    const sentPackets = await sendPaced(group.speakers, durationMs);
    const expectedPackets = sentPackets * copies;
    await drained(group, expectedPackets);
    return { expectedPackets, receivedPackets: group.receivedPackets };
  },

  closeAll() {
    for (const caller of callers.splice(0)) caller.close();
    groups.clear();
  },
};

/** What has not come after so long a silence is lost. */
const quietMs = 300;
/** After a delay no more than this goes out at once: a burst would overflow the worker's socket. */
const maxBurst = 32;

/** Sends every stream's packets, evenly over the interval. What a busy machine delays is sent late, not left out. */
async function sendPaced(speakers: readonly Speaker[], durationMs: number): Promise<number> {
  const total = speakers.length * Math.round(durationMs / packetIntervalMs);
  const startedMs = performance.now();
  for (let sent = 0; sent < total; ) {
    const due = Math.ceil(((performance.now() - startedMs) / packetIntervalMs) * speakers.length);
    for (const until = Math.min(due, total, sent + maxBurst); sent < until; sent++) {
      const { caller, stream } = speakers[sent % speakers.length] as Speaker;
      caller.send(stream.next());
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
