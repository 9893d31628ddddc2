// What is heard of a remote track, whichever way and by whichever object it comes: without a gap, as an application
// plays it.

import wrtc from '@roamhq/wrtc';
import type { RemoteTrack, Room } from '../src/index.ts';

/** Of full scale: a tone of a fifth is far above it, and what loss concealment makes of nothing soon below. */
const audible = 0.02 * 0x7fff;

interface Sink {
  ondata: ((data: { readonly samples: Int16Array }) => void) | null;
  stop(): void;
}

export interface HeardSound extends Disposable {
  /** Buffers of 10 ms that could be heard. */
  readonly buffers: number;
  /** The longest time without any, in milliseconds, since the last `restart`. */
  readonly longestGapMs: number;
  restart(): void;
}

export function hear(room: Room, first: RemoteTrack): HeardSound {
  let remote = first;
  let buffers = 0;
  let longestGapMs = 0;
  let lastMs = performance.now();
  let sink: Sink | undefined;
  const attach = () => {
    sink?.stop();
    const { RTCAudioSink } = wrtc.nonstandard as unknown as { RTCAudioSink: new (track: unknown) => Sink };
    sink = new RTCAudioSink(remote.track);
    sink.ondata = ({ samples }) => {
      let loudest = 0;
      for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
      if (loudest < audible) return;
      const nowMs = performance.now();
      longestGapMs = Math.max(longestGapMs, nowMs - lastMs);
      lastMs = nowMs;
      buffers += 1;
    };
  };
  attach();
  let shown = remote.track;
  const follow = (track: RemoteTrack) => {
    if (track.track === shown) return;
    remote = track;
    shown = track.track;
    attach();
  };
  const subscriptions = [
    room.on('trackChanged', (changed) => changed === remote && follow(changed)),
    // Sent with another codec or by another transport, it is another object, also shortly after it was found.
    room.on('trackAdded', (added) => added.peerId === first.peerId && added.source === first.source && follow(added)),
  ];
  return {
    get buffers() {
      return buffers;
    },
    get longestGapMs() {
      return Math.max(longestGapMs, performance.now() - lastMs);
    },
    restart() {
      longestGapMs = 0;
      lastMs = performance.now();
    },
    [Symbol.dispose]() {
      for (const forget of subscriptions) forget();
      sink?.stop();
    },
  };
}
