import type { TrackQuality } from '@parley/client';
import type { Metric } from './track-history.ts';

export const metricNames: Readonly<Record<Metric, string>> = {
  bitrate: 'Bitrate',
  loss: 'Lost packets',
  rttMs: 'Round trip',
  jitterMs: 'Jitter',
  framesPerSecond: 'Frames a second',
};

export function metricText(metric: Metric, value: number): string {
  switch (metric) {
    case 'bitrate':
      return value >= 1_000_000 ? `${(value / 1_000_000).toFixed(1)} Mbit/s` : `${Math.round(value / 1_000)} kbit/s`;
    case 'loss':
      return `${(value * 100).toFixed(1)} %`;
    case 'rttMs':
    case 'jitterMs':
      return `${Math.round(value)} ms`;
    case 'framesPerSecond':
      return String(Math.round(value));
  }
}

/** The numbers of a track in one line. */
export function summaryText({ bitrate, loss, rttMs, height, framesPerSecond }: TrackQuality): string {
  const parts = [metricText('bitrate', bitrate), `${metricText('loss', loss)} lost`];
  if (rttMs > 0) parts.push(metricText('rttMs', rttMs));
  if (height > 0) parts.push(`${height}p`);
  if (framesPerSecond > 0) parts.push(`${Math.round(framesPerSecond)} fps`);
  return parts.join(' · ');
}
