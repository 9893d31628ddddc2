// What somebody hears of somebody else, by whichever track it comes.

import wrtc from '@roamhq/wrtc';
import type { RemoteTrack, Room } from '../../client/src/index.ts';
import { eventually } from '../support/eventually.ts';

/** Of full scale: a tone of a fifth is far above it, and what loss concealment makes of nothing soon below. */
const audible = 0.02 * 0x7fff;
const deadlineMs = 30_000;

interface Sink {
  ondata: ((data: { readonly samples: Int16Array }) => void) | null;
  stop(): void;
}

export interface Listening extends Disposable {
  /** The longest time without a sound since it was heard first. */
  readonly longestMs: number;
  /** When a sound came last, on the clock of `performance`. */
  readonly heardAtMs: number;
  /** How often another track took the place of one. */
  readonly swaps: number;
  /** How often there was none for a moment. */
  readonly holes: number;
  /** It is heard now, and for a while. */
  goesOn(): Promise<void>;
}

/** Resolves when the microphone of that person is heard. */
export async function listenTo(room: Room, identity: string): Promise<Listening> {
  const { RTCAudioSink } = wrtc.nonstandard as unknown as { RTCAudioSink: new (track: unknown) => Sink };
  const sinks = new Map<RemoteTrack, Sink>();
  let buffers = 0;
  let longestMs = 0;
  let lastMs: number | undefined;
  let attached = 0;
  let holes = 0;
  let ended = false;
  const heard = (samples: Int16Array) => {
    let loudest = 0;
    for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
    if (loudest < audible) return;
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - (lastMs ?? nowMs));
    lastMs = nowMs;
    buffers += 1;
  };
  const added = (remote: RemoteTrack) => {
    if (remote.source !== 'microphone' || room.peers.get(remote.peerId)?.identity !== identity) return;
    attached += 1;
    const sink = new RTCAudioSink(remote.track);
    sink.ondata = ({ samples }) => heard(samples);
    sinks.set(remote, sink);
  };
  const removed = (remote: RemoteTrack) => {
    sinks.get(remote)?.stop();
    if (!sinks.delete(remote) || sinks.size > 0) return;
    // Another one that takes its place is added in the same turn.
    queueMicrotask(() => {
      if (sinks.size === 0 && !ended) holes += 1;
    });
  };
  const forget = [room.on('trackAdded', added), room.on('trackRemoved', removed)];
  for (const remote of room.remoteTracks.values()) added(remote);
  const goesOn = async () => {
    const enough = buffers + 50;
    await eventually(() => buffers >= enough, `${identity} to be heard`, deadlineMs);
  };
  await goesOn();
  longestMs = 0;
  return {
    get longestMs() {
      return longestMs;
    },
    get heardAtMs() {
      return lastMs ?? 0;
    },
    get swaps() {
      return attached - 1;
    },
    get holes() {
      return holes;
    },
    goesOn,
    [Symbol.dispose]() {
      ended = true;
      for (const stop of forget) stop();
      for (const remote of [...sinks.keys()]) removed(remote);
    },
  };
}
