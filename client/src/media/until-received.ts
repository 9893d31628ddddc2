import type { types } from 'mediasoup-client';
import { statsOf } from './stats.ts';

const lookMs = 50;
/** Somebody may be silent, and send nothing for that. */
const mostMs = 1_000;

/** Resolves when something of it came, or nothing did for a while. Does not reject. */
export async function untilReceived(consumer: types.Consumer, transport: types.Transport): Promise<void> {
  const untilMs = performance.now() + mostMs;
  while (!consumer.closed && performance.now() < untilMs) {
    const report = await statsOf(consumer, transport).catch(() => undefined);
    let packets = 0;
    report?.forEach((entry: { packetsReceived?: number }) => {
      packets += entry.packetsReceived ?? 0;
    });
    if (packets > 0) return;
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}
