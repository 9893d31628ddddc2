import { setTimeout as delay } from 'node:timers/promises';

const deadlineMs = 10_000;

export async function waitUntil(condition: () => boolean, what: string): Promise<void> {
  const startedMs = performance.now();
  while (!condition()) {
    if (performance.now() - startedMs > deadlineMs) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await delay(10);
  }
}
