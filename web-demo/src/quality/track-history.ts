import type { TrackQuality } from '@parley/client';

/** Each five seconds one: five minutes. */
const maxPoints = 60;
/** A track that was not measured for so long is over. */
const forgetAfterMs = 60_000;

export const metrics = ['bitrate', 'loss', 'rttMs', 'jitterMs', 'framesPerSecond'] as const;
export type Metric = (typeof metrics)[number];

export interface TrackHistory {
  readonly producerId: string;
  readonly direction: 'send' | 'recv';
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly values: Readonly<Record<Metric, readonly number[]>>;
  readonly latest: TrackQuality;
}

export type Histories = ReadonlyMap<string, TrackHistory>;

/** The histories with what was measured now; bounded in length and, by what is forgotten, in number. */
export function withMeasured(histories: Histories, tracks: readonly TrackQuality[], nowMs: number): Histories {
  const next = new Map<string, TrackHistory>();
  for (const [key, history] of histories) {
    const lastMs = (history.times.at(-1) ?? 0) * 1000;
    if (nowMs - lastMs < forgetAfterMs) next.set(key, history);
  }
  for (const track of tracks) {
    const key = `${track.direction} ${track.producerId}`;
    next.set(key, extend(next.get(key), track, nowMs));
  }
  return next;
}

function extend(history: TrackHistory | undefined, track: TrackQuality, nowMs: number): TrackHistory {
  const append = (list: readonly number[] = [], value: number) => [...list, value].slice(-maxPoints);
  return {
    producerId: track.producerId,
    direction: track.direction,
    times: append(history?.times, nowMs / 1000),
    values: {
      bitrate: append(history?.values.bitrate, track.bitrate),
      loss: append(history?.values.loss, track.loss),
      rttMs: append(history?.values.rttMs, track.rttMs),
      jitterMs: append(history?.values.jitterMs, track.jitterMs),
      framesPerSecond: append(history?.values.framesPerSecond, track.framesPerSecond),
    },
    latest: track,
  };
}
