import { fullJitterMs } from './backoff.ts';
import { ParleyError } from './errors.ts';
import type { Lifetime } from './lifetime.ts';
import type { ClientTiming } from './timing.ts';
import { sleep } from './waiting.ts';

/** After that many tries the server ends the session, and reconnecting asks for a token again. */
const maxTries = 6;

/** Gives the session a fresh token. Resolves with it, or with undefined when that did not succeed; never rejects. */
export async function refreshToken({
  askForToken,
  refresh,
  timing,
  life,
}: {
  askForToken: () => Promise<string>;
  refresh: (token: string) => Promise<unknown>;
  timing: ClientTiming;
  /** Aborted with the connection: the next one brings a token anyway. */
  life: Lifetime;
}): Promise<string | undefined> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    try {
      const token = await askForToken();
      if (life.ended) return token;
      await refresh(token);
      return token;
    } catch (error) {
      const retryAfterMs = error instanceof ParleyError ? (error.retryAfterMs ?? 0) : 0;
      const backoffMs = fullJitterMs(tries, timing.retryBaseMs, timing.retryCapMs);
      const slept = await sleep(retryAfterMs + backoffMs, life).then(
        () => true,
        () => false,
      );
      if (!slept) return undefined;
    }
  }
  return undefined;
}
