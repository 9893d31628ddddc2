import { Counter, Gauge, type Registry } from '@prometheus-io/client';

/** What a metric reads of a snapshot: one number, or numbers by the value of its label. */
export type Reading = number | Readonly<Record<string, number | undefined>>;

/** One metric of a snapshot: its name without `parley_`, and where its value stands. */
export interface PulledMetric<Snapshot> {
  readonly name: string;
  readonly help: string;
  /** Where readings are by label: its name. Only values from a closed set, or they grow without bound. */
  readonly label?: string;
  readonly read: (snapshot: Snapshot) => Reading;
}

/**
 * Copies numbers that the parts of the server count anyway into metrics when they are asked for, so that counting costs
 * one addition where it happens. A name that ends in `_total` makes a counter, every other a gauge.
 */
export function createPulledMetrics<Snapshot>(registry: Registry, metrics: readonly PulledMetric<Snapshot>[]) {
  const pulled = metrics.map(({ name, help, label, read }) => {
    const options = {
      name: `parley_${name}`,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [registry],
    };
    const metric = name.endsWith('_total') ? new Counter<string>(options) : new Gauge<string>(options);
    return { metric, label, read };
  });

  return {
    set(snapshot: Snapshot): void {
      for (const { metric, label, read } of pulled) {
        metric.reset();
        const reading = read(snapshot);
        if (typeof reading === 'number') metric.inc(reading);
        else if (label !== undefined) {
          for (const [value, count] of Object.entries(reading)) metric.inc({ [label]: value }, count ?? 0);
        }
      }
    },
  };
}
