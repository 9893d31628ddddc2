import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `condition` is true, asked every `intervalMs`, and answers with it. @throws {Error} naming `what`, at the end. */
export async function eventually<Value>(
  condition: () => Value | Promise<Value>,
  what: string,
  deadlineMs = 10_000,
  intervalMs = 5,
): Promise<NonNullable<Value>> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > endMs) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await delay(intervalMs);
  }
}
