import { fullJitterMs } from './backoff.ts';
import { ParleyError, sdkError, toParleyError } from './errors.ts';
import type { Lifetime } from './lifetime.ts';
import type { ClientTiming } from './timing.ts';
import { during, sleep, withTimeout } from './waiting.ts';

interface Token {
  readonly text: string;
  /** By the server, in a session or on the way to one. */
  readonly wasTaken: boolean;
  readonly sinceMs: number;
}

export interface TokenKeeperOptions {
  readonly token: () => string | Promise<string>;
  readonly timing: ClientTiming;
  /** Of the client: with it, nobody waits for tokens any more. */
  readonly life: Lifetime;
  /** Shows the server a fresh token. */
  refresh(token: string): Promise<unknown>;
}

/** A token that could not be shown for so long may have expired meanwhile. */
const freshTokenMs = 30_000;
/** After that many tries the server ends the session, and reconnecting asks for a token again. */
const maxRefreshTries = 6;

/** The client's token: asked for when there is none, kept over connections, replaced before it expires. */
export class TokenKeeper {
  readonly #options: TokenKeeperOptions;
  #token: Token | undefined;
  /** Warnings that a token expires which no refresh has followed yet. */
  #refreshesDue = 0;

  constructor(options: TokenKeeperOptions) {
    this.#options = options;
  }

  /** Refused, an old one is replaced, and a fresh one is the end. */
  get isOld(): boolean {
    const token = this.#token;
    return token !== undefined && (token.wasTaken || performance.now() - token.sinceMs > freshTokenMs);
  }

  /** @throws {ParleyError} TOKEN_UNAVAILABLE, or the ParleyError that the application threw. */
  async get(): Promise<string> {
    this.#token ??= { text: await this.#ask(), wasTaken: false, sinceMs: performance.now() };
    return this.#token.text;
  }

  forget(): void {
    this.#token = undefined;
  }

  /** The server took the token. */
  taken(): void {
    if (this.#token) this.#token = { ...this.#token, wasTaken: true };
  }

  /** The server warned that the token expires. `life` is that of the connection: the next one brings a token anyway. */
  async refresh(life: Lifetime): Promise<void> {
    this.#refreshesDue += 1;
    if (this.#refreshesDue > 1) return;
    while (this.#refreshesDue > 0) {
      this.#refreshesDue = 1;
      for (let tries = 0; tries < maxRefreshTries && !life.ended; tries += 1) {
        if (await this.#tryRefresh(life, tries)) break;
      }
      this.#refreshesDue -= 1;
      // A token that expires soon from the beginning is warned of while it is being taken.
      if (this.#refreshesDue > 0) await sleep(this.#options.timing.reconnectBaseMs, life).catch(() => {});
      if (life.ended) this.#refreshesDue = 0;
    }
  }

  async #tryRefresh(life: Lifetime, tries: number): Promise<boolean> {
    const { timing, refresh } = this.#options;
    try {
      const text = await this.#ask();
      // The newest there is, whether the server hears of it on this connection or on the next.
      this.#token = { text, wasTaken: true, sinceMs: performance.now() };
      if (!life.ended) await refresh(text);
      return true;
    } catch (error) {
      const retryAfterMs = error instanceof ParleyError ? (error.retryAfterMs ?? 0) : 0;
      const delayMs = retryAfterMs + fullJitterMs(tries, timing.retryBaseMs, timing.retryCapMs);
      await sleep(delayMs, life).catch(() => {});
      return false;
    }
  }

  async #ask(): Promise<string> {
    const { token, timing, life } = this.#options;
    try {
      const asked = Promise.resolve().then(token);
      return await during(
        life,
        withTimeout(asked, timing.tokenTimeoutMs, () => sdkError('TOKEN_UNAVAILABLE')),
      );
    } catch (thrown) {
      throw toParleyError(thrown, 'TOKEN_UNAVAILABLE');
    }
  }
}
