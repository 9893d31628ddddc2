import { Counter, Histogram, type Registry } from '@prometheus-io/client';
import type { MediaKind } from '../../media/media.ts';
import type { CallJournalStats } from '../quality/call-journal.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export interface QualityMetrics {
  readonly onScored: (kind: MediaKind, score: number) => void;
  readonly onReported: () => void;
}

export function createQualityMetrics(registry: Registry): QualityMetrics {
  const scores = new Histogram({
    name: 'parley_quality_score',
    help: 'Scores of tracks, 1 (bad) to 5, each of them once in every quality.reportIntervalMs.',
    labelNames: ['kind'],
    buckets: [1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5],
    registers: [registry],
  });
  const reports = new Counter({
    name: 'parley_quality_reports_total',
    help: 'Reports of clients about their tracks.',
    registers: [registry],
  });
  const byKind = { audio: scores.labels('audio'), video: scores.labels('video') };
  return { onScored: (kind, score) => byKind[kind].observe(score), onReported: () => reports.inc() };
}

export const journalMetrics: readonly PulledMetric<CallJournalStats>[] = [
  { name: 'call_journal_lines_total', help: 'Calls that were written down.', read: ({ written }) => written },
  {
    name: 'call_journal_dropped_total',
    help: 'Calls that were not, because the disk did not keep up or did not take them.',
    read: ({ dropped }) => dropped,
  },
];
