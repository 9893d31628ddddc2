import { setTimeout as delay } from 'node:timers/promises';

const againMs = 100;

/** What `/ready` answers. Who asks in a loop is refused for asking too often: then again a little later. */
export async function readyOf(server: { readonly url: string }): Promise<{ status: number; body: object }> {
  for (;;) {
    const answer = await fetch(`${server.url}/ready`);
    const body = (await answer.json()) as object;
    if (answer.status !== 429) return { status: answer.status, body };
    await delay(againMs);
  }
}
