import { setTimeout as delay } from 'node:timers/promises';

const intervalMs = 5;

/** Waits until `condition` is true and answers with it. @throws {Error} naming `what`, after the deadline. */
export async function eventually<Value>(
  condition: () => Value | Promise<Value>,
  what: string,
  deadlineMs = 10_000,
): Promise<NonNullable<Value>> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > endMs) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await delay(intervalMs);
  }
}
