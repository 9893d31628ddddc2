import type { Logger } from '../../core/log.ts';

/** Between two log lines about sockets that were closed at once. */
const logIntervalMs = 10_000;

interface PlainSocketsOptions {
  readonly max: number;
  readonly onRefused: () => void;
  readonly log: Logger;
}

/**
 * Counts the TCP connections that are no WebSockets: idle ones, those that have sent half a request, and HTTP. Only requests
 * have an address to be counted by, and silence costs a file descriptor all the same; without descriptors the engine
 * would try to accept for ever and do nothing else.
 */
export class PlainSockets {
  readonly #options: PlainSocketsOptions;
  #count = 0;
  #loggedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: PlainSocketsOptions) {
    this.#options = options;
  }

  /** False: there are too many, and this one is to be closed, which is told as any other closing. */
  opened(): boolean {
    const { max, onRefused, log } = this.#options;
    this.#count++;
    if (this.#count <= max) return true;
    onRefused();
    const nowMs = performance.now();
    if (nowMs - this.#loggedAtMs >= logIntervalMs) {
      this.#loggedAtMs = nowMs;
      log.warn({ max }, 'too many connections that are no WebSockets: new ones are closed at once');
    }
    return false;
  }

  closed(): void {
    this.#count--;
  }

  /** It became a WebSocket, whose end is not told here. */
  upgraded(): void {
    this.#count--;
  }
}
