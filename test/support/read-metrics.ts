import { setTimeout as delay } from 'node:timers/promises';

const againMs = 250;

/** The text of `/metrics`. Who asks in a loop is refused for asking too often: then again a little later. */
export async function readMetrics(serverUrl: string): Promise<string> {
  for (;;) {
    const response = await fetch(`${serverUrl}/metrics`);
    const text = await response.text();
    if (response.ok) return text;
    if (response.status !== 429) throw new Error(`/metrics answers ${response.status}`);
    await delay(againMs);
  }
}
