import { monitorEventLoopDelay } from 'node:perf_hooks';

const nsInMs = 1e6;
const mostTries = 3;

/**
 * For what holds only while this process runs: a machine that stops it for longer than `stallMs` has made another network than
 * the test did. What failed is tried again then, and only then.
 */
export async function undisturbed(stallMs: number, attempt: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const loop = monitorEventLoopDelay({ resolution: 10 });
    loop.enable();
    try {
      await attempt();
      return;
    } catch (error) {
      if (tries === mostTries || loop.max / nsInMs < stallMs) throw error;
      console.warn(`this process was stopped for ${Math.round(loop.max / nsInMs)} ms: once more`);
    } finally {
      loop.disable();
    }
  }
}
