import { Histogram, type Registry } from '@prometheus-io/client';
import { type ErrorReason, errorRegistry } from '../../core/errors.ts';
import { descriptors } from '../../proto/gen/descriptors.ts';

/** From one that is answered from memory to one that waits for its deadline. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Told of every call when it has ended. */
export type ObserveCall = (method: string, seconds: number, outcome: 'ok' | ErrorReason) => void;

/**
 * How long calls take, by method and by `ok` or the code of the error: codes are sixteen, reasons are many, and every
 * pair is a histogram of its own.
 */
export function createCallMetrics(registry: Registry): ObserveCall {
  const histogram = new Histogram({
    name: 'parley_call_seconds',
    help: 'How long calls of clients take, by method and outcome (ok, or the code of the error).',
    labelNames: ['method', 'outcome'],
    buckets,
    registers: [registry],
  });
  const children = new Map<string, { observe(seconds: number): void }>();

  return (method, seconds, outcome) => {
    const name = Object.hasOwn(descriptors.methods, method) ? method : 'unknown';
    const code = outcome === 'ok' ? 'ok' : errorRegistry[outcome].code;
    const key = `${name} ${code}`;
    let child = children.get(key);
    if (child === undefined) {
      child = histogram.labels(name, code);
      children.set(key, child);
    }
    child.observe(seconds);
  };
}
